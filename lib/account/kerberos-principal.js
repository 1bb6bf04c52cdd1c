// @ts-check
'use strict';
// The principal of a PKINIT subject alternative name (RFC 4556 section 3.2.2), as 'alice@REALM' or 'host/name@REALM'.

const PKINIT_OID = '1.3.6.1.5.2.2';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const GENERAL_STRING = 0x1b;
const CONTEXT_0 = 0xa0;
const CONTEXT_1 = 0xa1;

const MAX_COMPONENTS = 16;
// Whatever would have to be escaped is not written at all: 'a\@b@REALM' is easily taken for something else.
const PLAIN = /^[!-.0-?A-[\]-~]+$/;

/** @param {Buffer} der @param {number} tag @returns {{ content: Buffer, rest: Buffer } | null} null: something else */
function element(der, tag) {
  if (der.length < 2 || der[0] !== tag) return null;
  const octets = der[1] < 0x80 ? 0 : der[1] & 0x7f;
  if (octets > 2 || der[1] === 0x80 || der.length < 2 + octets) return null;
  const length = octets === 0 ? der[1] : der.readUIntBE(2, octets);
  const from = 2 + octets;
  if (der.length < from + length) return null;
  return { content: der.subarray(from, from + length), rest: der.subarray(from + length) };
}

/** @param {Buffer | undefined} der @param {number} tag @returns {Buffer | null} its content; null: something else, or more than that */
function only(der, tag) {
  const found = der && element(der, tag);
  return found && found.rest.length === 0 ? found.content : null;
}

/** @param {Buffer | null | undefined} der @returns {string | null} */
function plainString(der) {
  const content = der && only(der, GENERAL_STRING);
  const text = content ? content.toString('latin1') : '';
  return PLAIN.test(text) ? text : null;
}

/** @param {Buffer} names the content of a SEQUENCE OF KerberosString @returns {string | null} */
function joinedNames(names) {
  const found = [];
  for (let rest = names; rest.length > 0; ) {
    const next = element(rest, GENERAL_STRING);
    const text = next && plainString(rest.subarray(0, rest.length - next.rest.length));
    if (!next || !text || found.length === MAX_COMPONENTS) return null;
    found.push(text);
    rest = next.rest;
  }
  return found.length > 0 ? found.join('/') : null;
}

/** @param {Buffer} der KRB5PrincipalName @returns {string | null} null: none that can be written without escapes */
function kerberosPrincipal(der) {
  const sequence = only(der, SEQUENCE);
  const realmPart = sequence && element(sequence, CONTEXT_0);
  const realm = realmPart && plainString(realmPart.content);
  const name = realmPart && only(only(realmPart.rest, CONTEXT_1) ?? undefined, SEQUENCE);
  const type = name && element(name, CONTEXT_0);
  if (!realm || !type || only(type.content, INTEGER) === null) return null;
  const names = only(only(type.rest, CONTEXT_1) ?? undefined, SEQUENCE);
  const joined = names && joinedNames(names);
  return joined ? `${joined}@${realm}` : null;
}

module.exports = { PKINIT_OID, kerberosPrincipal };
