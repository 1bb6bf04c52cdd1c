'use strict';
// What may be given as material, what is made of it, and how what is wrong is named.

const { spawnSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const tls = require('node:tls');

const { Certificate, parseCertificate } = require('../..');
const { decodeMaterial } = require('../../lib/material/decode.js');
const { readMaterial, readMaterialAsync } = require('../../lib/material/read.js');
const { toPem } = require('../support/certificate-builder.js');
const { describeCorpora, certificatesIn, folder: corpora } = require('../support/corpora.js');
const { Authority } = require('../support/pki.js');
const { testWith } = require('../support/tools.js');
const { mountVolume, newFolder, removeFolders, write } = require('./folder.js');

const one = new Authority('One');
const two = new Authority('Two');
const crlPem = one.crl();
const [, crlBase64] = /-----\n([^-]*)\n-----/.exec(crlPem) ?? [];
const crlDer = Buffer.from(crlBase64, 'base64');
const key = /** @type {string} */ (one.privateKey.export({ type: 'pkcs8', format: 'pem' }));
const secret = key.split('\n')[1];
const bundle = `# One\n${one.pem}\nTwo, and what it says:\n    Serial Number: 1\n${two.pem}`;
const lines = one.pem.split('\n');

afterAll(removeFolders);

const inConstructor = async (...parameters) => readMaterial(...parameters);
const readers = [['at once', inConstructor], ['later', readMaterialAsync]];

/** @param {() => Promise<unknown>} read */
const errorOf = (read) => read().then(() => { throw new Error('it was read'); }, (error) => error);

/** @param {{ ders: readonly { der: Buffer }[] }} material */
const dersOf = ({ ders }) => ders.map(({ der }) => der.toString('base64'));
const base64 = (...ders) => ders.map((der) => der.toString('base64'));

describe.each(readers)('%s', (_when, read) => {
  /** @type {[string, unknown, Buffer[], string[]][]} */
  const good = [
    ['PEM in a string', one.pem, [one.der], ['ca, block 1']],
    ['PEM in a Buffer', Buffer.from(one.pem), [one.der], ['ca, block 1']],
    ['PEM in a Uint8Array', new Uint8Array(Buffer.from(one.pem)), [one.der], ['ca, block 1']],
    ['PEM in shared memory', Buffer.from(new SharedArrayBuffer(one.pem.length)).fill(one.pem), [one.der], ['ca, block 1']],
    ['DER', one.der, [one.der], ['ca']],
    ['several blocks, and text', bundle, [one.der, two.der], ['ca, block 1', 'ca, block 2']],
    ['CRLF', bundle.replaceAll('\n', '\r\n'), [one.der, two.der], ['ca, block 1', 'ca, block 2']],
    ['CR alone', bundle.replaceAll('\n', '\r'), [one.der, two.der], ['ca, block 1', 'ca, block 2']],
    ['no newline at the end', one.pem.trimEnd(), [one.der], ['ca, block 1']],
    ['a byte order mark', `\ufeff${one.pem}`, [one.der], ['ca, block 1']],
    ['text in another language', `Größe: 10 €, 東京\n${one.pem}`, [one.der], ['ca, block 1']],
    ['text that begins like DER', Buffer.from(`0\u00820\n${one.pem}`), [one.der], ['ca, block 1']],
    ['a block that is commented out', `# ${lines.join('\n# ')}\n${two.pem}`, [two.der], ['ca, block 1']],
    ['rules of hyphens', `${'-'.repeat(200)}\n${one.pem}${'-'.repeat(5)}\n`, [one.der], ['ca, block 1']],
    ['X509 CERTIFICATE', toPem(one.der, 'X509 CERTIFICATE'), [one.der], ['ca, block 1']],
    ['a Certificate', parseCertificate(one.pem), [one.der], ['ca']],
    ['a crypto.X509Certificate', new crypto.X509Certificate(one.pem), [one.der], ['ca']],
    ['an array', [two.pem, one.der], [two.der, one.der], ['ca[0], block 1', 'ca[1]']],
    ['arrays in an array', [[two.pem, one.der], one.pem, []], [two.der, one.der, one.der], ['ca[0][0], block 1', 'ca[0][1]', 'ca[1], block 1']],
    ['nothing', [], [], []],
  ];
  test.each(good)('%s', async (_what, input, ders, origins) => {
    const material = await read('ca', 'certificate', input);
    expect(dersOf(material)).toEqual(base64(...ders));
    expect(material.ders.map(({ origin }) => origin)).toEqual(origins);
    expect(material.ders.every(({ auxiliary }) => !auxiliary)).toBe(true);
    expect(material.watched).toEqual([]);
    expect(Object.isFrozen(material) && Object.isFrozen(material.ders)).toBe(true);
  });

  test.each([
    ['X509 CRL', crlPem],
    ['CRL', toPem(crlDer, 'CRL')],
    ['DER', crlDer],
  ])('a CRL: %s', async (_what, input) => {
    expect(dersOf(await read('crls', 'crl', input))).toEqual(base64(crlDer));
  });

  test("OpenSSL's trust settings are passed on", async () => {
    const { ders } = await read('ca', 'certificate', toPem(one.der, 'TRUSTED CERTIFICATE') + two.pem);
    expect(ders.map(({ auxiliary }) => auxiliary)).toEqual([true, false]);
  });

  test('what the caller does with its octets later changes nothing', async () => {
    for (const given of [Buffer.from(one.der), Buffer.from(one.pem)]) {
      const material = await read('ca', 'certificate', given);
      given.fill(0);
      expect(dersOf(material)).toEqual(base64(one.der));
      expect(dersOf(await material.reread())).toEqual(base64(one.der));
    }
  });

  /** @type {[string, Uint8Array | string, RegExp][]} */
  const badContents = [
    ['nothing', '', /empty$/],
    ['a text', 'there is no certificate here', /neither PEM nor DER: no block of a certificate$/],
    ['base64 alone', lines.slice(1, -2).join('\n'), /neither PEM nor DER/],
    ['zeros', Buffer.alloc(100), /neither PEM nor DER/],
    ['UTF-16', Buffer.from(`\ufeff${one.pem}`, 'utf16le'), /UTF-16$/],
    ['UTF-16, the other half first', Buffer.from(`\ufeff${one.pem}`, 'utf16le').swap16(), /UTF-16$/],
    ['UTF-16 without a mark', Buffer.from(one.pem, 'utf16le'), /UTF-16$/],
    ['UTF-16 without a mark, the other half first', Buffer.from(one.pem, 'utf16le').swap16(), /UTF-16$/],
    ['a private key', key, /, block 1: a private key has no place here$/],
    ['a private key after certificates', bundle + key, /, block 3: a private key has no place here$/],
    ['an old private key', toPem(Buffer.alloc(9), 'RSA PRIVATE KEY'), /, block 1: a private key has no place here$/],
    ['an encrypted private key', '-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END EC PRIVATE KEY-----\n',
      /, block 1: a private key has no place here$/],
    ['a CRL', one.pem + crlPem, /, block 2: expected a certificate .*, not a block labelled X509 CRL$/],
    ['a request', one.pem + toPem(one.der, 'CERTIFICATE REQUEST'), /, block 2: expected a certificate .*labelled CERTIFICATE REQUEST$/],
    ['PKCS #7', toPem(one.der, 'PKCS7'), /, block 1: .*labelled PKCS7$/],
    ['a label that nobody knows', toPem(one.der, 'HUNTER2'), /, block 1: .*not a block with another label$/],
    ['lower case', toPem(one.der, 'certificate'), /, block 1: .*not a block with another label$/],
    ['an empty block', `${one.pem}-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n`, /, block 2, line \d+: expected base64$/],
    ['no END', one.pem + two.pem.slice(0, -30), /, block 2, line \d+: expected -----END CERTIFICATE-----$/],
    ['half an END', one.pem + two.pem.slice(0, -8), /, block 2, line \d+: expected -----END CERTIFICATE-----$/],
    ['another END', one.pem.replace('END CERTIFICATE', 'END X509 CRL'), /, block 1, line \d+: expected -----END CERTIFICATE-----$/],
    ['no BEGIN', `${one.pem}${lines.slice(1).join('\n')}`, /, block 2, line \d+: expected -----BEGIN and a label-----$/],
    ['no newline between blocks', one.pem.trimEnd() + two.pem, /, block 1, line \d+: expected -----END CERTIFICATE-----$/],
    ['an indented bundle', bundle.replaceAll('\n', '\n  '), /, block 1, line 2: expected no blanks before a boundary$/],
    ['a hyphen too few', one.pem + two.pem.replace('BEGIN CERTIFICATE-----', 'BEGIN CERTIFICATE----'), /, block 2, line \d+: expected -----BEGIN/],
    ['a hyphen too many', one.pem + two.pem.replace('-----BEGIN', '------BEGIN'), /, block 2, line \d+: expected -----BEGIN/],
    ['a blank too many', one.pem + two.pem.replace('-----BEGIN', '----- BEGIN'), /, block 2, line \d+: expected -----BEGIN/],
    ['a character that is none of base64', one.pem.replace(lines[2], lines[2].replace(/./, '%')), /, block 1, line 3: expected base64$/],
    ['a letter that would be one modulo 256', one.pem.replace(lines[2], lines[2].replace(/./, '\u0141')), /, block 1, line 3: expected base64$/],
    ['a blank within a line', one.pem.replace(lines[2], lines[2].replace(/./, ' ')), /, block 1, line 3: expected base64$/],
    ['a character too few', one.pem.replace(lines[2], lines[2].slice(1)), /, block 1, line \d+: expected base64$/],
    ['padding too early', one.pem.replace(lines[1], `${lines[1].slice(0, -2)}==`), /, block 1, line [23]: expected base64$/],
    ['padding too long', '-----BEGIN CERTIFICATE-----\nA===\n-----END CERTIFICATE-----\n', /, block 1, line 2: expected base64$/],
    ['only padding', '-----BEGIN CERTIFICATE-----\n====\n-----END CERTIFICATE-----\n', /, block 1, line 2: expected base64$/],
    ['bits that nothing is made of', '-----BEGIN CERTIFICATE-----\nMAF=\n-----END CERTIFICATE-----\n', /, block 1, line 2: expected base64$/],
    ['a header', one.pem.replace('\n', '\nComment: mine\n\n'), /, block 1, line 2: expected base64$/],
    ['two DER elements', Buffer.concat([one.der, two.der]), /: \d+ octets after the end of the DER; several go into several files, or into PEM$/],
    ['DER with a newline', Buffer.concat([one.der, Buffer.from('\n')]), /: 1 octets after the end of the DER/],
    ['truncated DER', one.der.subarray(0, -1), /: the DER ends after \d+ of \d+ octets$/],
    ['DER of which little is left', one.der.subarray(0, 4), /: the DER ends after 4 of \d+ octets$/],
  ];

  describe('what is wrong in a file has a place, and no content', () => {
    test.each(badContents)('%s', async (_what, content, message) => {
      const folder = newFolder();
      write(folder, { 'ca.pem': content });
      const file = path.join(folder, 'ca.pem');
      const error = await errorOf(() => read('ca', 'certificate', [one.pem, { file }]));
      expect(error).toMatchObject({ name: 'ClientCertError', code: 'ERR_CLIENT_CERT_MALFORMED', path: file });
      expect(error.message).toMatch(message);
      expect(error.message.startsWith(`ca[1]: ${file}`)).toBe(true);
      expect(JSON.stringify([error.message, error])).not.toContain(secret);
      expect(error.message).not.toMatch(/HUNTER2|Comment/);
    });
  });

  test.each(badContents)('what is wrong in a Buffer: %s', async (_what, content, message) => {
    const error = await errorOf(() => read('ca', 'certificate', Buffer.from(content)));
    expect(error).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED' });
    expect(error.message).toMatch(message);
    expect(error.message.startsWith('ca')).toBe(true);
  });

  test.each([
    ['a certificate', one.pem, /^crls, block 1: expected a CRL \(X509 CRL, CRL\), not a block labelled CERTIFICATE$/],
    ['a private key', crlPem + key, /^crls, block 2: a private key has no place here$/],
  ])('a wrong label among CRLs: %s', async (_what, input, message) => {
    expect((await errorOf(() => read('crls', 'crl', input))).message).toMatch(message);
  });

  test.each([['/etc/ssl/ca.pem'], [''], ['MIIB']])('a string without PEM: %p', async (input) => {
    const error = await errorOf(() => read('ca', 'certificate', input));
    expect(error).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED', message: expect.stringMatching(/^ca: no PEM block in the string; a path is given as/) });
  });

  /** @type {[string, unknown, Function, RegExp][]} */
  const mistakes = [
    ['undefined', undefined, TypeError, /^ca: .* not undefined$/],
    ['null', null, TypeError, /not null$/],
    ['a number', 5, TypeError, /not 5$/],
    ['true', true, TypeError, /not true$/],
    ['a bigint', 5n, TypeError, /not a bigint$/],
    ['a symbol', Symbol('x'), TypeError, /not a symbol$/],
    ['a function', () => one.pem, TypeError, /not a function$/],
    ['a Promise', Promise.resolve(one.pem), TypeError, /not a Promise; await it first$/],
    ['a KeyObject', one.privateKey, TypeError, /not a KeyObject: a key is no certificate$/],
    ['a SecureContext', tls.createSecureContext(), TypeError, /not an instance of SecureContext$/],
    ['an ArrayBuffer', new ArrayBuffer(8), TypeError, /not an instance of ArrayBuffer$/],
    ['a Uint16Array', new Uint16Array(8), TypeError, /not an instance of Uint16Array$/],
    ['a DataView', new DataView(new ArrayBuffer(8)), TypeError, /not an instance of DataView$/],
    ['a Map', new Map(), TypeError, /not an instance of Map$/],
    ['a URL', new URL('file:///ca.pem'), TypeError, /not an instance of URL$/],
    ['what pretends to be a Certificate', Object.create(Certificate.prototype), TypeError, /not an instance of Certificate$/],
    ['an array in an array in an array', [[[one.pem]]], TypeError, /^ca\[0\]\[0\]: .* not an array within an array of arrays$/],
    ['a hole', [one.pem, , two.pem], TypeError, /^ca\[1\]: .* not undefined$/], // eslint-disable-line no-sparse-arrays
    ['an empty object', {}, TypeError, /^ca: directory must be a path, a string$/],
    ['file and directory', { file: 'a', directory: 'b' }, TypeError, /either a file or a directory/],
    ['a misspelt property', { flie: 'ca.pem' }, TypeError, /^ca: unknown option 'flie'; did you mean 'file'\?$/],
    ['another property', { file: 'ca.pem', refersh: 5 }, TypeError, /did you mean 'refresh'\?$/],
    ['what is inherited', Object.create({ file: 'ca.pem' }), TypeError, /another object|expected PEM/],
    ['a file that is no string', { file: Buffer.from('ca.pem') }, TypeError, /file must be a path, a string$/],
    ['a file without a name', { file: '' }, TypeError, /file must be a path/],
    ['a name with NUL', { file: 'ca.pem\0.txt' }, TypeError, /file must be a path/],
    ['a directory that is a number', { directory: 3 }, TypeError, /directory must be a path/],
    ["refresh: 'always'", { file: 'ca.pem', refresh: 'always' }, TypeError, /refresh must be a number of milliseconds, 'watch' or false$/],
    ['refresh: true', { file: 'ca.pem', refresh: true }, TypeError, /refresh must be a number/],
    ['refresh: null', { file: 'ca.pem', refresh: null }, TypeError, /refresh must be a number/],
    ...[-1, 0.5, NaN, Infinity, 2 ** 31].map((refresh) =>
      /** @type {[string, unknown, Function, RegExp]} */ ([`refresh: ${refresh}`, { file: 'ca.pem', refresh }, RangeError, /refresh must be an integer from 0/])),
  ];
  test.each(mistakes)('a mistake of the caller: %s', async (_what, input, type, message) => {
    const error = await errorOf(() => read('ca', 'certificate', input));
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
  });

  test.each([['a Certificate', parseCertificate(one.pem)], ['a crypto.X509Certificate', new crypto.X509Certificate(one.pem)]])('no CRL: %s', async (_what, input) => {
    const error = await errorOf(() => read('crls', 'crl', input));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).not.toContain('a Certificate, a crypto');
  });

  describe('files', () => {
    test.each([
      ['PEM', { 'ca.pem': bundle }, 'ca.pem', [one.der, two.der], [', block 1', ', block 2']],
      ['DER', { 'ca.der': one.der }, 'ca.der', [one.der], ['']],
      ['in a directory that is hidden', { '.tls/ca.der': one.der }, '.tls/ca.der', [one.der], ['']],
    ])('%s', async (_what, files, name, ders, origins) => {
      const folder = newFolder();
      write(folder, files);
      const file = path.join(folder, name);
      const material = await read('ca', 'certificate', { file });
      expect(dersOf(material)).toEqual(base64(...ders));
      expect(material.ders.map(({ origin }) => origin)).toEqual(origins.map((origin) => `ca: ${file}${origin}`));
      expect(material.watched).toEqual([]);
    });

    test('a link, and a name that is relative', async () => {
      const folder = newFolder();
      write(folder, { 'ca.pem': one.pem });
      fs.symlinkSync('ca.pem', path.join(folder, 'link.pem'));
      const file = path.relative(process.cwd(), path.join(folder, 'link.pem'));
      const material = await read('ca', 'certificate', { file, refresh: 1000 });
      expect(material.ders[0].origin).toBe(`ca: ${file}, block 1`);
      expect(material.watched).toMatchObject([{ where: 'ca', type: 'file', name: file, path: path.join(folder, 'link.pem'), refresh: 1000 }]);
    });

    test.each([
      ['one that is not there', () => {}, 'ca.pem', /ENOENT/],
      ['one in a file', (folder) => write(folder, { 'ca.pem': '' }), 'ca.pem/ca.pem', /ENOTDIR/],
      ['a dangling link', (folder) => fs.symlinkSync('nothing', path.join(folder, 'ca.pem')), 'ca.pem', /ENOENT/],
      ['a link to itself', (folder) => fs.symlinkSync('ca.pem', path.join(folder, 'ca.pem')), 'ca.pem', /ELOOP/],
      ['a directory', (folder) => fs.mkdirSync(path.join(folder, 'ca.pem')), 'ca.pem', /it is a directory$/],
      ['a FIFO', (folder) => spawnSync('mkfifo', [path.join(folder, 'ca.pem')]), 'ca.pem', /it is not a regular file$/],
      ['a link to a device', (folder) => fs.symlinkSync('/dev/zero', path.join(folder, 'ca.pem')), 'ca.pem', /it is not a regular file$/],
      ['one that is too large', (folder) => {
        write(folder, { 'ca.pem': one.pem });
        fs.truncateSync(path.join(folder, 'ca.pem'), 512 * 1024 * 1024 + 1);
      }, 'ca.pem', /it has 536870913 octets, and may have 536870912$/],
    ])('that cannot be read: %s', async (_what, make, name, message) => {
      const folder = newFolder();
      make(folder);
      const file = path.join(folder, name);
      const error = await errorOf(() => read('ca', 'certificate', [{ file }]));
      expect(error).toMatchObject({ code: 'ERR_CLIENT_CERT_UNREADABLE', path: file, message: expect.stringMatching(message) });
      expect(error.message.startsWith(`ca[0]: ${file} cannot be read: `)).toBe(true);
    });
  });

  describe('directories', () => {
    test('every file by name, but hidden and temporary ones', async () => {
      const folder = newFolder();
      const no = 'no certificate';
      write(folder, { 'b.pem': one.pem, 'a.der': two.der, 'Z.pem': bundle, '.hidden': no, 'b.pem~': no, 'c.tmp': no, 'below/d.pem': no });
      const material = await read('ca', 'certificate', { directory: folder });
      expect(dersOf(material)).toEqual(base64(one.der, two.der, two.der, one.der));
      expect(material.ders.map(({ origin }) => origin)).toEqual(
        ['Z.pem, block 1', 'Z.pem, block 2', 'a.der', 'b.pem, block 1'].map((name) => `ca: ${folder}/${name}`));
    });

    test('an empty one', async () => {
      expect((await read('crls', 'crl', { directory: newFolder() })).ders).toEqual([]);
    });

    test('a volume of Kubernetes', async () => {
      const folder = newFolder();
      mountVolume(folder, { 'ca.crt': one.pem, 'other.crt': two.pem });
      expect(dersOf(await read('ca', 'certificate', { directory: `${folder}/` }))).toEqual(base64(one.der, two.der));
    });

    testWith('openssl')('one for -CApath, where each file is there twice', async () => {
      const folder = newFolder();
      write(folder, { 'one.pem': one.pem, 'two.pem': two.pem, 'crl.pem': crlPem });
      spawnSync('openssl', ['rehash', folder]);
      expect(fs.readdirSync(folder)).toHaveLength(6);
      const cas = await read('ca', 'certificate', { directory: folder });
      expect(dersOf(cas).sort()).toEqual(base64(one.der, two.der).sort());
      // What links to CRLs is named by OpenSSL, and sorts before their files.
      expect(cas.skipped).toEqual([expect.stringMatching(/\.r0$/)]);
      const crls = await read('crls', 'crl', { directory: folder });
      expect(dersOf(crls)).toEqual(base64(crlDer));
      expect(crls.skipped).toHaveLength(2);
    });

    test.each([
      ['a private key', (folder) => write(folder, { 'key.pem': key }), 'ERR_CLIENT_CERT_MALFORMED', /\/key\.pem, block 1: a private key/],
      ['both kinds in one file', (folder) => write(folder, { 'both.pem': crlPem + one.pem }), 'ERR_CLIENT_CERT_MALFORMED', /\/both\.pem, block 1: expected a cert/],
      ['a text', (folder) => write(folder, { README: 'hello' }), 'ERR_CLIENT_CERT_MALFORMED', /\/README: neither PEM nor DER/],
      ['an empty file', (folder) => write(folder, { 'z.pem': '' }), 'ERR_CLIENT_CERT_MALFORMED', /\/z\.pem: empty$/],
      ['half a block of the other kind', (folder) => write(folder, { 'z.pem': crlPem.slice(0, -20) }), 'ERR_CLIENT_CERT_MALFORMED', /\/z\.pem, block 1, line/],
      ['a dangling link', (folder) => fs.symlinkSync('gone', path.join(folder, 'z.pem')), 'ERR_CLIENT_CERT_UNREADABLE', /ENOENT.*z\.pem/],
      ['a file that is too large', (folder) => {
        write(folder, { 'z.pem': '' });
        fs.truncateSync(path.join(folder, 'z.pem'), 512 * 1024 * 1024 + 1);
      }, 'ERR_CLIENT_CERT_UNREADABLE', /z\.pem: it has 536870913 octets/],
      ['files that are too large together', (folder) => ['x', 'y', 'z'].forEach((name) => {
        write(folder, { [name]: '' });
        fs.truncateSync(path.join(folder, name), 400 * 1024 * 1024);
      }), 'ERR_CLIENT_CERT_UNREADABLE', /its files have \d+ octets/],
    ])('all or nothing: %s', async (_what, make, code, message) => {
      const folder = newFolder();
      write(folder, { 'a.pem': one.pem });
      make(folder);
      const error = await errorOf(() => read('ca', 'certificate', { directory: folder }));
      expect(error).toMatchObject({ code, path: folder, message: expect.stringMatching(message) });
      expect(error.message.startsWith(`ca: ${folder}`)).toBe(true);
    });

    test('what is no regular file is not looked into', async () => {
      const folder = newFolder();
      write(folder, { 'a.pem': one.pem });
      spawnSync('mkfifo', [path.join(folder, 'fifo')]);
      fs.symlinkSync('/dev/zero', path.join(folder, 'zero'));
      expect(dersOf(await read('ca', 'certificate', { directory: folder }))).toEqual(base64(one.der));
    });

    test.each([
      ['one that is not there', () => {}, /ENOENT/],
      ['a file', (directory) => fs.writeFileSync(directory, one.pem), /ENOTDIR/],
    ])('that cannot be read: %s', async (_what, make, message) => {
      const directory = path.join(newFolder(), 'certs');
      make(directory);
      const error = await errorOf(() => read('ca', 'certificate', { directory }));
      expect(error).toMatchObject({ code: 'ERR_CLIENT_CERT_UNREADABLE', path: directory, message: expect.stringMatching(message) });
    });
  });

  test('what is read again: what is to be kept fresh, and nothing else', async () => {
    const folder = newFolder();
    write(folder, { 'once.pem': one.pem, 'fresh.pem': one.pem, 'certs/a.pem': one.pem });
    const at = (name) => path.join(folder, name);
    const material = await read('ca', 'certificate', [
      { file: at('once.pem') }, { file: at('fresh.pem'), refresh: 'watch' }, { directory: at('certs'), refresh: 60_000 }, two.der, { file: at('once.pem'), refresh: 0 },
    ]);
    expect(material.watched.map(({ where, type, refresh }) => [where, type, refresh])).toEqual([['ca[1]', 'file', 'watch'], ['ca[2]', 'directory', 60_000]]);
    write(folder, { 'once.pem': two.pem, 'fresh.pem': two.pem, 'certs/a.pem': two.pem, 'certs/b.pem': one.pem });
    const again = await material.reread();
    expect(dersOf(again)).toEqual(base64(one.der, two.der, two.der, one.der, two.der, one.der));
    expect(again.watched[0]).toBe(material.watched[0]);
    expect(again.watched[1]).toBe(material.watched[1]);
    fs.rmSync(at('certs'), { recursive: true });
    expect(await errorOf(() => again.reread())).toMatchObject({ code: 'ERR_CLIENT_CERT_UNREADABLE', path: at('certs') });
  });
});

test('a reading that is given up ends with the reason, and closes what it opened', async () => {
  const folder = newFolder();
  write(folder, { 'a.pem': one.pem, 'b.pem': one.pem });
  const open = () => fs.readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(folder);
    } catch {
      return false;
    }
  });
  for (const input of [{ file: path.join(folder, 'a.pem') }, { directory: folder }]) {
    const given = new AbortController();
    const reason = new Error('enough');
    const reading = readMaterialAsync('ca', 'certificate', input, given.signal);
    given.abort(reason);
    await expect(reading).rejects.toBe(reason);
    expect(open()).toEqual([]);
  }
});

describe('as OpenSSL writes it', () => {
  const openssl = (args, input) => {
    const { status, stdout, stderr } = spawnSync('openssl', args, { input });
    if (status !== 0) throw new Error(String(stderr));
    return stdout;
  };

  testWith('openssl')('x509 -text, crl -text, and trust settings', () => {
    const text = Buffer.concat([one, two].map(({ pem }) => openssl(['x509', '-text'], pem)));
    expect(dersOf(readMaterial('ca', 'certificate', text))).toEqual(base64(one.der, two.der));
    expect(dersOf(readMaterial('crls', 'crl', openssl(['crl', '-text'], crlPem)))).toEqual(base64(crlDer));
    const trusted = openssl(['x509', '-trustout', '-addtrust', 'clientAuth'], one.pem);
    const [{ der, auxiliary }] = readMaterial('ca', 'certificate', trusted).ders;
    expect(auxiliary).toBe(true);
    expect(der.subarray(0, one.der.length).equals(one.der)).toBe(true);
    expect(der.length).toBeGreaterThan(one.der.length);
  });
});

describeCorpora('the files of others', () => {
  test('every PEM file of certificates', () => {
    const files = fs.readdirSync(corpora, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(pem|crt|cer)$/.test(entry.name))
      .map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
    const read = files.filter((file) => {
      const text = fs.readFileSync(file, 'latin1');
      const labels = new Set(Array.from(text.matchAll(/^-----BEGIN ([A-Z0-9 ]+)-----\s*$/gm), ([, label]) => label));
      if (labels.size !== 1 || !labels.has('CERTIFICATE')) return false;
      expect([file, dersOf(readMaterial('ca', 'certificate', { file }))]).toEqual([file, base64(...certificatesIn(file))]);
      return true;
    });
    expect(read.length).toBeGreaterThan(0);
  });
});

describe('size', () => {
  const milliseconds = (work) => {
    const begin = process.hrtime.bigint();
    work();
    return Number(process.hrtime.bigint() - begin) / 1e6;
  };

  test('DER is passed on as it is', () => {
    expect(decodeMaterial(one.der, 'certificate', 'ca')[0].der).toBe(one.der);
  });

  test('50 MB of PEM, in one block or in many', () => {
    const content = crypto.randomBytes(37_500_000);
    const file = path.join(newFolder(), 'crl.pem');
    fs.writeFileSync(file, toPemFast(content, 'X509 CRL'));
    let material;
    expect(milliseconds(() => (material = readMaterial('crls', 'crl', { file })))).toBeLessThan(5000);
    expect(material.ders[0].der.equals(content)).toBe(true);
    const many = Buffer.from(one.pem.repeat(50_000_000 / one.pem.length));
    expect(milliseconds(() => (material = readMaterial('ca', 'certificate', many)))).toBeLessThan(5000);
    expect(material.ders.length).toBe(Math.floor(50_000_000 / one.pem.length));
  });

  test('takes time that grows with the length only', () => {
    const hostile = [
      '-----BEGIN CERTIFICATE-----\n'.repeat(500_000), `-----BEGIN ${'A -'.repeat(2_000_000)}`, '-'.repeat(8_000_000), ' '.repeat(8_000_000), ' -----'.repeat(1_000_000),
      '\n'.repeat(8_000_000), `-----BEGIN CERTIFICATE-----\n${' \n'.repeat(4_000_000)}-----END CERTIFICATE-----`, `-----BEGIN CERTIFICATE-----\n${'=\n'.repeat(4_000_000)}`,
      `${' '.repeat(4_000_000)}-----BEGIN CERTIFICATE-----`, '-----BEGIN A-----\n-----END A-----\n'.repeat(200_000),
    ];
    for (const text of hostile) {
      const octets = Buffer.from(text);
      expect(milliseconds(() => expect(() => readMaterial('ca', 'certificate', octets)).toThrow(/^ca/))).toBeLessThan(2000);
    }
  });

  test('more blocks than anybody has are no material', () => {
    const blocks = Buffer.from('-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n'.repeat(100_001));
    expect(() => readMaterial('ca', 'certificate', blocks)).toThrow(/^ca: more than 100000 blocks$/);
    const half = blocks.subarray(0, (blocks.length / 100_001) * 50_001);
    expect(() => readMaterial('ca', 'certificate', [half, half])).toThrow(/^ca: more than 100000 items$/);
  });
});

/** As toPem, without a regular expression. @param {Buffer} content @param {string} label */
function toPemFast(content, label) {
  const text = content.toString('base64');
  const found = [];
  for (let at = 0; at < text.length; at += 64) found.push(text.slice(at, at + 64));
  return `-----BEGIN ${label}-----\n${found.join('\n')}\n-----END ${label}-----\n`;
}
