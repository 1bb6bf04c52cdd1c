'use strict';
// A directory of its own for each test, and the ways in which files come, go and are replaced.

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** @type {string[]} */
const made = [];

/** @returns {string} an empty directory, removed after the tests of the file */
function newFolder() {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'material-')));
  made.push(folder);
  return folder;
}

function removeFolders() {
  for (const folder of made.splice(0)) fs.rmSync(folder, { recursive: true, force: true });
}

/** Files by name, a name in a directory that is not there included. @param {string} folder @param {Record<string, string | Uint8Array>} files */
function write(folder, files) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
  }
}

/** As good programs do it: a new file takes the place of the old one. @param {string} file @param {string | Uint8Array} content */
function replace(file, content) {
  fs.writeFileSync(`${file}.tmp`, content);
  fs.renameSync(`${file}.tmp`, file);
}

let volumes = 0;

/**
 * As the kubelet does it (its atomic writer): the files are in a directory with a new name each time, '..data' is a link to it that is replaced by
 * renaming, and what is seen are links through '..data'.
 *
 * @param {string} folder
 * @param {Record<string, string | Uint8Array>} files
 */
function mountVolume(folder, files) {
  const version = `..version_${++volumes}`;
  write(path.join(folder, version), files);
  fs.symlinkSync(version, path.join(folder, '..data_tmp'));
  const data = path.join(folder, '..data');
  const before = fs.existsSync(data) ? fs.readlinkSync(data) : null;
  fs.renameSync(path.join(folder, '..data_tmp'), data);
  for (const name of fs.readdirSync(folder)) if (!name.startsWith('.') && !(name in files)) fs.unlinkSync(path.join(folder, name));
  for (const name of Object.keys(files)) {
    if (!fs.readdirSync(folder).includes(name)) fs.symlinkSync(path.join('..data', name), path.join(folder, name));
  }
  if (before) fs.rmSync(path.join(folder, before), { recursive: true });
}

/** Until a further change would get another time: the clock of a filesystem has ticks. @param {...string} files */
async function untilSettled(...files) {
  const latest = Math.max(...files.map((file) => fs.statSync(file).ctimeMs));
  while (Date.now() <= latest + 25) await new Promise(setImmediate);
}

module.exports = { mountVolume, newFolder, removeFolders, replace, untilSettled, write };
