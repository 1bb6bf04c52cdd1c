'use strict';
// A real KDC of MIT Kerberos on loopback, with a realm, principals, keytabs and caches of its own in one folder.

const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');

const REALM = 'EXAMPLE.TEST';

/** @returns {Promise<number>} one that nobody listens on; krb5kdc cannot be told to pick one itself */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

class Kdc {
  #folder;
  #tickets = 0;

  /** @param {string} folder */
  constructor(folder) {
    this.#folder = folder;
    fs.writeFileSync(this.file('kdc.acl'), '');
  }

  /** @param {string} name */
  file(name) {
    return path.join(this.#folder, name);
  }

  /** For whoever speaks Kerberos here. @param {string} [cache] of tickets */
  env(cache) {
    return {
      ...process.env,
      KRB5_CONFIG: this.file('krb5.conf'),
      KRB5_KDC_PROFILE: this.file('kdc.conf'),
      ...(cache && { KRB5CCNAME: cache }),
    };
  }

  #configure(port) {
    fs.writeFileSync(
      this.file('krb5.conf'),
      `[libdefaults]
  default_realm = ${REALM}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  kdc_timeout = 5
[realms]
  ${REALM} = {
    kdc = 127.0.0.1:${port}
  }
[domain_realm]
  localhost = ${REALM}
`,
    );
    fs.writeFileSync(
      this.file('kdc.conf'),
      `[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${REALM} = {
    database_name = ${this.file('principal')}
    key_stash_file = ${this.file('stash')}
    acl_file = ${this.file('kdc.acl')}
    max_life = 10h
  }
[logging]
  kdc = STDERR
`,
    );
  }

  /** @param {string} command @param {string[]} args @param {{ input?: string, cache?: string }} [how] */
  run(command, args, { input = '', cache } = {}) {
    const { status, stdout, stderr, error } = spawnSync(command, args, { env: this.env(cache), input, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error ?? ''}${stdout}${stderr}`);
    return stdout;
  }

  /** @param {string} query */
  admin(query) {
    this.run('kadmin.local', ['-r', REALM, '-q', query]);
  }

  /** @param {string} name @param {string} password */
  addUser(name, password) {
    this.admin(`addprinc -pw ${password} ${name}`);
  }

  /** @param {string} name 'HTTP/localhost' @param {string} keytab @returns {string} the keytab */
  addService(name, keytab) {
    this.admin(`addprinc -randkey ${name}`);
    this.admin(`ktadd -k ${this.file(keytab)} ${name}`);
    return this.file(keytab);
  }

  /** @param {string} name @param {string} password @param {string[]} [options] of kinit @returns {string} a new cache with a ticket for it */
  login(name, password, options = []) {
    const cache = `FILE:${this.file(`cache${this.#tickets++}`)}`;
    this.run('kinit', [...options, name], { input: `${password}\n`, cache });
    return cache;
  }

  /** @param {import('./tls.js').Network} network ends it */
  async start(network) {
    for (let attempt = 0; attempt < 5; attempt++) {
      this.#configure(await freePort());
      if (attempt === 0) this.run('kdb5_util', ['create', '-s', '-P', 'master', '-r', REALM]);
      const child = spawn('krb5kdc', ['-n', '-r', REALM], { env: this.env(), stdio: ['ignore', 'ignore', 'pipe'] });
      const exited = once(child, 'exit');
      // It says so once it listens.
      const isUp = await Promise.race([
        exited.then(() => false),
        (async () => {
          let said = '';
          for await (const more of child.stderr.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
            said += more;
            if (said.includes('commencing operation')) return true;
          }
          return false;
        })(),
      ]);
      if (!isUp) continue;
      child.stderr.resume();
      network.atEnd(async () => {
        child.kill('SIGKILL');
        await exited;
      });
      return;
    }
    throw new Error('krb5kdc does not start');
  }
}

module.exports = { Kdc, REALM };
