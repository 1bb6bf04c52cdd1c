'use strict';
// Real TLS servers and clients on loopback, on ports that the system picks; everything that was started is ended by end().

const { once } = require('node:events');
const tls = require('node:tls');

/** What a test has started. */
class Network {
  #closing = [];

  /** @param {() => unknown} close */
  atEnd(close) {
    this.#closing.push(close);
  }

  async end() {
    for (const close of this.#closing.reverse()) await close();
    this.#closing = [];
  }

  /** @param {import('node:net').Server} server @returns {Promise<number>} its port */
  async listen(server) {
    const sockets = new Set();
    for (const event of ['connection', 'secureConnection']) {
      server.on(event, (socket) => {
        sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => sockets.delete(socket));
      });
    }
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    this.atEnd(() => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      return closed;
    });
    return server.address().port;
  }

  /**
   * A TLS server whose `observe(socket)` is called for each connection, and whose answer is what connect() resolves with.
   *
   * @param {tls.TlsOptions} options
   * @param {(socket: tls.TLSSocket) => unknown} observe
   */
  async server(options, observe) {
    const server = tls.createServer({ requestCert: true, rejectUnauthorized: false, sessionIdContext: 'test', ...options });
    /** @type {Array<(outcome: { value?: unknown, error?: unknown }) => void>} */
    const waiting = [];
    server.on('secureConnection', async (socket) => {
      let outcome;
      try {
        outcome = { value: await observe(socket) };
      } catch (error) {
        outcome = { error };
      }
      waiting.shift()?.(outcome);
      // In TLS 1.3 tickets are sent after this event: the client waits for the octet.
      socket.end('.');
    });
    const port = await this.listen(server);

    /**
     * One connection at a time.
     *
     * @param {tls.ConnectionOptions} [client]
     * @returns {Promise<{ value: any, session: Buffer | undefined }>}
     */
    const connect = async (client = {}) => {
      const observed = new Promise((resolve) => waiting.push(resolve));
      const socket = tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...client });
      let session;
      socket.on('session', (latest) => {
        session = latest;
      });
      const closed = new Promise((resolve, reject) => {
        socket.on('close', resolve);
        socket.on('error', reject);
      });
      socket.resume();
      const [outcome] = await Promise.all([observed, closed]);
      if (outcome.error) throw outcome.error;
      return { value: outcome.value, session };
    };
    return { server, port, connect };
  }
}

/** As an application does that shares sessions between processes. @param {tls.Server} server @returns {Map<string, Buffer>} */
function keepSessions(server) {
  const sessions = new Map();
  server.on('newSession', (id, session, done) => {
    sessions.set(id.toString('hex'), session);
    done();
  });
  server.on('resumeSession', (id, done) => done(null, sessions.get(id.toString('hex')) ?? null));
  return sessions;
}

/** @param {string} version 'TLSv1.2' or 'TLSv1.3' */
const only = (version) => ({ minVersion: version, maxVersion: version });

const VERSIONS = ['TLSv1.2', 'TLSv1.3'];

module.exports = { Network, VERSIONS, keepSessions, only };
