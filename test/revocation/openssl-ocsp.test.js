'use strict';
// OpenSSL's own tests of OCSP responders (80-test_ocsp.t): who may sign a response. openssl-ocsp-ledger.json says what deviates, and why.

const ledger = require('./openssl-ocsp-ledger.json');
const { certificatesIn, describeCorpora, folder, readCorpus } = require('../support/corpora.js');
const path = require('node:path');
const { Verifier } = require('../../lib/index.js');

describeCorpora('openssl-ocsp', () => {
  const at = (file) => path.join(folder, 'openssl-ocsp', file);
  const { tests } = JSON.parse(readCorpus('openssl-ocsp/manifest.json'));

  /** The response is about this certificate: the one of the same hierarchy ('D1', 'ND3'). */
  const leafOf = ({ response }) => certificatesIn(at(`data/${response.match(/N?D[123]/)[0]}_Cert_${/1\.der/.test(response) ? 'EE' : /2\.der/.test(response) ? 'ICA' : 'EE'}.pem`))[0];

  /** Whether the response is believed; that it is out of date by then is another matter. */
  function isAuthentic(one) {
    const issuers = [one.verify_other, one.ca_file].filter(Boolean).flatMap((file) => certificatesIn(at(file)));
    const verifier = new Verifier({
      ca: certificatesIn(at(one.ca_file)),
      allowPartialChain: true,
      purpose: 'any',
      minimumSecurityLevel: 0, // all of it is signed with SHA-1
      revocation: { mode: 'cached', check: 'leaf', ocsp: { responses: [readCorpus(`openssl-ocsp/${one.response}`)] } },
      clock: () => new Date(one.attime * 1000),
    });
    const { revocation } = verifier.verify({ leaf: leafOf(one), chain: issuers });
    return revocation.length > 0 && revocation[0].status !== 'unknown';
  }

  test('all of them are there', () => expect(tests).toHaveLength(59));

  test.each(tests.map((one) => [one.n, one.name, one]))('%i %s', (n, _, one) => {
    const isExpected = one.expected_ok && !(n in ledger);
    expect(isAuthentic(one)).toBe(isExpected);
    if (n in ledger) expect([one.expected_ok, ledger[n].actual]).toEqual([true, 'unknown']);
  });
});
