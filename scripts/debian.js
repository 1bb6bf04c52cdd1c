'use strict';
// Packages of another Debian release, unpacked into a folder: by apt, which verifies what it gets, from the mirror that this machine uses. Nothing of
// them is installed here, and no script of theirs is run.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** @param {string} command @param {string[]} args @param {string} [cwd] @returns {string} what it printed */
function output(command, args, cwd) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

/** @returns {string} */
function configuredMirror() {
  const targets = output('apt-get', ['indextargets', '--format', '$(ORIGIN) $(LABEL) $(SITE)', 'Created-By: Packages']);
  const mirror = targets.split('\n').find((line) => line.startsWith('Debian Debian '))?.split(' ')[2];
  if (!mirror) throw new Error('apt knows no mirror of Debian here; --mirror URL says one');
  return mirror;
}

/** Absolute links would lead out of the folder, to this machine's own libraries. @param {string} folder */
function makeLinksRelative(folder) {
  for (const entry of fs.readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const link = path.join(entry.parentPath ?? entry.path, entry.name);
    const target = fs.readlinkSync(link);
    if (!path.isAbsolute(target)) continue;
    fs.rmSync(link);
    fs.symlinkSync(path.relative(path.dirname(link), path.join(folder, target)), link);
  }
}

/**
 * @param {object} wanted
 * @param {string} wanted.folder where they are to be; it must not be there yet
 * @param {string} wanted.release its code name
 * @param {string[]} wanted.packages
 * @param {boolean} [wanted.dependencies] whether what they depend on comes along
 * @param {string} [wanted.mirror] else the one that apt is configured with
 * @param {(tree: string) => void} [wanted.prepare] the folder, before it is put in place
 */
function unpackDebian({ folder, release, packages, dependencies = false, mirror = configuredMirror(), prepare = () => {} }) {
  const work = `${folder}.incomplete`;
  fs.rmSync(work, { recursive: true, force: true });
  const [lists, archives, tree] = ['lists', 'archives', 'tree'].map((name) => path.join(work, name));
  for (const part of [path.join(lists, 'partial'), path.join(archives, 'partial'), tree]) fs.mkdirSync(part, { recursive: true });
  fs.writeFileSync(path.join(work, 'sources.list'), `deb [signed-by=${KEYRING}] ${mirror} ${release} main\n`);
  fs.writeFileSync(path.join(work, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': path.join(work, 'sources.list'),
    'Dir::Etc::sourceparts': '-',
    'Dir::Etc::preferencesparts': '-',
    'Dir::State': work,
    'Dir::State::lists': lists,
    'Dir::State::status': path.join(work, 'status'),
    'Dir::Cache': work,
    'Dir::Cache::archives': archives,
    'APT::Architecture': 'amd64',
    'APT::Architectures': 'amd64',
    'APT::Get::AllowUnauthenticated': 'false',
    'Acquire::AllowInsecureRepositories': 'false',
    'Debug::NoLocking': 'true',
  };
  const options = ['-q', ...Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])];
  output('apt-get', ['update', '--error-on=any', ...options]);
  const words = dependencies ? ['install', '--download-only', '--yes', '--no-install-recommends'] : ['download'];
  output('apt-get', [...words, ...options, ...packages], archives);
  for (const file of fs.readdirSync(archives).filter((name) => name.endsWith('.deb'))) output('dpkg-deb', ['--extract', path.join(archives, file), tree]);
  makeLinksRelative(tree);
  prepare(tree);
  fs.renameSync(tree, folder);
  fs.rmSync(work, { recursive: true });
}

module.exports = { output, unpackDebian };
