'use strict';
// Files of certificates and CRLs, whatever is in them: all of it is read, or an error says where it is not what it should be.

const fc = require('fast-check');

const { decodeMaterial } = require('../../lib/material/decode.js');
const { decodePem, encodePem, pemBlocks } = require('../../lib/pem.js');
const { check, nearlyPem } = require('../support/octets.js');

test('PEM, nearly: what is read was written', () => {
  let readable = 0;
  check(nearlyPem, (octets) => {
    let found;
    try {
      found = decodePem(octets);
    } catch (error) {
      expect(error).toMatchObject({ code: 'ERR_CLIENT_CERT_MALFORMED', line: expect.any(Number) });
      return;
    }
    readable += 1;
    for (const { from, to, start } of pemBlocks(octets)) expect(start < from && from <= to && to <= octets.length).toBe(true);
    for (const der of found) expect(decodePem(encodePem(der))).toEqual([der]);
    expect(found.length).toBeLessThanOrEqual(octets.toString('latin1').split('-----BEGIN ').length - 1);
  });
  expect(readable).toBeGreaterThan(0);
});

test('PEM among other text, whatever its lines end with', () => {
  check(fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\r\n', '\r'), (given, end) => {
    const ders = given.map((octets) => Buffer.from(octets));
    const text = ders.map((der) => `subject=x\n${encodePem(der)}`).join('\n');
    expect(decodePem(text.replaceAll('\n', end))).toEqual(ders);
  });
});

test.each(['certificate', 'crl'])('material of the kind %s: something, or an error of ours', (kind) => {
  const nearlyDer = fc.uint8Array({ maxLength: 40 }).map((octets) => Buffer.concat([Buffer.from([0x30]), octets]));
  check(fc.oneof(nearlyPem, nearlyDer), (octets) => {
    try {
      expect(decodeMaterial(octets, kind, 'ca').length).toBeGreaterThan(0);
    } catch (error) {
      if (error.code !== 'ERR_CLIENT_CERT_MALFORMED') throw error;
    }
  });
});
