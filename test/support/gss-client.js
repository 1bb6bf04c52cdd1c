'use strict';
// gss-client.py, driven: tokens as a client of Kerberos or NTLM makes them.

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const readline = require('node:readline');

// The distribution's: its module gssapi belongs to it.
const PYTHON = '/usr/bin/python3';

const canSpeakGssapi = spawnSync(PYTHON, ['-c', 'import gssapi']).status === 0;

class GssClient {
  #child;
  #lines;
  #last = 0;

  /** @param {import('./tls.js').Network} network ends it @param {NodeJS.ProcessEnv} env with KRB5_CONFIG and KRB5CCNAME */
  constructor(network, env) {
    this.#child = spawn(PYTHON, [path.join(__dirname, 'gss-client.py')], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = readline.createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    const exited = once(this.#child, 'exit');
    network.atEnd(async () => {
      this.#child.kill('SIGKILL');
      await exited;
    });
  }

  async #ask(question) {
    this.#child.stdin.write(`${JSON.stringify(question)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the client of GSSAPI has ended');
    return JSON.parse(value);
  }

  /**
   * A new context, and its first token.
   *
   * @param {{ service?: string, mech?: 'spnego' | 'krb5' | 'ntlm', binding?: string, flags?: string[], user?: string, password?: string }} [how]
   * @returns {Promise<{ id: number, token: string, complete: boolean, mutual: boolean, error?: string }>}
   */
  async begin({ service = 'HTTP@localhost', mech = 'spnego', flags = ['mutual_authentication', 'replay_detection'], ...more } = {}) {
    this.#last += 1;
    return { id: this.#last, ...(await this.#ask({ do: 'new', id: this.#last, service, mech, flags, ...more })) };
  }

  /** @param {number} id @param {string} token of the server */
  step(id, token) {
    return this.#ask({ do: 'step', id, token });
  }
}

module.exports = { GssClient, canSpeakGssapi };
