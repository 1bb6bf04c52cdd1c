'use strict';

const { parseMatchRule } = require('../../lib/account/match-rule.js');
const { altName, certificate, der, extensions, pkinitName } = require('./world.js');

const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

const alice = certificate({
  subject: [{ DC: 'com' }, { DC: 'contoso' }, { OU: 'Users' }, { CN: 'alice' }],
  names: [
    altName.upn('alice@AD.EXAMPLE'),
    pkinitName(['alice'], 'KRB.EXAMPLE'),
    altName.email('alice@mail.example'),
    altName.dns('alice.host.example'),
    altName.dns('alice.other.example'),
    altName.x400Address(der.int(7)),
    altName.dirName([{ DC: 'com' }, { CN: 'dir' }]),
    altName.ediPartyName(der.int(8)),
    altName.uri('urn:x:alice'),
    altName.ip('192.168.1.2'),
    altName.registeredId('1.2.3.4'),
    altName.otherName('1.2.3.4.5', der.utf8('badge 12')),
  ],
});
const bare = certificate({ extensions: [extensions.basicConstraints({ ca: false })] });
const server = certificate({ extensions: [extensions.keyUsage(['keyEncipherment']), extensions.extendedKeyUsage(['1.3.6.1.5.5.7.3.1'])] });
const long = certificate({ subject: { CN: 'a'.repeat(9000) } });

const allows = (rule, input = alice) => parseMatchRule(rule, 'rule')(input, 'allow') === true;
const denies = (rule, input = alice) => parseMatchRule(rule, 'rule')(input, 'deny') !== false;
const base64 = (...octets) => Buffer.concat(octets).toString('base64');

describe('matching rules, after sss-certmap(5)', () => {
  test.each([
    // Prefixes and joining.
    [undefined, true],
    ['<SUBJECT>.*,DC=contoso,DC=com', true],
    ['KRB5:<SUBJECT>.*,DC=contoso,DC=com', true],
    ['&&<SUBJECT>CN=alice,.*<ISSUER>CN=CA,.*', true],
    ['KRB5:||<SUBJECT>CN=bob,.*<ISSUER>CN=CA,.*', true],
    ['||<SUBJECT>CN=bob,.*<ISSUER>CN=XX,.*', false],
    ['<SUBJECT>CN=bob,.*<ISSUER>CN=CA,.*', false],
    // Whole values, where SSSD looks for parts.
    ['<SUBJECT>CN=alice', false],
    ['<SUBJECT>^CN=alice,OU=Users,DC=contoso,DC=com$', true],
    ['<SUBJECT>CN=alice,OU=Users,DC=contoso,DC=com', true],
    ['<SUBJECT>cn=alice,.*', false],
    ['<SUBJECT>CN=ali|CN=alice,OU=Users,DC=contoso,DC=com', true],
    ['<ISSUER>^CN=CA,DC=contoso,DC=com$', true],
    // Usages.
    ['<KU>digitalSignature', true],
    ['<KU>DigitalSignature', true],
    ['<KU>digitalSignature,keyEncipherment', false],
    ['<KU>digitalSignature, nonRepudiation', false],
    ...['nonRepudiation', 'keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'].map((name) => [
      `<KU>${name}`, false,
    ]),
    ['<EKU>clientAuth', true],
    [`<EKU>clientAuth,${CLIENT_AUTH}`, true],
    ['<EKU>clientAuth,serverAuth', false],
    ['||<EKU>clientAuth,serverAuth', true],
    ...['serverAuth', 'codeSigning', 'emailProtection', 'timeStamping', 'OCSPSigning', 'KPClientAuth', 'pkinit', 'msScLogin'].map((name) => [
      `<EKU>${name}`, false,
    ]),
    // Alternative names: each of a kind has to match.
    ['<SAN>alice@.*', true],
    ['<SAN>.*@AD\\.EXAMPLE', false],
    ['<SAN:Principal>.*@(AD|KRB)\\.EXAMPLE', true],
    ['<SAN:ntPrincipalName>.*@AD\\.EXAMPLE', true],
    ['<SAN:pkinit>.*@KRB\\.EXAMPLE', true],
    ['<SAN:rfc822Name>.*@mail\\.example', true],
    ['<SAN:dNSName>.*\\.example', true],
    ['<SAN:dNSName>.*\\.host\\.example', false],
    ['<SAN:dnsname>.*\\.example', true],
    ['<SAN:directoryName>.*,DC=com', true],
    ['<SAN:uniformResourceIdentifier>urn:.*', true],
    ['<SAN:iPAddress>192\\.168\\..*', true],
    ['<SAN:registeredID>1\\.2\\.3\\..*', true],
    ['<SAN:1.2.3.4.5>badge [0-9]+', true],
    ['<SAN:1.2.3.4.5>badge', false],
    ['<SAN:1.2.3.4.6>.*', false],
    [`<SAN:x400Address>${base64(der.int(7))}`, true],
    [`<SAN:x400Address>${base64(der.int(9))}`, false],
    [`<SAN:ediPartyName>${base64(der.int(8))}`, true],
  ])('%s: %s', (rule, expected) => expect(allows(rule)).toBe(expected));

  test.each([
    ['no usages: none is forbidden, as in SSSD', '<KU>digitalSignature', bare, true],
    ['no extended usages', '<EKU>clientAuth', bare, false],
    ['the default rule', undefined, server, false],
    ['no names of the kind', '<SAN:dNSName>.*', bare, false],
    ['a value that is too long', '<SUBJECT>.*', long, false],
    ['a value that is too long is no reason to give up on another', '||<SUBJECT>.*<EKU>clientAuth', long, true],
  ])('%s', (_, rule, input, expected) => expect(allows(rule, input)).toBe(expected));

  test('the octets of an other name', () => {
    const one = certificate({ names: [altName.otherName('1.2.3.4.5', der.utf8('123'))] });
    expect(allows('<SAN:otherName>MTIz', one)).toBe(true);
    expect(allows(`<SAN:otherName>${base64(der.utf8('123'))}`, one)).toBe(true);
    expect(allows('<SAN:otherName>MTI=', one)).toBe(false);
    expect(denies('<SAN:otherName>MTI=', one)).toBe(true);
  });

  test.each([
    ['one of several names is enough', '<SAN:dNSName>.*\\.host\\.example', alice, true],
    ['none of them', '<SAN:dNSName>.*\\.evil\\.example', alice, false],
    ['a value that is too long', '<SUBJECT>nobody', long, true],
    ['a value that is no text', '<SAN:1.2.3.4.5>x', certificate({ names: [altName.otherName('1.2.3.4.5', der.int(3))] }), true],
    ['a principal that cannot be read', '<SAN:pkinit>x', certificate({ names: [altName.otherName('1.3.6.1.5.2.2', der.int(3))] }), true],
  ])('denying: %s', (_, rule, input, expected) => expect(denies(rule, input)).toBe(expected));

  test.each([
    ['', /at least one component/],
    ['KRB5:', /at least one component/],
    ['SUBJECT', /character 1/],
    ['<SUBJECT', /character 1/],
    ['<SUBJECT>', /<SUBJECT> at character 1: a value/],
    ['<SUBJECT>a<NOPE>b', /<NOPE> at character 11: unknown component/],
    ['<subject>a', /<subject>.*unknown/],
    ['<SAN:nope>a', /<SAN:nope>.*unknown/],
    ['<SAN:__proto__>a', /unknown/],
    ['<SAN:constructor>a', /unknown/],
    ['<KU>nope', /'nope'/],
    ['<KU>digitalSignature,', /''/],
    ['<EKU>nope', /'nope'/],
    ['<EKU>.1.2', /'\.1\.2'/],
    ['<SAN:otherName>!!', /base64/],
    ['<SUBJECT>(a', /<SUBJECT> at character 1.*not a pattern/],
    ['<SUBJECT>(?=a)', /not a pattern/],
    ['<SUBJECT>(a)\\1', /not a pattern/],
    [`<SUBJECT>${'a'.repeat(1025)}`, /1024/],
    ['<SUBJECT>((a{100}){100})', /expands|not a pattern/],
    ['LDAP:<SUBJECT>a', /'LDAP'/],
    [`${'<KU>cRLSign'.repeat(65)}`, /64 components/],
    [7, /string/],
  ])('%j is refused', (rule, message) => {
    expect(() => parseMatchRule(rule, 'rules[0].matchrule')).toThrow(TypeError);
    expect(() => parseMatchRule(rule, 'rules[0].matchrule')).toThrow(message);
    expect(() => parseMatchRule(rule, 'rules[0].matchrule')).toThrow(/rules\[0\]\.matchrule/);
  });
});

describe('patterns that take others exponential time', () => {
  const evil = certificate({ subject: { CN: `${'a'.repeat(8000)}!` } });
  test.each([['CN=(a+)+'], ['CN=(a|a)*b'], ['CN=(a|aa)+$'], ['CN=(.*a){30}x'], ['CN=([a-z]+)*\\d'], ['(.*)*(.*)*(.*)*x']])('%s', (pattern) => {
    expect(allows(`<SUBJECT>${pattern}`, evil)).toBe(false);
  });
});
