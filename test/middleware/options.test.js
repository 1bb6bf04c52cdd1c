'use strict';
// Options are checked when the middleware is made: a server with a mistake in them does not start.

const fastify = require('fastify');
const fastify4 = require('fastify4');

const express = require('client-cert-info/express');
const plugin = require('client-cert-info/fastify');

/** @type {Array<[string, unknown, Function, RegExp]>} */
const mistakes = [
  ['an unknown option', { requird: true }, TypeError, /unknown option 'requird'; did you mean 'required'\?$/],
  ['another case', { allowinvalid: true }, TypeError, /did you mean 'allowInvalid'\?$/],
  ['a misspelt function', { onReject: () => {} }, TypeError, /did you mean 'onRejected'\?$/],
  ['an option of somebody else', { certificateSource: 'aws-alb' }, TypeError, /unknown option 'certificateSource'; known are/],
  ['a name that objects have', { constructor: 1 }, TypeError, /unknown option 'constructor'; known are/],
  ['__proto__', JSON.parse('{"__proto__": {"required": false}}'), TypeError, /unknown option '__proto__'; known are/],
  ['a long name', { ['x'.repeat(100_000)]: 1 }, TypeError, /unknown option/],
  ['an unknown option that is undefined', { requird: undefined }, TypeError, /unknown option/],
  ["onDemand: 'yes'", { onDemand: 'yes' }, TypeError, /onDemand must be an object, true or false$/],
  ['onDemand: of receiveClientCertificate alone', { onDemand: { signal: null } }, TypeError, /unknown option 'signal'; known are/],
  ['required: 1', { required: 1 }, TypeError, /required must be a boolean/],
  ["required: 'false'", { required: 'false' }, TypeError, /required must be a boolean/],
  ['required: null', { required: null }, TypeError, /required must be a boolean/],
  ["allowInvalid: 'false'", { allowInvalid: 'false' }, TypeError, /allowInvalid must be a boolean/],
  ['allowInvalid: null', { allowInvalid: null }, TypeError, /allowInvalid must be a boolean/],
  ['allow: true', { allow: true }, TypeError, /allow must be a function/],
  ['allow: null', { allow: null }, TypeError, /allow must be a function/],
  ['allow: an array', { allow: [() => true] }, TypeError, /allow must be a function/],
  ['allow: a promise', { allow: Promise.resolve(() => true) }, TypeError, /allow must be a function/],
  ['onAuthenticated: an object', { onAuthenticated: {} }, TypeError, /onAuthenticated must be a function/],
  ['onRejected: a string', { onRejected: 'log' }, TypeError, /onRejected must be a function/],
  ["status: '403'", { status: '403' }, TypeError, /status must be a number/],
  ['status: null', { status: null }, TypeError, /status must be a number/],
  ...[200, 302, 399, 500, 403.5, -403, 0, NaN, Infinity].map((status) =>
    /** @type {[string, unknown, Function, RegExp]} */ ([`status: ${status}`, { status }, RangeError, /status must be .* from 400 to 499/])),
  ['inherited options', Object.create({ allow: () => false }), TypeError, /must be a plain object/],
  ['an instance', new (class { allow() {} })(), TypeError, /must be a plain object/],
];

/** What Fastify itself takes for no options, or refuses. @type {Array<[string, unknown, Function, RegExp]>} */
const noObjects = [
  ['null', null, TypeError, /must be a plain object/],
  ['an array', [], TypeError, /must be a plain object/],
  ['an array with options', [{ required: true }], TypeError, /must be a plain object/],
  ['a function', () => true, TypeError, /must be a plain object/],
  ['a string', 'required', TypeError, /must be a plain object/],
  ['true', true, TypeError, /must be a plain object/],
  ['a map', new Map([['required', true]]), TypeError, /must be a plain object/],
];

describe.each([['express', express.clientCertificate], ['fastify, for a route', plugin.clientCertificate]])('%s', (_name, make) => {
  test.each([...mistakes, ...noObjects])('%s', (_what, options, type, message) => {
    expect(() => make(options)).toThrow(type);
    expect(() => make(options)).toThrow(message);
  });

  test.each([[undefined], [{}], [Object.create(null)], [{ required: undefined, allow: undefined, status: undefined, onRejected: undefined }], [{ status: 400 }], [{ status: 499 }]])(
    'makes sense: %p',
    (options) => {
      expect(typeof make(options)).toBe('function');
    },
  );

  test('what somebody adds to Object.prototype is no option', () => {
    const polluted = /** @type {any} */ (Object.prototype);
    for (const name of ['required', 'allow', 'status']) polluted[name] = 'polluted';
    try {
      expect(typeof make({})).toBe('function');
    } finally {
      for (const name of ['required', 'allow', 'status']) delete polluted[name];
    }
  });

  test('options that change later change nothing', () => {
    const options = { required: true };
    Object.defineProperty(options, 'status', { get: jest.fn().mockReturnValueOnce(403).mockReturnValue(200), enumerable: true });
    expect(typeof make(options)).toBe('function');
  });
});

describe.each([['Fastify 5', fastify], ['Fastify 4', fastify4]])('%s does not start', (_name, framework) => {
  test.each(mistakes)('with %s', async (_what, options, type, message) => {
    const app = framework();
    app.register(plugin, options);
    await expect(app.ready()).rejects.toThrow(message);
    await expect(app.ready()).rejects.toThrow(type);
    await app.close().catch(() => {});
  });

  // A prefix would limit routes, and the hook covers all of them.
  test('with a prefix', async () => {
    const app = framework();
    app.register(plugin, { prefix: '/private' });
    await expect(app.ready()).rejects.toThrow(/unknown option 'prefix'/);
    await app.close().catch(() => {});
  });
});
