'use strict';
// The test cards of the United States' PIV programme, with the bridge and all cross-certificates as candidates, where OpenSSL's own search gives up. The ledger
// has the cards without a valid path: what is wrong with them, and what OpenSSL says of them.

const ledger = require('./gsa-piv-ledger.json');
const { certificatesIn, describeCorpora, folder, readCorpus } = require('../support/corpora.js');
const fs = require('node:fs');
const path = require('node:path');
const { Verifier } = require('../../lib/index.js');

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
const DAY = new Date('2020-04-28T00:00:00Z');

describeCorpora('PIV cards', () => {
  const at = (...names) => path.join(folder, 'gsa-piv', ...names);
  const { tests } = JSON.parse(readCorpus('gsa-piv/manifest.json'));
  const roots = certificatesIn(at('all-roots.pem'));
  const candidates = [
    ...certificatesIn(at('all-ca-with-bridge-and-xcerts.pem')),
    ...fs.readdirSync(at('roots')).flatMap((name) => certificatesIn(at('roots', name))),
  ];
  const crls = fs.readdirSync(at('crls')).map((name) => fs.readFileSync(at('crls', name)));
  const verifierOf = (options) => new Verifier({ ca: roots, intermediates: candidates, purpose: 'any', clock: () => DAY, ...options });
  const inAnyWay = verifierOf({});
  // Most have clientAuth or id-PIV-cardAuth among their usages; a few cards have certificates for mail in that place.
  const purposeOf = ({ eku = ['any'] }) => (eku.includes(CLIENT_AUTH) ? 'clientAuth' : eku[0]);
  const forItsUsage = new Map(tests.map((card) => [purposeOf(card), verifierOf({ purpose: purposeOf(card) })]));
  const forServers = verifierOf({ purpose: SERVER_AUTH });
  const withCrls = verifierOf({ crls, revocation: { onUnknown: 'allow' } });
  const leafOf = ({ cert }) => certificatesIn(at(cert))[0];
  const codesOf = ({ problems }) => problems.map(({ code, depth }) => `${code}@${depth}`);

  test('all of them are there', () => expect(tests).toHaveLength(85));

  test.each(tests.map((card) => [card.card, card.kind, card.cert, card]))('%s %s (%s)', (_, __, file, card) => {
    const expected = ledger[file]?.problems ?? [];
    expect(codesOf(inAnyWay.verify(leafOf(card)))).toEqual(expected);
    expect(codesOf(forItsUsage.get(purposeOf(card)).verify(leafOf(card)))).toEqual(expected);
    if (card.eku) expect(codesOf(forServers.verify(leafOf(card)))).toContain('USAGE_NOT_ALLOWED@0');
    // OpenSSL, with those candidates with which its search comes to an end.
    expect(card['openssl_3.0.19_at_2020-04-28']).toBe(ledger[file]?.openssl ?? 'ok');
    // None of those with a valid path is on a CRL; of some CAs there is none.
    const checked = withCrls.verify(leafOf(card));
    expect(codesOf(checked)).toEqual(expected);
    if (expected.length === 0) expect(checked.revocation.filter(({ status }) => status === 'revoked')).toEqual([]);
  });

  test('without bridge and cross-certificates the same cards are valid', () => {
    const few = verifierOf({ intermediates: certificatesIn(at('all-ca.pem')) });
    const valid = (verifier) => tests.filter((card) => verifier.verify(leafOf(card)).valid).map(({ cert }) => cert);
    expect(valid(few)).toEqual(valid(inAnyWay));
    expect(valid(few)).toHaveLength(69);
  });
});
