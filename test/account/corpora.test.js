'use strict';

jest.mock('../../lib/account/accounts.js', () => ({ findAccount: async () => null }), { virtual: true });

const { parseMapTemplate } = require('../../lib/account/map-template.js');
const { AccountMapper } = require('../../lib/account/mapper.js');
const { parseCertificate } = require('../../lib/index.js');
const { certificatesOf, describeCorpora } = require('../support/corpora.js');

const PLACEHOLDERS = [
  'subject_principal.short_name', 'subject_pkinit_principal', 'subject_rfc822_name', 'subject_dns_name.short_name', 'subject_uri', 'subject_ip_address',
  'subject_directory_name!ad', 'subject_registered_id', 'subject_dn', 'issuer_dn!ad_x500', 'serial_number!dec', 'subject_key_id', 'cert!sha1',
  'subject_dn_component', 'issuer_dn_component.cn', 'sid',
];
const KEYWORDS = [
  'SAN', 'SAN:pkinit', 'SAN:ntPrincipalName', 'SAN:rfc822Name', 'SAN:dNSName', 'SAN:directoryName', 'SAN:uniformResourceIdentifier', 'SAN:iPAddress',
  'SAN:registeredID', 'SAN:1.3.6.1.5.2.2', 'SUBJECT', 'ISSUER',
];

function readable(corpus) {
  return certificatesOf(corpus).flatMap(({ id, der }) => {
    try {
      return [{ id, certificate: parseCertificate(der) }];
    } catch {
      return [];
    }
  });
}

describeCorpora('whatever certificates there are', () => {
  test.each(['pkits', 'gsa-piv', 'spiffe'])('no rule fails: %s', async (corpus) => {
    const mapper = new AccountMapper({
      rules: [
        ...KEYWORDS.map((keyword) => ({ matchrule: `<${keyword}>no such value`, maprule: 'ada' })),
        ...PLACEHOLDERS.map((placeholder, priority) => ({ matchrule: '<SUBJECT>no such value', maprule: `{${placeholder}}`, priority })),
        { altSecurityIdentities: `X509:<SHA1-PUKEY>${'0'.repeat(40)}`, account: 'ada' },
        { uri: 'spiffe://no.such.domain/*', account: 'ada' },
      ],
      gridmap: { text: '' },
    });
    const certificates = readable(corpus);
    expect(certificates.length).toBeGreaterThan(0);
    const templates = PLACEHOLDERS.map((placeholder) => parseMapTemplate(`{${placeholder}}`, 'maprule'));
    for (const { id, certificate } of certificates) {
      expect([id, await mapper.map({ certificate, verified: true })]).toMatchObject([id, { reason: 'no_rule_matches' }]);
      for (const expand of templates) expect(expand(certificate).every((value) => typeof value === 'string' && value !== '')).toBe(true);
    }
  });
});
