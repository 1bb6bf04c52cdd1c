'use strict';
// changing-client.cc, built and driven: a client that does what it is told, and shows what it is told to.

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { text } = require('node:stream/consumers');

class ChangingClient {
  /** @type {string} */
  static #folder;

  /** @param {string} folder for the program; has the credentials, PEM of certificate and key, by name */
  static build(folder) {
    const built = spawnSync('g++', ['-std=c++20', path.join(__dirname, 'changing-client.cc'), '-o', path.join(folder, 'client'), '-lssl', '-lcrypto']);
    // Without a compiler the tests that need it skip themselves.
    if (built.status !== 0 && !built.error) throw new Error(String(built.stderr));
    ChangingClient.#folder = folder;
  }

  #got = '';
  #child;

  /** @param {import('./tls.js').Network} network @param {number} port @param {string} version '1.2' or '1.3' @param {string[]} shown one for each time that it is asked; 'none'; 'stall'; 'stolen:NAME' */
  constructor(network, port, version, shown) {
    const folder = ChangingClient.#folder;
    this.#child = spawn(path.join(folder, 'client'), [String(port), version, ...shown.map((name) => {
      if (['none', 'stall'].includes(name)) return name;
      const [, how, file] = /^(stolen:)?(.*)$/.exec(name) ?? [];
      return (how ?? '') + path.join(folder, file);
    })]);
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.on('data', (more) => {
      this.#got += more;
    });
    /** What it got, and why it ended. */
    this.output = text(this.#child.stdout);
    network.atEnd(() => this.#child.kill('SIGKILL'));
  }

  /** @param {...string} commands */
  does(...commands) {
    this.#child.stdin.write(commands.map((command) => `${command}\n`).join(''));
  }

  /** @param {string} what */
  async hears(what) {
    while (!this.#got.includes(what)) await once(this.#child.stdout, 'data');
  }

  /** @param {NodeJS.Signals} signal */
  kill(signal) {
    this.#child.kill(signal);
  }
}

module.exports = { ChangingClient };
