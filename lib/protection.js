// @ts-check
'use strict';
// The servers whose handshakes a verifier judges. A connection is marked when its server has made it, before its handshake verifies anything;
// whatever slips through is refused afterwards.

const tls = require('node:tls');

const { ClientCertError } = require('./errors.js');
const { native } = require('./native.js');

/** @type {WeakMap<tls.Server, Protection>} */
const protections = new WeakMap();

/** @param {tls.TLSSocket} socket @param {boolean} ends the connection */
function refuse(socket, ends) {
  const state = /** @type {any} */ (socket);
  state.authorized = false;
  state.authorizationError ??= 'UNSPECIFIED';
  if (ends) socket.destroy();
}

class Protection {
  #verifier;
  #native;
  #clock;

  /**
   * @param {object} verifier
   * @param {import('../binding.js').Verifier} handle
   * @param {() => number} clock milliseconds since 1970
   */
  constructor(verifier, handle, clock) {
    this.#verifier = verifier;
    this.#native = handle;
    this.#clock = clock;
  }

  /** @param {tls.Server} server @throws {TypeError} @throws {ClientCertError} ERR_CLIENT_CERT_NOT_SUPPORTED */
  add(server) {
    if (!(server instanceof tls.Server)) throw new TypeError('protect: server must be a tls.Server, an https.Server or a secure HTTP/2 server');
    const other = protections.get(server);
    if (other === this) return;
    if (other) throw new ClientCertError('ERR_CLIENT_CERT_NOT_SUPPORTED', 'another verifier protects this server already');
    protections.set(server, this);

    // Node makes the TLS connection in a listener of 'connection' between these two.
    let created = 0;
    server.prependListener('connection', () => {
      created = native.connectionsCreated();
    });
    server.on('connection', (/** @type {import('node:net').Socket} */ raw) => {
      try {
        native.protectConnectionsSince(created, this.#native, this.#clock());
      } catch (error) {
        // Without a clock nobody is judged. What is thrown here would end the process.
        raw.destroy(/** @type {Error} */ (error));
      }
    });
    server.prependListener('secureConnection', (socket) => this.#check(server, socket));
  }

  /** @param {tls.Server} server @param {tls.TLSSocket} socket */
  #check(server, socket) {
    if (socket.destroyed) return;
    const finished = socket.getFinished();
    const isJudged = finished !== undefined && native.isProtectedBy(finished, this.#native);
    // Somebody has taken the listeners away, or made the connection elsewhere: nobody is let in by chance.
    if (!isJudged) {
      refuse(socket, true);
      return;
    }
    // Some Node.js lines take a resumed TLS 1.3 session without a certificate for an authorized client.
    const { requestCert, rejectUnauthorized } = /** @type {any} */ (server);
    if (socket.authorized && native.sentNoCertificate(finished)) refuse(socket, Boolean(requestCert) && rejectUnauthorized !== false);
  }

  get verifier() {
    return this.#verifier;
  }
}

/** @param {tls.TLSSocket | undefined} socket @returns {any} the verifier that protects its server; undefined: none does */
function protectorOf(socket) {
  const server = /** @type {any} */ (socket)?.server;
  return server && protections.get(server)?.verifier;
}

module.exports = { Protection, protectorOf };
