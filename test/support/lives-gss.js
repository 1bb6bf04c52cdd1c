'use strict';
// What GSSAPI gives, as subjects of lives.js. In their folder: http.keytab, of HTTP/localhost; token, which a client that delegates begins with.

const fs = require('node:fs');
const { setImmediate: turn } = require('node:timers/promises');
const { threadId } = require('node:worker_threads');

const cci = require('../..');
const { native } = require('../../lib/native.js');
const { delegatedOf } = require('../../lib/negotiate/delegated-credential.js');

const WANTS = { delegated: true, localName: true, export: true };

// RFC 4178 section 4.2.1: a NegTokenInit that offers Kerberos, and says nothing by it yet.
const OFFER = Buffer.from('601b06062b0601050502a011300fa00d300b06092a864886f712010202', 'hex');

/**
 * @param {(base: string) => string} file of the folder
 * @param {(headers: object) => Promise<any>} incoming a request that is being answered, with its `response`
 */
function subjectsOfGssapi(file, incoming) {
  let [acceptorOfAll, request] = [];
  let stores = 0;

  const token = () => fs.readFileSync(file('token'));
  // The token is the same each time, which a replay cache would refuse.
  const options = () => ({ keytab: file('http.keytab'), replayCache: 'none:', channelBinding: 'legacy', allowDelegation: true, receiveContextHandle: true });

  async function acquired() {
    const store = [['keytab', file('http.keytab')], ['rcache', 'none:']];
    const credential = await native.GssCredential.acquire({ service: 'HTTP', store, kerberos: true, ntlm: false, spnego: true });
    if (!(credential instanceof native.GssCredential)) throw new Error(JSON.stringify(credential));
    return credential;
  }

  const begun = async () => native.GssExchange.create(await (acceptorOfAll ??= acquired()));

  async function accepted(exchange) {
    const { established, failure } = await exchange.accept(token(), null, WANTS);
    if (established === null) throw new Error(JSON.stringify(failure));
    return established;
  }

  const asking = () => (request ??= incoming({ authorization: `Negotiate ${token().toString('base64')}` }));

  async function authenticated(authenticator) {
    const incomingRequest = await asking();
    const { authStatus, failure } = await authenticator.authenticate(incomingRequest, incomingRequest.response);
    if (authStatus !== cci.AuthStatus.HttpAuthStatusSuccess) throw failure ?? new Error('not authenticated');
  }

  const stored = (delegated) => delegated.store({ ccache: `FILE:${file(`stored-${process.pid}-${threadId}-${(stores += 1)}`)}` });

  return {
    GssCredential: {
      needsKerberos: true,
      isDear: true,
      open: acquired,
      use: async (credential) => void (await accepted(native.GssExchange.create(credential))),
      close: (credential) => credential.release(),
      async work(credential) {
        const exchanges = Array.from({ length: 20 }, () => native.GssExchange.create(credential));
        return { ended: Promise.all([...exchanges.map(accepted), ...Array.from({ length: 5 }, acquired)]) };
      },
    },
    GssExchange: {
      needsKerberos: true,
      isDear: true,
      isSpent: true,
      open: begun,
      // One that has a context, and waits for its client's next token.
      async again() {
        const exchange = await begun();
        const { established, failure } = await exchange.accept(OFFER, null, WANTS);
        if (established !== null || failure !== null) throw new Error(`it does not go on: ${failure?.message}`);
        return exchange;
      },
      use: async (exchange) => void (await accepted(exchange)),
      close: (exchange) => exchange.close(),
      work: async (exchange) => ({ ended: accepted(exchange) }),
    },
    DelegatedCredential: {
      needsKerberos: true,
      isDear: true,
      open: async () => delegatedOf((await accepted(await begun())).delegated, Date.now()),
      use: stored,
      close: (delegated) => delegated.close(),
      work: async (delegated) => ({ ended: Promise.all(Array.from({ length: 8 }, () => stored(delegated))) }),
    },
    NegotiateAuthenticator: {
      needsKerberos: true,
      isDear: true,
      async open() {
        const authenticator = new cci.NegotiateAuthenticator(options());
        await authenticator.ready();
        return authenticator;
      },
      use: authenticated,
      close: (authenticator) => authenticator.close(),
      async work(authenticator) {
        await asking();
        const ended = Promise.all(Array.from({ length: 6 }, () => authenticated(authenticator)));
        // Then the first are with GSSAPI, and the others wait for them.
        await turn();
        return { ended };
      },
    },
  };
}

module.exports = { subjectsOfGssapi };
