// @ts-check
'use strict';
// The text of a grid-mapfile, as Globus has it: '"/O=Example/CN=Ada" ada,guest'.

const { isUtf8 } = require('node:buffer');

const { ClientCertError } = require('../errors.js');
const { isUserName } = require('./user-name.js');

/**
 * @typedef {{ line: number, users: readonly string[] }} Entry frozen; the first user is the default
 * @typedef {ReadonlyMap<string, Entry>} Gridmap by name, as DistinguishedName.toOneline() writes it
 */

// The largest grid-mapfiles, those of whole infrastructures, have some ten thousand lines.
const MAX_OCTETS = 8 * 1024 * 1024;
const MAX_LINES = 100_000;
const MAX_LINE = 65_536;

/** @param {string} message @param {number} line @param {string | undefined} path */
function malformed(message, line, path) {
  const where = path === undefined ? 'gridmap' : `gridmap: ${path}`;
  return new ClientCertError('ERR_CLIENT_CERT_MALFORMED', `${where}: line ${line}: ${message}`, path === undefined ? { line } : { line, path });
}

/** @param {number} octet */
function written(octet) {
  const character = String.fromCharCode(octet);
  // As in DistinguishedName.toOneline(): a '/' within a value is never one that begins an attribute.
  const isPlain = octet >= 0x20 && octet <= 0x7e && character !== '/' && character !== '\\';
  return isPlain ? character : `\\x${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** @param {string} text @returns {string} each character with its octets, as toOneline() has those that are not printable */
const writtenText = (text) => [...Buffer.from(text)].map(written).join('');

/**
 * '\x2F' stays as it is, unlike in Globus: there, CN=a/CN=b could not be told from a value with a '/'.
 *
 * @param {string} dn as it stands in the file, without quotes
 * @returns {string | null} as toOneline() writes it; null: a '\' at the end
 */
function canonicalName(dn) {
  if (/(?<!\\)(?:\\\\)*\\$/.test(dn)) return null;
  return dn
    .replace(/\\x([0-9a-fA-F]{2})|\\([\s\S])|[^ -~]/gu, (whole, hex, escaped) => {
      if (hex !== undefined) return written(parseInt(hex, 16));
      return writtenText(escaped ?? whole);
    })
    .replace(/\/(?:E|Email)=/g, '/emailAddress=')
    .replace(/\/USERID=/g, '/UID=');
}

/** @param {string} line @returns {{ dn: string, rest: string } | string} a string: what is wrong */
function splitLine(line) {
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"/.exec(line);
  if (quoted) return { dn: quoted[1], rest: line.slice(quoted[0].length) };
  if (line.startsWith('"')) return 'a closing quotation mark is missing';
  const [dn] = line.split(/[ \t]/, 1);
  return { dn, rest: line.slice(dn.length) };
}

/** @param {string} line neither empty nor a comment @returns {{ dn: string, users: string[] } | string} a string: what is wrong */
function parseLine(line) {
  const split = splitLine(line);
  if (typeof split === 'string') return split;
  const dn = canonicalName(split.dn);
  if (dn === null || !dn.startsWith('/')) return `a name such as "/O=Example/CN=Ada" is expected`;
  if (!/^[ \t]/.test(split.rest)) return 'blanks are expected after the name, and then users';
  // Whatever follows the users is ignored.
  const [list] = split.rest.trimStart().split(/[ \t]/, 1);
  const users = [...new Set(list.split(','))];
  const wrong = users.find((user) => !isUserName(user));
  return wrong === undefined ? { dn, users } : `'${wrong}' is not the name of a user`;
}

/**
 * @param {Uint8Array} octets
 * @param {string} [path] for messages
 * @returns {Gridmap}
 * @throws {ClientCertError} ERR_CLIENT_CERT_MALFORMED, with the `line`, and the `path` if there is one
 */
function parseGridmap(octets, path) {
  if (octets.length > MAX_OCTETS) throw malformed(`more than ${MAX_OCTETS} octets`, 1, path);
  if (!isUtf8(octets)) throw malformed('not UTF-8', 1, path);
  const lines = Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString().split('\n');
  if (lines.length > MAX_LINES + 1) throw malformed('too many lines', MAX_LINES + 1, path);
  /** @type {Map<string, Entry>} */
  const gridmap = new Map();
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/^[ \t]+/, '').replace(/\r$/, '');
    if (line === '' || line.startsWith('#')) continue;
    const parsed = line.length > MAX_LINE ? `more than ${MAX_LINE} characters` : parseLine(line);
    if (typeof parsed === 'string') throw malformed(parsed, index + 1, path);
    const before = gridmap.get(parsed.dn);
    if (before !== undefined && before.users.join() !== parsed.users.join()) {
      throw malformed(`the same name as in line ${before.line}, but other users`, index + 1, path);
    }
    if (before === undefined) gridmap.set(parsed.dn, Object.freeze({ line: index + 1, users: Object.freeze(parsed.users) }));
  }
  return gridmap;
}

module.exports = { MAX_OCTETS, parseGridmap };
