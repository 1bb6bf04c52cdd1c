'use strict';

const { createHash } = require('node:crypto');

const { parseMapTemplate } = require('../../lib/account/map-template.js');
const der = require('../support/der.js');
const { altName, certificate, extensions, pkinitName } = require('./world.js');

/** A value that is no character string. */
const bits = (text) => der.bitString(Buffer.from(text));

const SID = 'S-1-5-21-294026126-3378245018-1203103949-1001';

// After the certificates of SSSD's own tests (src/tests/cmocka/test_certmap.c).
const user = certificate({
  subject: [{ DC: 'devel' }, { DC: 'ad' }, { CN: 'Users' }, { CN: 't u' }, { emailAddress: 'test.user@email.domain' }],
  serial: 0x612288c20000000002a6n,
  names: [altName.upn('tu1@ad.devel'), altName.email('test.user@email.domain'), altName.dns('host.ad.devel'), altName.uri('urn:user:tu1'),
    altName.ip('192.0.2.7'), altName.registeredId('1.2.3.4'), altName.dirName([{ DC: 'devel' }, { ST: 'x' }])],
  more: [extensions.subjectKeyIdentifier(Buffer.from('49acade06530c4cea009035bad4a7b495ec96cb4', 'hex')), extensions.sid(SID)],
});
const sha512 = createHash('sha512').update(user.der).digest('hex');
const sha256 = createHash('sha256').update(user.der).digest('hex');

const expand = (template, input = user) => parseMapTemplate(template, 'maprule')(input);

describe('templates, after sss-certmap(5) and the tests of SSSD', () => {
  test.each([
    ['alice', 'alice'],
    ['LDAPU1:alice', 'alice'],
    ['a{{b}}', 'a{b}'],
    ['{subject_principal}', 'tu1@ad.devel'],
    ['{subject_principal.short_name}', 'tu1'],
    ['{subject_nt_principal}', 'tu1@ad.devel'],
    ['u-{subject_nt_principal.short_name}-x', 'u-tu1-x'],
    ['{subject_rfc822_name}', 'test.user@email.domain'],
    ['{subject_rfc822_name.short_name}', 'test.user'],
    ['{subject_dns_name}', 'host.ad.devel'],
    ['{subject_dns_name.short_name}', 'host'],
    ['{subject_uri}', 'urn:user:tu1'],
    ['{subject_ip_address}', '192.0.2.7'],
    ['{subject_registered_id}', '1.2.3.4'],
    ['{subject_directory_name}', 'ST=x,DC=devel'],
    ['{subject_directory_name!ad}', 'DC=devel,S=x'],
    ['{issuer_dn}', 'CN=CA,DC=contoso,DC=com'],
    ['{issuer_dn!nss}', 'CN=CA,DC=contoso,DC=com'],
    ['{issuer_dn!nss_ldap}', 'CN=CA,DC=contoso,DC=com'],
    ['{issuer_dn!nss_x500}', 'DC=com,DC=contoso,CN=CA'],
    ['{issuer_dn!ad}', 'DC=com,DC=contoso,CN=CA'],
    ['{issuer_dn!ad_x500}', 'DC=com,DC=contoso,CN=CA'],
    ['{issuer_dn!ad_ldap}', 'CN=CA,DC=contoso,DC=com'],
    ['{subject_dn}', 'E=test.user@email.domain,CN=t u,CN=Users,DC=ad,DC=devel'],
    ['{serial_number}', '612288c20000000002a6'],
    ['{serial_number!hex}', '612288c20000000002a6'],
    ['{serial_number!hex_u}', '612288C20000000002A6'],
    ['{serial_number!hex_uc}', '61:22:88:C2:00:00:00:00:02:A6'],
    ['{serial_number!hex_c}', '61:22:88:c2:00:00:00:00:02:a6'],
    ['{serial_number!hex_r}', 'a60200000000c2882261'],
    ['{serial_number!dec}', '458706592575796350550694'],
    ['{subject_key_id}', '49acade06530c4cea009035bad4a7b495ec96cb4'],
    ['{subject_key_id!hex_u}', '49ACADE06530C4CEA009035BAD4A7B495EC96CB4'],
    ['{subject_key_id!hex_cu}', '49:AC:AD:E0:65:30:C4:CE:A0:09:03:5B:AD:4A:7B:49:5E:C9:6C:B4'],
    ['{cert!sha256}', sha256],
    ['{cert!sha512}', sha512],
    ['{cert!sha512_u}', sha512.toUpperCase()],
    ['{cert!sha512_ucr}', sha512.toUpperCase().match(/../g).reverse().join(':')],
    ['{cert!sha1}', user.fingerprints.sha1.toLowerCase()],
    ['{subject_dn_component}', 'test.user@email.domain'],
    ['{subject_dn_component.[1]}--{subject_dn_component.[2]}--{subject_dn_component.[5]}', 'test.user@email.domain--t u--devel'],
    ['{subject_dn_component.[-5]}--{subject_dn_component.[-1]}', 'test.user@email.domain--devel'],
    ['{subject_dn_component.e}', 'test.user@email.domain'],
    ['{subject_dn_component.cn[2]}', 't u'],
    ['{issuer_dn_component}', 'CA'],
    ['{issuer_dn_component.cn}', 'CA'],
    ['{issuer_dn_component.[-1]}', 'com'],
    ['{issuer_dn_component.[-2]}.{issuer_dn_component.dc[-1]}', 'contoso.com'],
    ['{sid}', SID],
    ['{sid.rid}', '1001'],
  ])('%s', (template, expected) => expect(expand(template)).toEqual([expected]));

  test.each([
    ['no such component', '{subject_dn_component.[6]}', user, []],
    ['no such component from the other end', '{subject_dn_component.[-6]}', user, []],
    ['another type at that position', '{subject_dn_component.cn[1]}', user, []],
    ['several components of that type', '{subject_dn_component.cn}', user, ['t u', 'Users']],
    ['no value', '{subject_pkinit_principal}', user, []],
    ['no value among others', 'a{subject_pkinit_principal}-{sid}', user, []],
    ['a value that is no text beside one that is', '{subject_dn_component.cn}', certificate({ subject: [{ CN: bits('ada') }, { CN: 'bob' }] }), []],
    ['an empty value beside another', '{subject_dn_component.cn}', certificate({ subject: [{ CN: '' }, { CN: 'bob' }] }), []],
    ['a principal that is no UTF8String beside one that is', '{subject_nt_principal.short_name}', certificate({ names: [altName.otherName('1.3.6.1.4.1.311.20.2.3', der.ia5('ada@a')), altName.upn('bob@a')] }), []],
    ['a principal with two at-signs beside another', '{subject_nt_principal.short_name}', certificate({ names: [altName.upn('ada@a@b'), altName.upn('bob@a')] }), []],
    ['two placeholders', '{subject_nt_principal.short_name}-{subject_dns_name.short_name}', certificate({ names: [altName.upn('ada@a'), altName.dns('b.example')] }), ['ada-b']],
    ['what divides two placeholders in the first one', '{subject_nt_principal.short_name}-{subject_dns_name.short_name}', certificate({ names: [altName.upn('ada-b@a'), altName.dns('c.example')] }), []],
    ['what divides two placeholders in the second one', '{subject_nt_principal.short_name}-{subject_dns_name.short_name}', certificate({ names: [altName.upn('ada@a'), altName.dns('b-c.example')] }), []],
    ['what divides two placeholders, overlapping', '{subject_nt_principal.short_name}--{subject_dns_name.short_name}', certificate({ names: [altName.upn('ada-@a'), altName.dns('b.example')] }), []],
    ['what divides two placeholders, beginning in the second one', '{subject_nt_principal.short_name}--{subject_dns_name.short_name}', certificate({ names: [altName.upn('ada@a'), altName.dns('-b.example')] }), []],
    ['what divides two placeholders, beside a value that has not got it', '{subject_nt_principal.short_name}-{subject_dns_name.short_name}', certificate({ names: [altName.upn('ada-b@a'), altName.upn('ada@a'), altName.dns('c.example')] }), []],
    ['what divides two placeholders, around them', '-{subject_nt_principal.short_name}-{subject_dns_name.short_name}-', certificate({ names: [altName.upn('ada@a'), altName.dns('b.example')] }), ['-ada-b-']],
    ['an empty value', 'a{subject_dn_component.cn}', certificate({ subject: { CN: '' } }), []],
    ['a negative serial number', '{serial_number!dec}', certificate({ serial: -5n }), []],
    ['never expanded again', '{subject_dn_component.cn}', certificate({ subject: { CN: '{sid}' } }), ['{sid}']],
    ['two at-signs', '{subject_rfc822_name.short_name}', certificate({ names: [altName.email('"a@b"@c.example')] }), []],
    ['without the mark', '{subject_principal.short_name}', certificate({ names: [altName.upn('alice')] }), ['alice']],
    ['two names of one short name', '{subject_rfc822_name.short_name}', certificate({ names: [altName.email('a@b.example'), altName.email('a@c.example')] }), ['a']],
    ['two names', '{subject_dns_name.short_name}', certificate({ names: [altName.dns('a.example'), altName.dns('b.example')] }), ['a', 'b']],
    ['PKINIT', '{subject_pkinit_principal}', certificate({ names: [pkinitName(['host', 'a.example'], 'REALM')] }), ['host/a.example@REALM']],
    ['both principals', '{subject_principal.short_name}', certificate({ names: [pkinitName(['a'], 'REALM'), altName.upn('b@ad')] }), ['a', 'b']],
    ['a component that would need escapes', '{subject_pkinit_principal}', certificate({ names: [pkinitName(['a@B'], 'REALM')] }), []],
    ['escapes of RFC 4514', '{subject_dn}', certificate({ subject: { O: 'Acme, Inc.', CN: '#a+b' } }), ['CN=\\#a\\+b,O=Acme\\, Inc.']],
  ])('%s', (_, template, input, expected) => expect(expand(template, input)).toEqual(expected));

  test.each([
    ['(userPrincipal={subject_principal})', /LDAP filter/],
    ['LDAP:(uid={sid})', /LDAP filter/],
    ['LDAPU1:(uid={sid})', /LDAP filter/],
    ['OTHER:x', /'OTHER'/],
    ['{nope}', /\{nope\}: unknown placeholder/],
    ['{constructor}', /unknown placeholder/],
    ['{}', /unknown placeholder/],
    ['{sid.nope}', /'nope'/],
    ['{sid!hex}', /'hex'/],
    ['{subject_uri.short_name}', /'short_name'/],
    ['{subject_principal.short_name.x}', /unknown placeholder/],
    ['{issuer_dn!nope}', /'nope'/],
    ['{issuer_dn.cn}', /'cn'/],
    ['{serial_number!hex_x}', /'hex_x'/],
    ['{subject_key_id!dec}', /'dec'/],
    ['{cert}', /a digest is needed/],
    ['{cert!bin}', /a digest is needed/],
    ['{cert!base64}', /a digest is needed/],
    ['{cert!md5}', /a digest is needed/],
    ['{subject_dn_component.[0]}', /position/],
    ['{subject_dn_component.nope}', /unknown attribute 'nope'/],
    ['{subject_x400_address}', /unknown placeholder/],
    ['a{', /'\{'/],
    ['a}b', /'\}'/],
    ['{a{b}}', /'\{'|unknown/],
    ['{sid}{subject_uri}', /between two placeholders/],
    ['a{{}}{sid}{subject_uri}', /between two placeholders/],
    ['../etc', /name of a local user/],
    ['{sid}'.repeat(17), /16 placeholders/],
    ['', /string/],
    [undefined, /string/],
    ['a'.repeat(1025), /1024/],
  ])('%j is refused', (template, message) => {
    expect(() => parseMapTemplate(template, 'rules[1].maprule')).toThrow(TypeError);
    expect(() => parseMapTemplate(template, 'rules[1].maprule')).toThrow(message);
  });
});
