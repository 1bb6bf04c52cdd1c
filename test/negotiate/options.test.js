'use strict';
// Options that make no sense are an error at once.

const { AccountMapper, NegotiateAuthenticator } = require('../..');
const express = require('../../lib/express.js');
const fastify = require('../../lib/fastify.js');

test.each([
  [{ mechanism: ['NTLM'] }, TypeError, "did you mean 'mechanisms'?"],
  [{ mechanisms: ['Digest'] }, TypeError, 'mechanisms must be'],
  [{ mechanisms: [] }, TypeError, 'mechanisms must be'],
  [{ mechanisms: 'NTLM' }, TypeError, 'mechanisms must be'],
  [{ channelBinding: 'none' }, TypeError, 'channelBinding must be'],
  [{ keytab: '' }, TypeError, 'keytab must be'],
  [{ keytab: '/a\0b' }, TypeError, 'keytab must be'],
  [{ keytab: '/a', credentialStore: { keytab: '/b' } }, TypeError, 'given twice'],
  [{ credentialStore: { ccache: 1 } }, TypeError, 'credentialStore.ccache'],
  [{ mapper: {} }, TypeError, 'mapper must be an AccountMapper'],
  [{ localName: 'yes' }, TypeError, 'localName must be a boolean'],
  [{ persistent: true }, TypeError, 'persistent is about NTLM'],
  [{ basic: {} }, TypeError, 'basic.verifyPassword'],
  [{ basic: { verifyPassword() {}, realm: 'a"b' } }, TypeError, 'basic.realm'],
  [{ maxToken: 0 }, RangeError, 'maxToken must be'],
  [{ callTimeout: '1' }, TypeError, 'callTimeout must be'],
])('%j', (options, kind, message) => {
  expect(() => new NegotiateAuthenticator(options)).toThrow(kind);
  expect(() => new NegotiateAuthenticator(options)).toThrow(message);
});

test.each([
  [{}, 'certificate or negotiate is needed'],
  [{ certificates: {} }, "did you mean 'certificate'?"],
  [{ certificate: { required: false }, negotiate: {} }, 'certificate.required makes no sense'],
  [{ certificate: { allowInvalid: true }, negotiate: {} }, 'allowInvalid makes no sense'],
  [{ certificate: { allowInvalid: true }, allow: () => true }, 'allowInvalid makes no sense'],
  [{ certificate: {}, negotiate: {}, order: ['negotiate'] }, 'order must have'],
  [{ certificate: {}, order: ['certificate', 'negotiate'] }, 'order must have the ways that are there, each once: certificate'],
  [{ certificate: {}, negotiate: {}, order: ['negotiate', 'negotiate'] }, 'order must have'],
  [{ negotiate: { mechanism: [] } }, "did you mean 'mechanisms'?"],
  [{ negotiate: {}, allow: true }, 'allow must be a function'],
])('authenticate(%j)', (options, message) => {
  for (const { authenticate } of [express, fastify]) expect(() => authenticate(options)).toThrow(message);
});

test('a closed authenticator', async () => {
  const authenticator = new NegotiateAuthenticator({ mapper: new AccountMapper({ rules: [] }) });
  authenticator.close();
  authenticator.close();
  await expect(authenticator.ready()).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_CLOSED' });
  await expect(authenticator.authenticate({}, {})).rejects.toThrow(TypeError);
});
