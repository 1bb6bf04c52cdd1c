'use strict';

const { createHash } = require('node:crypto');

const { parseAltSecurityIdentity } = require('../../lib/account/alt-security-identities.js');
const { keyIdentifier } = require('../support/certificate-builder.js');
const { newKey } = require('../support/pki.js');
const { altName, certificate, extensions } = require('./world.js');

const SID = 'S-1-5-21-1-2-3-1105';
const privateKey = newKey();
const alice = certificate({
  privateKey,
  subject: [{ DC: 'com' }, { DC: 'contoso' }, { OU: 'Users' }, { CN: 'alice' }],
  serial: 0x2b0000000001a2n,
  names: [altName.email('Alice@Contoso.com')],
  more: [extensions.subjectKeyIdentifier(Buffer.from('df2f4b04', 'hex')), extensions.sid(SID)],
});
const odd = certificate({ subject: [{ C: 'US' }, { ST: 'WA', L: 'Redmond' }, { O: 'Acme, "Inc"' }, { CN: ' a+b ' }, { emailAddress: 'x@y' }] });
const high = certificate({ serial: 0x8f01n });

const ISSUER = '<I>DC=com,DC=contoso,CN=CA';
const verdict = (value, input = alice) => {
  const { matches, strength } = parseAltSecurityIdentity(value, 'x');
  return matches(input) ? strength : 'no';
};

describe('altSecurityIdentities', () => {
  test.each([
    [`X509:${ISSUER}<S>DC=com,DC=contoso,OU=Users,CN=alice`, 'weak'],
    ['X509:<S>DC=com,DC=contoso,OU=Users,CN=alice', 'weak'],
    ['X509:<S>dc=com,Dc=contoso,ou=Users,cn=alice', 'weak'],
    ['X509:<S>DC=com\r\nDC=contoso\nOU=Users\rCN=alice', 'weak'],
    ['X509:<S>DC=com, DC=contoso, OU=Users , CN=alice', 'weak'],
    ['X509:<S>OID.0.9.2342.19200300.100.1.25=com,DC=contoso,OU=Users,2.5.4.3=alice', 'weak'],
    ['X509:<S>CN=alice,OU=Users,DC=contoso,DC=com', 'no'],
    ['X509:<S>DC=com,DC=contoso,OU=Users,CN=Alice', 'no'],
    ['X509:<S>DC=contoso,OU=Users,CN=alice', 'no'],
    ['X509:<S>DC=com,DC=contoso,OU=Users+CN=alice', 'no'],
    ['X509:<I>DC=com,DC=contoso,CN=CB<S>DC=com,DC=contoso,OU=Users,CN=alice', 'no'],
    ['X509:<RFC822>Alice@contoso.COM', 'weak'],
    ['X509:<RFC822>alice@contoso.com', 'no'],
    [`X509:${ISSUER}<SR>a201000000002b`, 'strong'],
    [`X509:${ISSUER}<SR>A201000000002B`, 'strong'],
    [`X509:${ISSUER}<SR>a201000000002b00`, 'strong'],
    [`X509:${ISSUER}<SR>2b0000000001a2`, 'no'],
    ['X509:<I>CN=CA,DC=contoso,DC=com<SR>a201000000002b', 'no'],
    ['X509:<SKI>DF2f4b04', 'strong'],
    ['X509:<SKI>df2f4b05', 'no'],
    [`X509:<SHA1-PUKEY>${keyIdentifier(privateKey).toString('hex')}`, 'strong'],
    [`X509:<SHA1-PUKEY>${keyIdentifier(newKey()).toString('hex')}`, 'no'],
    [`X509:<SHA1-PUKEY>${createHash('sha1').update(alice.der).digest('hex')}`, 'strong'],
    [`X509:<SHA1-PUKEY>${createHash('sha1').update(alice.publicKey.der).digest('hex')}`, 'no'],
    [`X509:${ISSUER}<SID>${SID}`, 'strong'],
    [`X509:${ISSUER}<SID>${SID}0`, 'no'],
    [`X509:<I>DC=com,CN=CA<SID>${SID}`, 'no'],
  ])('%j: %s', (value, expected) => expect(verdict(value)).toBe(expected));

  test.each([
    ['X509:<S>C=US,S=WA+L=Redmond,O="Acme, ""Inc""",CN=" a+b ",E=x@y'],
    ['X509:<S>C=US,L=Redmond+ST=WA,O=Acme\\, \\"Inc\\",CN=\\ a\\+b\\ ,E=x@y'],
    ['X509:<S>C=US,L=Redmond+ST=WA,O=Acme\\2C \\22Inc\\22,CN=\\20a\\2bb\\20,emailAddress=x@y'],
  ])('escapes: %j', (value) => expect(verdict(value, odd)).toBe('weak'));

  test('a serial number with the leading zero that its DER has, or without', () => {
    expect(verdict(`X509:${ISSUER}<SR>018f`, high)).toBe('strong');
    expect(verdict(`X509:${ISSUER}<SR>018f00`, high)).toBe('strong');
  });

  test('nothing that the certificate does not have', () => {
    const bare = certificate({ extensions: [extensions.basicConstraints({ ca: false })] });
    expect(verdict('X509:<SKI>00', bare)).toBe('no');
    expect(verdict(`X509:${ISSUER}<SID>${SID}`, bare)).toBe('no');
    expect(verdict('X509:<RFC822>a@b', bare)).toBe('no');
  });

  test.each([
    ['Kerberos:alice@contoso.com'], ['X509:'], ['X509:CN=a'], ['X509:x<S>CN=a'], ['X509:<I>CN=a'], ['X509:<SR>01'], ['X509:<S>CN=a<I>CN=b'],
    ['X509:<S>CN=a<S>CN=b'], ['X509:<NOPE>a'], ['X509:<SKI>'], ['X509:<SKI>0'], ['X509:<SKI>xx'], ['X509:<SHA1-PUKEY>00'], ['X509:<S>'],
    ['X509:<S>alice'], ['X509:<S>NOPE=alice'], ['X509:<S>CN=a,,CN=b'], ['X509:<S>CN=a,'], ['X509:<S>CN="a'], ['X509:<S>CN=a"b,OU=c'], ['X509:<S>CN=a\\'],
    ['X509:<I>CN=a<SID>S-2-5'], ['X509:<I>CN=a<SR>zz'], [7], [undefined],
  ])('%j is refused', (value) => {
    expect(() => parseAltSecurityIdentity(value, 'rules[2].altSecurityIdentities')).toThrow(TypeError);
    expect(() => parseAltSecurityIdentity(value, 'rules[2].altSecurityIdentities')).toThrow(/rules\[2\]/);
  });
});
