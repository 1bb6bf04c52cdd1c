'use strict';
// URLs of certificates and redirects, whatever is in them: HTTP to the host that is said, or nothing.

const fc = require('fast-check');

const { comparableAddress, isPublicAddress } = require('../../lib/revocation/addresses.js');
const { redirectedTarget, targetOf } = require('../../lib/revocation/target.js');
const { check, textOf } = require('../support/octets.js');

const url = textOf(
  'http://', 'https://', 'HTTP://', 'a.test', '127.0.0.1', '[::1]', '[::ffff:7f00:1]', '0x7f.1', '2130706433', '@', 'user:pw', ':80', ':0', ':99999', '/', '//', '\\', '?', '#',
  '%00', '%2f', '..', '.', 'é',
);

/** What `make` gives, or null where it refuses. @template T @param {() => T} make @returns {T | null} */
function orRefused(make) {
  try {
    return make();
  } catch (error) {
    expect(error.constructor.name).toBe('FetchFailure');
    return null;
  }
}

test('a URL names its host, and nobody who logs in', () => {
  let targets = 0;
  check(fc.oneof(url, url.map((rest) => `http://a.test${rest}`)), (text) => {
    const target = orRefused(() => targetOf(text));
    if (target === null) return;
    targets += 1;
    expect([target.url.protocol, target.url.username, target.url.password]).toEqual(['http:', '', '']);
    expect(target.port).toBeGreaterThan(0);
    expect(text.toLowerCase()).toContain(target.host);
  });
  expect(targets).toBeGreaterThan(0);
});

test('a redirect stays where it was', () => {
  const from = targetOf('http://a.test/x');
  let followed = 0;
  check(url, (text) => {
    const target = orRefused(() => redirectedTarget(from, text));
    if (target === null) return;
    followed += 1;
    expect([target.host, target.port]).toEqual(['a.test', 80]);
  });
  expect(followed).toBeGreaterThan(0);
});

test('an address is compared in one form only', () => {
  check(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), (text) => {
    const address = comparableAddress(text);
    if (address === null) return;
    expect(comparableAddress(address)).toBe(address);
    expect(isPublicAddress(address)).toBe(isPublicAddress(text));
  });
});
