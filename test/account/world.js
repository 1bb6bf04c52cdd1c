'use strict';
// Certificates and accounts for the tests of mapping.

const der = require('../support/der.js');
const { altName, extensions } = require('../support/certificate-builder.js');
const { Authority, CLIENT_AUTH } = require('../support/pki.js');
const { parseCertificate } = require('../../lib/index.js');

const authority = new Authority('CA', { subject: [{ DC: 'com' }, { DC: 'contoso' }, { CN: 'CA' }] });

/** @param {object} [options] as Authority.issue(); `names`: subject alternative names; `more`: further extensions */
function certificate({ names = [], more = [], ...options } = {}) {
  const san = names.length > 0 ? [extensions.subjectAltName(names)] : [];
  return parseCertificate(authority.issue({ ...options, more: [...san, ...more] }).der);
}

/** @param {string[]} parts @param {string} realm */
function pkinitName(parts, realm) {
  const general = (text) => Buffer.concat([Buffer.from([0x1b, text.length]), Buffer.from(text)]);
  const principal = der.seq(der.ctx(0, der.int(1)), der.ctx(1, der.seq(...parts.map(general))));
  return altName.otherName('1.3.6.1.5.2.2', der.seq(der.ctx(0, general(realm)), der.ctx(1, principal)));
}

/** @param {Record<string, object | null>} [changes] by name: what differs from an ordinary account; null: there is none */
function accounts(changes = {}) {
  const calls = [];
  const find = async (name) => {
    calls.push(name);
    const change = changes[name];
    if (change === null) return null;
    if (change instanceof Error) throw change;
    const { standing = 'good', ...rest } = change ?? {};
    return { account: { name, uid: 1000, gid: 1000, groups: [1000, 27], home: `/home/${name}`, shell: '/bin/sh', ...rest }, standing };
  };
  return { find, calls };
}

module.exports = { CLIENT_AUTH, accounts, altName, authority, certificate, der, extensions, pkinitName };
