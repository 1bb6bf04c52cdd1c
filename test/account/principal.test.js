'use strict';
// Names of principals, and rules about them. How Kerberos writes names is MIT's krb5_unparse_name.

const { AccountMapper, parseCertificate, parsePrincipal } = require('../..');
const { Authority } = require('../support/pki.js');
const { ACCOUNTS, describeAsRoot } = require('../support/accounts.js');

test.each([
  ['alice@R', 'Kerberos', ['alice'], 'R'],
  ['HTTP/www.example.org@EXAMPLE.ORG', 'Kerberos', ['HTTP', 'www.example.org'], 'EXAMPLE.ORG'],
  ['a\\@b@R', 'Kerberos', ['a@b'], 'R'],
  ['a\\/b@R', 'Kerberos', ['a/b'], 'R'],
  ['a\\\\@R', 'Kerberos', ['a\\'], 'R'],
  ['a\\n\\0@R', 'Kerberos', ['a\n\0'], 'R'],
  ['a@R/S', 'Kerberos', ['a'], 'R/S'],
  ['CORP\\alice', 'NTLM', ['alice'], 'CORP'],
  ['alice@corp', 'NTLM', ['alice@corp'], null],
  ['CORP\\alice', 'Basic', ['CORP\\alice'], null],
])('%s of %s', (name, mechanism, components, realm) => {
  expect(parsePrincipal(name, mechanism)).toMatchObject({ name, mechanism, components, realm });
});

test.each([
  ['alice', 'Kerberos'],
  ['@R', 'Kerberos'],
  ['alice@', 'Kerberos'],
  ['a@b@R', 'Kerberos'],
  ['a//b@R', 'Kerberos'],
  ['alice@R\\', 'Kerberos'],
  ['a\nb@R', 'Kerberos'],
  [`${'a'.repeat(1024)}@R`, 'Kerberos'],
  [`${'a/'.repeat(16)}a@R`, 'Kerberos'],
  ['CORP\\', 'NTLM'],
  ['A\\B\\c', 'NTLM'],
  ['a\0', 'NTLM'],
  ['', 'Basic'],
  ['alice@R', 'Digest'],
])('%j is no name of %s', (name, mechanism) => {
  expect(() => parsePrincipal(name, mechanism)).toThrow(TypeError);
});

const outcome = async (rules, name, mechanism) => {
  const mapper = new AccountMapper({ rules });
  const { outcome: result, reason, rule, message } = await mapper.map({ principal: parsePrincipal(name, mechanism), verified: true });
  mapper.close();
  expect(message ?? '').not.toMatch(/certificate/);
  return [result, reason ?? rule];
};

describe('rules', () => {
  const template = [{ principal: '{name}@R', account: '{name}' }];
  // An account that cannot exist tells that a rule matched, without one that does.
  const FOUND = ['denied', 'no_such_account'];
  const NOBODY = ['noMatch', 'no_rule_matches'];
  test.each([
    ['the very principal', [{ principal: 'alice@R', account: 'x-none' }], 'alice@R', 'Kerberos', FOUND],
    ['one of several', [{ principal: ['bob@R', 'alice@R'], account: 'x-none' }], 'alice@R', 'Kerberos', FOUND],
    ['another realm', [{ principal: 'alice@R', account: 'x-none' }], 'alice@S', 'Kerberos', NOBODY],
    ['another case', [{ principal: 'alice@R', account: 'x-none' }], 'Alice@R', 'Kerberos', NOBODY],
    ['a template', template, 'x-none@R', 'Kerberos', FOUND],
    ['a template takes one component', template, 'x-none/admin@R', 'Kerberos', NOBODY],
    ['a template takes no other realm', template, 'x-none@R2', 'Kerberos', NOBODY],
    ['a component that had to be escaped is nobody', template, 'x\\@none@R', 'Kerberos', NOBODY],
    ['a component with a slash is nobody', template, 'x\\/none@R', 'Kerberos', NOBODY],
    ['text around a name', [{ principal: '{name}/svc@R', account: 'svc-{name}' }], 'x/svc@R', 'Kerberos', FOUND],
    ['NTLM has names of its own', template, 'R\\x-none', 'NTLM', NOBODY],
    ['a name of Basic that looks like a principal', template, 'x-none@R', 'Basic', NOBODY],
    ['a name of NTLM that looks like a principal', template, 'x-none@R', 'NTLM', NOBODY],
    ['NTLM', [{ principal: 'CORP\\{name}', mechanism: 'NTLM', account: '{name}' }], 'corp\\x-none', 'NTLM', FOUND],
    ['NTLM of another domain', [{ principal: 'CORP\\{name}', mechanism: 'NTLM', account: '{name}' }], 'OTHER\\x-none', 'NTLM', NOBODY],
    ['two names, and what divides them', [{ principal: '{user}/{role}@R', account: '{user}-{role}' }], 'x/none@R', 'Kerberos', FOUND],
    ['what divides them in the first', [{ principal: '{user}/{role}@R', account: '{user}-{role}' }], 'x-y/none@R', 'Kerberos', NOBODY],
    ['what divides them, overlapping', [{ principal: '{user}/{role}@R', account: '{user}-sa-{role}' }], 'x-sa/none@R', 'Kerberos', NOBODY],
    ['what divides them, overlapping the other way', [{ principal: '{user}/{role}@R', account: '{user}-sa-{role}' }], 'x/sa-none@R', 'Kerberos', NOBODY],
    ['what divides them, in one of two patterns that fit', [{ principal: ['{user}/{role}@R', '{role}/{user}@R'], account: '{user}-a-{role}' }], 'x-a/y@R', 'Kerberos', NOBODY],
    ['what divides them in the second', [{ principal: '{user}/{role}@R', account: '{user}-{role}' }], 'x/y-none@R', 'Kerberos', NOBODY],
    ['Basic', [{ principal: '{name}', mechanism: 'Basic', account: '{name}' }], 'x-none', 'Basic', FOUND],
    ['deny counts first', [{ principal: 'alice@R', deny: true }, { principal: 'alice@R', account: 'x-none' }], 'alice@R', 'Kerberos', ['denied', 'denied_by_rule']],
    ['deny counts for names that are escaped, too', [{ principal: '{name}/admin@R', deny: true }], 'a\\/b/admin@R', 'Kerberos', ['denied', 'denied_by_rule']],
    ['deny takes no notice of case with NTLM', [{ principal: 'CORP\\Alice', mechanism: 'NTLM', deny: true }], 'corp\\ALICE', 'NTLM', ['denied', 'denied_by_rule']],
    ['deny takes no notice of case with Kerberos either, since KDCs of Windows do not', [{ principal: 'alice@R', deny: true }], 'ALICE@r', 'Kerberos', ['denied', 'denied_by_rule']],
    ['nor with Basic', [{ principal: 'alice', mechanism: 'Basic', deny: true }], 'Alice', 'Basic', ['denied', 'denied_by_rule']],
    ['deny counts for what some server might take for that name', [{ principal: 'CORP\\admin', mechanism: 'NTLM', deny: true }], 'CORP\\adm\u0131n', 'NTLM', ['denied', 'denied_by_rule']],
    ['a letter that has its upper case in common with another is another', [{ principal: 'CORP\\admin', mechanism: 'NTLM', account: 'x-none' }], 'CORP\\adm\u0131n', 'NTLM', NOBODY],
    ['letters that are one in upper case are two', [{ principal: 'CORP\\gross', mechanism: 'NTLM', account: 'x-none' }], 'CORP\\gro\u00df', 'NTLM', NOBODY],
    ['two rules that disagree', [{ principal: 'alice@R', account: 'x-none' }, { principal: '{n}@R', account: 'y-none' }], 'alice@R', 'Kerberos', ['ambiguous', 'ambiguous']],
    ['a rule about certificates says nothing of principals', [{ matchrule: '<SUBJECT>.*', maprule: 'x-none' }, { matchrule: '<SUBJECT>.*', deny: true }], 'alice@R', 'Kerberos', NOBODY],
    ['anonymous principals', [{ principal: ['WELLKNOWN/ANONYMOUS@R', '{a}/{b}@R'], account: 'x-none' }], 'WELLKNOWN/ANONYMOUS@R', 'Kerberos', ['denied', 'principal_anonymous']],
    ['anonymous principals of the anonymous realm', [{ principal: '{a}/{b}@WELLKNOWN:ANONYMOUS', account: 'x-none' }], 'WELLKNOWN/ANONYMOUS@WELLKNOWN:ANONYMOUS', 'Kerberos', ['denied', 'principal_anonymous']],
    ['root', [{ principal: '{name}@R', account: '{name}' }], 'root@R', 'Kerberos', ['denied', 'root_not_allowed']],
  ])('%s', async (_, rules, name, mechanism, expected) => {
    expect(await outcome(rules, name, mechanism)).toEqual(expected);
  });

  test.each([
    [{ principal: 'alice', account: 'a' }, 'must be a name of Kerberos'],
    [{ principal: '{name}@{realm}', account: '{name}' }, 'the realm has to be written out'],
    [{ principal: 'svc-{name}@R', account: '{name}' }, 'a whole component'],
    [{ principal: '{a}/{a}@R', account: '{a}' }, 'stands there twice'],
    [{ principal: '{a}/{b}@R', account: '{a}{b}' }, 'between two placeholders'],
    [{ principal: '{name}@R', account: '{other}' }, 'does not stand in the principal'],
    [{ principal: 'alice@R', mechanism: 'LDAP', account: 'a' }, 'mechanism must be one of'],
    [{ uri: 'spiffe://a/b', mechanism: 'NTLM', account: 'a' }, 'a mechanism goes with a principal'],
    [{ principal: 'alice@R' }, 'needs an account, or deny'],
    [{ principal: [], account: 'a' }, 'values are needed'],
  ])('%j is a mistake', (rule, message) => {
    expect(() => new AccountMapper({ rules: [rule] })).toThrow(TypeError);
    expect(() => new AccountMapper({ rules: [rule] })).toThrow(message);
  });

  test('a user of NTLM has one name, however it was typed', async () => {
    const mapper = new AccountMapper({ rules: [{ principal: 'CORP\\{name}', mechanism: 'NTLM', account: '{name}' }], allowRoot: true });
    for (const name of ['root', 'Root', 'ROOT']) {
      expect(await mapper.map({ principal: parsePrincipal(`CORP\\${name}`, 'NTLM'), verified: true })).toMatchObject({ outcome: 'mapped', account: { name: 'root' } });
    }
    mapper.close();
  });

  test('resolve is asked about principals, too', async () => {
    const principal = parsePrincipal('alice@R');
    const asked = [];
    const mapper = new AccountMapper({ resolve: (input) => asked.push(input) && 'x-none' });
    expect(await mapper.map({ principal, verified: true })).toMatchObject({ reason: 'no_such_account', rule: 'resolve' });
    expect(asked).toEqual([{ principal, verified: true }]);
    mapper.close();
  });

  test('what only looks like a principal is none', async () => {
    const mapper = new AccountMapper({ rules: [{ principal: 'alice@R', account: 'x-none' }] });
    const principal = parsePrincipal('alice@R');
    const certificate = parseCertificate(new Authority('a').issue().pem);
    for (const input of [{ principal: { ...principal }, verified: true }, { principal }, { principal: 'alice@R', verified: true }, { principal, certificate, verified: true }]) {
      await expect(mapper.map(input)).rejects.toThrow(TypeError);
    }
    mapper.close();
  });
});

describeAsRoot('with accounts', () => {
  test('a certificate and a ticket of one person are one account', async () => {
    const { name } = ACCOUNTS.alice;
    const mapper = new AccountMapper({ rules: [{ principal: '{name}@R', account: '{name}' }, { matchrule: '<SUBJECT>.*', maprule: '{subject_dn_component.cn}' }] });
    const certificate = parseCertificate(new Authority('a').issue({ subject: { CN: name } }).pem);
    const [byCertificate, byTicket] = [await mapper.map({ certificate, verified: true }), await mapper.map({ principal: parsePrincipal(`${name}@R`), verified: true })];
    expect(byTicket).toMatchObject({ outcome: 'mapped', account: { name }, strength: 'strong' });
    expect(byTicket.account).toEqual(byCertificate.account);
    mapper.close();
  });
});
