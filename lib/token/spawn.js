// @ts-check
'use strict';
// A program that runs as a user. Node.js' own `uid` and `gid` options drop all supplementary groups; the launcher that the package builds sets them.

const childProcess = require('node:child_process');
const path = require('node:path');
const { fileURLToPath } = require('node:url');

const { ClientCertError } = require('../errors.js');
const { launcherPath } = require('../native.js');
const { ownOptions } = require('../options.js');
const { systemError } = require('./failures.js');

/** @typedef {import('../index.js').Account} Account */

const OPTIONS = ['cwd', 'env', 'argv0', 'stdio', 'detached', 'signal', 'timeout', 'killSignal'];

// environ(7), as login(1) makes it (ENV_PATH of login.defs).
const PATH = '/usr/local/bin:/usr/bin:/bin';

// The kernel takes 6 MiB of arguments and environment at most (fs/exec.c).
const MAX_MESSAGE = 8 * 1024 * 1024;

/** @param {string} text @param {string} what */
function fieldOf(text, what) {
  if (typeof text !== 'string') throw new TypeError(`${what} must be a string`);
  if (text.includes('\0')) throw new TypeError(`${what} must not have a NUL in it`);
  const octets = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(octets.length);
  return Buffer.concat([length, octets]);
}

/** @param {Account} account @param {unknown} env @returns {string[]} */
function variablesOf(account, env = {}) {
  if (env === null || typeof env !== 'object') throw new TypeError('spawn: env must be an object');
  const all = { __proto__: null, HOME: account.home, USER: account.name, LOGNAME: account.name, SHELL: account.shell || '/bin/sh', PATH, ...env };
  return Object.entries(all)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      if (name === '' || name.includes('=')) throw new TypeError(`spawn: env has no variable ${JSON.stringify(name)}`);
      return `${name}=${value}`;
    });
}

/** @param {unknown} stdio @returns {any[]} three of them: nothing else is inherited */
function stdioOf(stdio = 'pipe') {
  const all = typeof stdio === 'string' ? [stdio, stdio, stdio] : stdio;
  if (!Array.isArray(all) || all.length > 3) throw new TypeError('spawn: stdio must be a string or an array of three at most');
  if (all.includes('ipc')) throw new TypeError("spawn: stdio cannot be 'ipc': the program gets no descriptors but the first three");
  return [0, 1, 2].map((i) => all[i] ?? 'pipe');
}

/** @param {unknown} cwd @returns {string} */
function folderOf(cwd = '/') {
  const folder = cwd instanceof URL ? fileURLToPath(cwd) : cwd;
  if (typeof folder !== 'string' || folder === '') throw new TypeError('spawn: cwd must be a string or a file: URL');
  return path.resolve(folder);
}

/** @param {import('node:child_process').ChildProcess} child @param {string} command @param {readonly string[]} args */
function reportFailure(child, command, args) {
  const channel = /** @type {import('node:stream').Duplex} */ (child.stdio[3]);
  let report = '';
  channel.setEncoding('latin1');
  channel.on('data', (text) => {
    report += text;
  });
  // The program runs by now, or nothing does: then 'exit' says so.
  channel.on('error', () => {});
  channel.on('end', () => {
    const [, errno, syscall] = /^(\d{1,4}) ([a-z_]{1,20})$/.exec(report) ?? [];
    if (errno === undefined) return;
    const isProgram = syscall === 'execve';
    const failed = isProgram ? `spawn ${command}` : syscall;
    child.emit('error', Object.assign(systemError(Number(errno), failed), { path: command, spawnargs: [...args] }));
  });
  return channel;
}

/**
 * @param {Account} account
 * @param {string} command
 * @param {readonly string[]} args
 * @param {any} options
 * @returns {import('node:child_process').ChildProcess}
 */
function spawnAs(account, command, args, options) {
  const own = /** @type {any} */ (ownOptions('spawn', options, OPTIONS));
  if (typeof command !== 'string' || command === '') throw new TypeError('spawn: command must be a non-empty string');
  if (!Array.isArray(args)) throw new TypeError('spawn: args must be an array of strings');
  const { cwd, env, argv0 = command, stdio, detached, signal, timeout, killSignal } = own;
  const variables = variablesOf(account, env);
  const argv = [argv0, ...args];
  const fields = [
    account.uid, account.gid, account.groups.length, ...account.groups, folderOf(cwd), variables.length, ...variables, command, argv.length,
  ].map((field) => fieldOf(String(field), 'spawn: command, cwd and env'));
  const message = Buffer.concat([...fields, ...argv.map((argument) => fieldOf(argument, 'spawn: args'))]);
  if (message.length > MAX_MESSAGE) throw Object.assign(systemError(7, `spawn ${command}`), { path: command, spawnargs: [...args] });
  const channels = [...stdioOf(stdio), 'pipe'];
  // An empty environment: what the loader would obey must not reach the launcher.
  const child = childProcess.spawn(launcherPath, [], /** @type {any} */ ({ __proto__: null, cwd: '/', env: { __proto__: null }, argv0: 'client-cert-info-launcher', stdio: channels, detached, signal, timeout, killSignal }));
  // What was asked for, not the launcher.
  Object.assign(child, { spawnfile: command, spawnargs: argv });
  if (child.pid === undefined) return child;
  reportFailure(child, command, args).end(message);
  return child;
}

/** @param {string} what */
function notPermitted(what) {
  return new ClientCertError(
    'ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL',
    `${what}: the token only identifies; acting as a user needs CAP_SETUID and CAP_SETGID, or root`,
  );
}

module.exports = { notPermitted, spawnAs };
