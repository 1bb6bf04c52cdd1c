'use strict';
// OpenSSL's own tests of X509_verify_cert (25-test_verify.t). openssl-verify-ledger.json says what deviates, and why; what depends on the OpenSSL that
// Node.js brings has an entry for each.

const { execFileSync } = require('node:child_process');
const path = require('node:path');

const ledger = require('./openssl-verify-ledger.json');
const { certificatesIn, describeCorpora, folder, readCorpus } = require('../support/corpora.js');
const { testWith } = require('../support/tools.js');
const { Verifier } = require('../../lib/index.js');

const PURPOSES = { sslserver: 'serverAuth', sslclient: 'clientAuth', codesign: 'codeSigning', timestampsign: 'timeStamping' };
const LINE = process.versions.openssl.split('.', 2).join('.');

describeCorpora('openssl-verify', () => {
  const { tests } = JSON.parse(readCorpus('openssl-verify/manifest.json'));
  const at = (file) => path.join(folder, 'openssl-verify', file);

  /** @returns {string[]} 'CODE@depth'; what cannot be read at all is refused, too */
  function judge({ argv, trusted, untrusted, target, purpose, auth_level: level }) {
    const has = (option) => argv.includes(option);
    const valueOf = (option) => argv[argv.indexOf(option) + 1];
    const stores = argv.filter((_, i) => ['-CAfile', '-CAstore'].includes(argv[i - 1]));
    try {
      const verifier = new Verifier({
        ca: [...trusted, ...stores].map((file) => ({ file: at(file) })),
        intermediates: untrusted.map((file) => ({ file: at(file) })),
        purpose: PURPOSES[purpose] ?? 'any',
        minimumSecurityLevel: level ?? 1,
        allowPartialChain: has('-partial_chain'),
        strict: has('-x509_strict'),
        maxDepth: has('-verify_depth') ? Number(valueOf('-verify_depth')) : undefined,
        policies: { initial: has('-policy') ? [valueOf('-policy')] : undefined, requireExplicit: has('-explicit_policy') },
        clock: () => (has('-attime') ? new Date(Number(valueOf('-attime')) * 1000) : new Date()),
      });
      return verifier.verify(certificatesIn(at(target))[0]).problems.map(({ code, depth }) => `${code}@${depth}`);
    } catch (error) {
      return [error.code];
    }
  }

  test('all of them are there', () => expect(tests).toHaveLength(188));

  test.each(tests.map((one) => [one.n, one.name, one]))('%i %s', (n, _, one) => {
    const problems = judge(one);
    const entry = ledger[n];
    const deviates = entry && (entry.openssl === undefined || entry.openssl === LINE);
    expect(problems.length === 0).toBe(deviates ? !one.expected_valid : one.expected_valid);
    if (deviates) expect(problems).toEqual(entry.actual[LINE] ?? entry.actual.any);
  });

  // What is accepted against their expectation is accepted on another path than the one that OpenSSL had made up its mind for.
  const others = tests.filter(({ n, expected_valid: expected }) => n in ledger && !expected);
  testWith('openssl')('OpenSSL accepts the other paths, too', () => {
    for (const one of others) {
      const { purpose, path: names } = { ...one, ...ledger[one.n] };
      const [target, ...rest] = names;
      const args = ['verify', '-purpose', purpose, '-trusted', at(rest.pop()), ...rest.flatMap((file) => ['-untrusted', at(file)]), at(target)];
      expect(execFileSync('openssl', args, { encoding: 'utf8' })).toMatch(/: OK\n$/);
    }
    expect(others.map(({ n }) => n)).toEqual([32, 33, 65, 72]);
  });
});
