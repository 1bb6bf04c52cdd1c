'use strict';
// A realm, a service in it, and servers of that service, each in a process of its own; and requests to them that hear both ends.

const { fork, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const https = require('node:https');
const os = require('node:os');
const path = require('node:path');
const { text } = require('node:stream/consumers');

const { ACCOUNTS } = require('./accounts.js');
const { canSpeakGssapi } = require('./gss-client.js');
const { Kdc, REALM } = require('./kdc.js');
const { Authority } = require('./pki.js');

const PROGRAMS = ['krb5kdc', 'kadmin.local', 'kdb5_util', 'kinit', 'g++'];
const missing = [...PROGRAMS.filter((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0), ...(canSpeakGssapi ? [] : ['python3-gssapi'])];

/** `describe` where Kerberos can be set up; elsewhere says loudly that it skips, and CI counts that as a failure. */
function describeWithKerberos(name, body) {
  if (missing.length === 0) return describe(name, body);
  process.stderr.write(`\n*** SKIPPED *** ${name}: needs ${missing.join(', ')}, which this system lacks\n\n`);
  return describe.skip(name, body);
}

const PASSWORD = 'correct-horse';
const alice = ACCOUNTS.alice.name;
const rules = [
  { principal: `{name}@${REALM}`, account: '{name}' },
  { matchrule: '<SUBJECT>.*', maprule: '{subject_dn_component.cn}' },
];

class World {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-cert-info-'));
  kdc = new Kdc(this.folder);
  authority = new Authority('root');
  credential = this.authority.issueServer(['localhost']);
  #network;

  /** @param {import('./tls.js').Network} network */
  constructor(network) {
    this.#network = network;
    network.atEnd(() => fs.rmSync(this.folder, { recursive: true, force: true }));
  }

  async start() {
    await this.kdc.start(this.#network);
    this.kdc.addUser(alice, PASSWORD);
    this.keytab = this.kdc.addService('HTTP/localhost', 'http.keytab');
    fs.writeFileSync(this.kdc.file('ca.pem'), this.authority.pem);
    const built = spawnSync('g++', ['-std=c++20', '-shared', '-fPIC', path.join(__dirname, 'clock-offset.cc'), '-o', this.kdc.file('clock-offset.so')], { encoding: 'utf8' });
    if (built.status !== 0) throw new Error(built.stderr);
  }

  /** @param {{ env?: object, execArgv?: string[], tls?: object, authenticator?: object, [other: string]: any }} [how] */
  async server({ env = {}, execArgv = [], tls = {}, authenticator = {}, network = this.#network, ...more } = {}) {
    const child = fork(path.join(__dirname, 'negotiate-server.js'), { env: { ...this.kdc.env(), ...env }, execArgv, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const exited = once(child, 'exit');
    network.atEnd(async () => {
      child.kill('SIGKILL');
      await exited;
    });
    const { cert, key } = this.credential;
    child.send({
      authenticator: { keytab: this.keytab, replayCache: `file2:${this.kdc.file('replays')}`, ...authenticator },
      rules,
      tls: { cert, key, ca: this.authority.pem, requestCert: true, rejectUnauthorized: false, maxHeaderSize: 4 * 1024 * 1024, ...tls },
      ...more,
    });
    const ended = exited.then(() => Promise.reject(new Error('the server has ended')));
    const [{ port, failure }] = await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => {});
    return new Server(child, port, failure);
  }
}

class Server {
  #child;
  /** @type {any[]} */ #heard = [];

  constructor(child, port, failure) {
    this.#child = child;
    this.port = port;
    this.failure = failure;
    child.on('message', (message) => {
      if (message.authInfo) this.#heard.push(message.authInfo);
      child.emit('heard');
    });
  }

  /** What it has said since it was asked before. @param {number} count */
  async heard(count = 1) {
    while (this.#heard.length < count) await once(this.#child, 'heard');
    return this.#heard.splice(0);
  }

  /** Memory, once nothing is left to be collected. */
  async collected() {
    this.#child.send({ collect: true });
    for (;;) {
      const [message] = await once(this.#child, 'message');
      if (message.memory) return message;
    }
  }

  /**
   * A request, with what the server said of it.
   *
   * @param {{ authorization?: string | string[], agent?: https.Agent | false, headers?: object, [other: string]: any }} [how]
   */
  async ask({ authorization, agent = false, headers = {}, ...more } = {}) {
    const request = https.get({ host: '127.0.0.1', port: this.port, servername: 'localhost', rejectUnauthorized: false, agent, maxHeaderSize: 4 * 1024 * 1024, headers: { ...headers, ...(authorization && { authorization }) }, ...more });
    const [response] = await once(request, 'response');
    const body = await text(response);
    const [authInfo] = await this.heard();
    return { status: response.statusCode, challenges: challengesOf(response), body: body && JSON.parse(body), authInfo };
  }
}

/** Each WWW-Authenticate field: Node.js joins them. */
function challengesOf({ rawHeaders }) {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1].toLowerCase() === 'www-authenticate');
}

module.exports = { PASSWORD, REALM, World, alice, describeWithKerberos, rules };
