'use strict';
// Accounts of the system that tests act as. Made before all suites and removed after them (global-setup.js), where this is root on Linux.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const PREFIX = 'ccitest-';
const TEAM = `${PREFIX}team`;

/** name: of the account; uid is the system's choice. alice and carol are in the team. */
const ACCOUNTS = {
  alice: { name: `${PREFIX}alice`, groups: [TEAM] },
  bob: { name: `${PREFIX}bob`, groups: [] },
  carol: { name: `${PREFIX}carol`, groups: [TEAM] },
  locked: { name: `${PREFIX}locked`, groups: [], password: '!$6$salt$hash' },
  expired: { name: `${PREFIX}expired`, groups: [], expires: '1970-01-02' },
};

const hasCommand = (name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;
const canMakeAccounts = process.platform === 'linux' && process.getuid() === 0 && hasCommand('useradd');

function run(command, args) {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}

const exists = (database, name) => spawnSync('getent', [database, name]).status === 0;

// Runs at the same time share the accounts: whoever ends last removes them.
const RUNS = path.join(os.tmpdir(), 'client-cert-info-accounts');

/** @param {string} pid @returns {boolean} */
function isAlive(pid) {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

const LOCK = `${RUNS}.lock`;
const LOCK_SECONDS = 60;

/** @returns {string} pid; that of this process where nobody holds it any more */
function holder() {
  try {
    return fs.readlinkSync(LOCK);
  } catch {
    return String(process.pid);
  }
}

/** A run that begins must not find accounts that one that ends is about to remove. @param {() => void} work */
function alone(work) {
  for (const end = Date.now() + LOCK_SECONDS * 1000; ; ) {
    try {
      fs.symlinkSync(String(process.pid), LOCK);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST' || Date.now() > end) throw error;
    }
    if (!isAlive(holder())) fs.rmSync(LOCK, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  }
  try {
    work();
  } finally {
    fs.rmSync(LOCK);
  }
}

/** @param {string} database @param {string} name @param {string} command @param {string[]} args */
function make(database, name, command, args) {
  if (exists(database, name)) return;
  try {
    run(command, [...args, name]);
  } catch (error) {
    // Another run was faster.
    if (!exists(database, name)) throw error;
  }
}

const makeAccounts = () => alone(() => {
  fs.mkdirSync(RUNS, { recursive: true });
  fs.writeFileSync(path.join(RUNS, String(process.pid)), '');
  make('group', TEAM, 'groupadd', []);
  for (const { name, groups, password, expires } of Object.values(ACCOUNTS)) {
    const more = [...(groups.length ? ['-G', groups.join()] : []), ...(password ? ['-p', password] : []), ...(expires ? ['-e', expires] : [])];
    make('passwd', name, 'useradd', ['-M', '-U', '-d', '/nonexistent', '-s', '/bin/sh', ...more]);
  }
});

const removeAccounts = () => alone(() => {
  fs.rmSync(path.join(RUNS, String(process.pid)), { force: true });
  if (fs.existsSync(RUNS) && fs.readdirSync(RUNS).some(isAlive)) return;
  fs.rmSync(RUNS, { recursive: true, force: true });
  for (const { name } of Object.values(ACCOUNTS)) if (exists('passwd', name)) run('userdel', ['-f', name]);
  for (const name of [TEAM, ...Object.values(ACCOUNTS).map((account) => account.name)]) if (exists('group', name)) run('groupdel', [name]);
});

/** `describe` where there are accounts to act as; elsewhere it says loudly that it skips, and CI counts that as a failure. */
function describeAsRoot(name, body) {
  if (canMakeAccounts) return describe(name, body);
  process.stderr.write(`\n*** SKIPPED *** ${name}: acting as other users needs root and useradd\n\n`);
  return describe.skip(name, body);
}

module.exports = { ACCOUNTS, TEAM, canMakeAccounts, describeAsRoot, makeAccounts, removeAccounts };
