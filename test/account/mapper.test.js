'use strict';

jest.mock('../../lib/account/accounts.js', () => ({ findAccount: jest.fn() }), { virtual: true });

const { findAccount } = require('../../lib/account/accounts.js');
const { AccountMapper } = require('../../lib/account/mapper.js');
const { ClientCertInfo } = require('../../lib/client-cert-info.js');
const { getClientCertInfo } = require('../../lib/index.js');
const { Network } = require('../support/tls.js');
const { accounts, altName, authority, certificate, extensions } = require('./world.js');

const alice = certificate({
  subject: [{ O: 'Example' }, { CN: 'alice' }],
  serial: 0x01a2,
  names: [altName.email('alice@example.org'), altName.dns('a.example'), altName.dns('b.example'), altName.uri('spiffe://example.org/ns/prod/sa/web')],
  more: [extensions.sid('S-1-5-21-1-2-3-1105')],
});
const ISSUER = '<I>DC=com,DC=contoso,CN=CA';
const WEAK = 'X509:<S>O=Example,CN=alice';
const STRONG = `X509:${ISSUER}<SR>a201`;
const ALL = '<SUBJECT>.*';
const EMAIL = '{subject_rfc822_name.short_name}';

/** @type {AccountMapper[]} */
let mappers = [];
let calls;

const serve = (changes) => {
  const found = accounts(changes);
  calls = found.calls;
  findAccount.mockImplementation(found.find);
};
beforeEach(() => serve());
afterEach(() => {
  for (const mapper of mappers) mapper.close();
  mappers = [];
});

const mapperOf = (options) => {
  const mapper = new AccountMapper(options);
  mappers.push(mapper);
  return mapper;
};
const map = (options, { input = alice, account } = {}) =>
  mapperOf(options).map({ certificate: input, verified: true }, account === undefined ? undefined : { account });

/** What a table says of an outcome. */
const brief = ({ outcome, account, rule, strength, reason }) =>
  [outcome, account?.name, rule, strength, outcome === 'mapped' ? undefined : reason].filter((one) => one !== undefined).join(' | ');

describe('outcomes', () => {
  test.each([
    // Kinds.
    ['a template', { rules: [{ matchrule: ALL, maprule: EMAIL }] }, 'mapped | alice | rules[0]'],
    ['a name of its own', { rules: [{ matchrule: ALL, maprule: EMAIL, name: 'mail' }] }, 'mapped | alice | mail'],
    ['the default matchrule', { rules: [{ maprule: EMAIL }] }, 'mapped | alice | rules[0]'],
    ['no match', { rules: [{ matchrule: '<SUBJECT>nobody', maprule: EMAIL }] }, 'noMatch | no_rule_matches'],
    ['no value', { rules: [{ matchrule: ALL, maprule: '{subject_principal}' }] }, 'noMatch | no_rule_matches'],
    ['no value, and another rule', { rules: [{ maprule: '{subject_principal}', priority: 1 }, { maprule: EMAIL }] }, 'mapped | alice | rules[1]'],
    ['strong', { rules: [{ altSecurityIdentities: STRONG, account: 'ada' }] }, 'mapped | ada | rules[0] | strong'],
    ['weak', { rules: [{ altSecurityIdentities: WEAK, account: 'ada' }] }, 'noMatch | weak | weak_mapping'],
    ['weak, allowed', { rules: [{ altSecurityIdentities: WEAK, account: 'ada' }], allowWeak: true }, 'mapped | ada | rules[0] | weak'],
    ['weak and strong', { rules: [{ altSecurityIdentities: [WEAK, STRONG], account: 'ada' }] }, 'mapped | ada | rules[0] | strong'],
    ['weak, then another source', { rules: [{ altSecurityIdentities: WEAK, account: 'ada' }], resolve: () => 'bob' }, 'mapped | bob | resolve'],
    ['weak does not hide a strong one', {
      rules: [{ altSecurityIdentities: WEAK, account: 'ada', priority: 0 }, { altSecurityIdentities: STRONG, account: 'bob' }],
    }, 'mapped | bob | rules[1] | strong'],
    ['by the SID', { rules: [{ altSecurityIdentities: `X509:${ISSUER}<SID>S-1-5-21-1-2-3-1105`, account: 'ada' }] }, 'mapped | ada | rules[0] | strong'],
    ['a Certificate', { rules: [{ certificate: alice, account: 'ada' }] }, 'mapped | ada | rules[0] | strong'],
    ['PEM', { rules: [{ certificate: alice.pem, account: 'ada' }] }, 'mapped | ada | rules[0] | strong'],
    ['DER', { rules: [{ certificate: alice.der, account: 'ada' }] }, 'mapped | ada | rules[0] | strong'],
    ['a fingerprint', { rules: [{ certificate: alice.fingerprints.sha256.toLowerCase(), account: 'ada' }] }, 'mapped | ada | rules[0] | strong'],
    ['one of several fingerprints', {
      rules: [{ certificate: ['0'.repeat(64), alice.fingerprints.sha256.match(/../g).join(':')], account: 'ada' }],
    }, 'mapped | ada | rules[0] | strong'],
    ['another certificate', { rules: [{ certificate: certificate(), account: 'ada' }] }, 'noMatch | no_rule_matches'],
    ['a pin', { rules: [{ spkiPin: alice.publicKey.pinSha256, account: 'ada' }] }, 'mapped | ada | rules[0] | strong'],
    ['another pin', { rules: [{ spkiPin: [certificate().publicKey.pinSha256], account: 'ada' }] }, 'noMatch | no_rule_matches'],
    ['a URI', { rules: [{ uri: 'spiffe://example.org/ns/*/sa/{name}', account: 'svc-{name}' }] }, 'mapped | svc-web | rules[0]'],
    ['a URI, and a fixed account', { rules: [{ uri: 'spiffe://example.org/ns/*/sa/*', account: 'svc' }] }, 'mapped | svc | rules[0]'],
    // Order.
    ['the first priority', { rules: [{ maprule: 'bob', priority: 2 }, { maprule: 'ada', priority: 1 }, { maprule: 'eve' }] }, 'mapped | ada | rules[1]'],
    ['two accounts of one rank', { rules: [{ maprule: 'ada' }, { maprule: 'bob' }] }, 'ambiguous | rules[0], rules[1] | ambiguous'],
    ['two accounts of one rank, but one before', { rules: [{ maprule: 'ada' }, { maprule: 'bob' }, { maprule: 'eve', priority: 0 }] }, 'mapped | eve | rules[2]'],
    ['one account by two rules', { rules: [{ maprule: 'ada' }, { certificate: alice, account: 'ada' }] }, 'mapped | ada | rules[0], rules[1] | strong'],
    ['two values of one template', { rules: [{ maprule: '{subject_dns_name.short_name}' }] }, 'ambiguous | rules[0] | ambiguous'],
    ['two altSecurityIdentities', {
      rules: [{ altSecurityIdentities: STRONG, account: 'ada' }, { altSecurityIdentities: `X509:${ISSUER}<SID>S-1-5-21-1-2-3-1105`, account: 'bob' }],
    }, 'ambiguous | rules[0], rules[1] | ambiguous'],
    ['ambiguous is final', { rules: [{ maprule: 'ada' }, { maprule: 'bob' }], resolve: () => 'eve' }, 'ambiguous | rules[0], rules[1] | ambiguous'],
    ['rules before the gridmap', { rules: [{ maprule: 'ada' }], gridmap: { text: '/O=Example/CN=alice bob' } }, 'mapped | ada | rules[0]'],
    ['the gridmap before resolve', { gridmap: { text: '#\n/O=Example/CN=alice bob,eve' }, resolve: () => 'eve' }, 'mapped | bob | gridmap line 2'],
    ['not in the gridmap', { gridmap: { text: '/O=Example/CN=bob bob' } }, 'noMatch | no_rule_matches'],
    // Deny.
    ['deny wins', { rules: [{ maprule: 'ada', priority: 0 }, { matchrule: ALL, deny: true, name: 'no' }] }, 'denied | no | denied_by_rule'],
    ['deny of something else', { rules: [{ maprule: 'ada' }, { matchrule: '<SUBJECT>x', deny: true }] }, 'mapped | ada | rules[0]'],
    ['deny before every source', { rules: [{ matchrule: ALL, deny: true }], resolve: () => 'ada' }, 'denied | rules[0] | denied_by_rule'],
    ['deny a certificate', { rules: [{ certificate: alice, deny: true }], resolve: () => 'ada' }, 'denied | rules[0] | denied_by_rule'],
    ['deny a pin', { rules: [{ spkiPin: alice.publicKey.pinSha256, deny: true }], resolve: () => 'ada' }, 'denied | rules[0] | denied_by_rule'],
    ['deny by a weak identity', { rules: [{ altSecurityIdentities: WEAK, deny: true }], resolve: () => 'ada' }, 'denied | rules[0] | denied_by_rule'],
    ['deny a URI', { rules: [{ uri: 'spiffe://example.org/ns/prod/*/*', deny: true }], resolve: () => 'ada' }, 'denied | rules[0] | denied_by_rule'],
    ['deny another URI', { rules: [{ uri: 'spiffe://example.org/ns/test/*/*', deny: true }], resolve: () => 'ada' }, 'mapped | ada | resolve'],
    // resolve().
    ['resolve', { resolve: ({ certificate: { subject } }) => subject.get('CN')[0] }, 'mapped | alice | resolve'],
    ['resolve, later', { resolve: async () => 'ada' }, 'mapped | ada | resolve'],
    ['resolve: null', { resolve: () => null }, 'noMatch | no_rule_matches'],
    ['resolve: undefined', { resolve: () => undefined }, 'noMatch | no_rule_matches'],
    ['resolve: false', { resolve: () => false }, 'denied | resolve | denied_by_resolve'],
    ['resolve: true', { resolve: () => true }, 'denied | resolve | resolve_failed'],
    ['resolve: a number', { resolve: () => 1000 }, 'denied | resolve | resolve_failed'],
    ['resolve: an empty name', { resolve: () => '' }, 'denied | resolve | invalid_user_name'],
    ['resolve: an array', { resolve: () => ['ada'] }, 'denied | resolve | resolve_failed'],
    ['resolve: a bad name', { resolve: () => '../etc' }, 'denied | resolve | invalid_user_name'],
  ])('%s', async (_, options, expected) => expect(brief(await map(options))).toBe(expected));

  test.each(['..', '.', '/etc', 'a/b', 'a\0', '-rf', '+a', '~a', 'a b', '1000', 'a'.repeat(300), 'a:b', '\u202ea'])(
    'never asks for the user %j', async (name) => {
      const input = certificate({ subject: { CN: name } });
      expect(brief(await map({ rules: [{ maprule: '{subject_dn_component.cn}' }] }, { input }))).toBe('denied | rules[0] | invalid_user_name');
      expect(calls).toEqual([]);
    },
  );

  test('a URI that would give somebody else\'s account gives none', async () => {
    const rules = [{ uri: 'spiffe://example.org/{ns}/{sa}', account: '{ns}-{sa}' }];
    const outcomeOf = async (uri) => (await new AccountMapper({ rules }).map({ certificate: certificate({ names: [altName.uri(uri)] }), verified: true })).outcome;
    expect(await outcomeOf('spiffe://example.org/a/b-c')).toBe('noMatch');
    expect(await outcomeOf('spiffe://example.org/x/y')).not.toBe('noMatch');
  });

  test('a deny rule for what cannot be told apart', async () => {
    const rules = [{ uri: 'spiffe://example.org/a', deny: true }, { maprule: 'ada' }];
    const input = certificate({ names: [altName.uri('spiffe://other.example/a/../b')] });
    expect(brief(await map({ rules }, { input }))).toBe('denied | rules[0] | denied_by_rule');
    const long = certificate({ subject: { CN: 'a'.repeat(9000) } });
    expect(brief(await map({ rules: [{ matchrule: '<SUBJECT>x', deny: true }, { maprule: 'ada' }] }, { input: long }))).toBe('denied | rules[0] | denied_by_rule');
  });

  test('resolve() that throws', async () => {
    const cause = new Error('down');
    for (const resolve of [() => { throw cause; }, async () => Promise.reject(cause)]) {
      const outcome = await map({ resolve });
      expect(brief(outcome)).toBe('denied | resolve | resolve_failed');
      expect(outcome.cause).toBe(cause);
      expect(Object.keys(outcome)).toEqual(['outcome', 'rule', 'reason', 'message']);
    }
  });
});

describe('accounts', () => {
  test('are given whole, and frozen', async () => {
    const outcome = await map({ rules: [{ maprule: 'ada' }] });
    expect(outcome).toEqual({
      outcome: 'mapped',
      account: { name: 'ada', uid: 1000, gid: 1000, groups: [1000, 27], home: '/home/ada', shell: '/bin/sh' },
      rule: 'rules[0]',
    });
    for (const one of [outcome, outcome.account, outcome.account.groups]) expect(Object.isFrozen(one)).toBe(true);
  });

  test.each([
    ['there is none', null, {}, 'denied | rules[0] | no_such_account'],
    ['of another case', { name: 'Ada' }, {}, 'denied | rules[0] | no_such_account'],
    ['root', { uid: 0 }, {}, 'denied | rules[0] | root_not_allowed'],
    ['root, allowed', { uid: 0 }, { allowRoot: true }, 'mapped | ada | rules[0]'],
    ['locked', { standing: 'locked' }, {}, 'denied | rules[0] | account_locked'],
    ['root, allowed, but locked', { uid: 0, standing: 'locked' }, { allowRoot: true }, 'denied | rules[0] | account_locked'],
    ['expired', { standing: 'expired' }, {}, 'denied | rules[0] | account_expired'],
    ['not known', { standing: 'unknown' }, {}, 'mapped | ada | rules[0]'],
    ['of a standing that nobody knows', { standing: 'frozen' }, {}, 'denied | rules[0] | account_unavailable'],
    ['without a uid', { uid: undefined }, {}, 'denied | rules[0] | account_unavailable'],
    ['that cannot be looked up', new Error('down'), {}, 'denied | rules[0] | account_unavailable'],
  ])('%s: final', async (_, ada, options, expected) => {
    serve({ ada });
    expect(brief(await map({ rules: [{ maprule: 'ada' }], resolve: () => 'bob', ...options }))).toBe(expected);
    expect(calls).toEqual(['ada']);
  });

  test.each([
    ['of the gridmap', 'bob', 'mapped | bob | gridmap line 1'],
    ['the default one of the gridmap', 'ada', 'mapped | ada | gridmap line 1'],
    ['not of the gridmap', 'eve', 'denied | gridmap line 1 | account_not_permitted'],
  ])('one that is asked for: %s', async (_, account, expected) => {
    expect(brief(await map({ gridmap: { text: '/O=Example/CN=alice ada,bob' } }, { account }))).toBe(expected);
  });

  test('one that is asked for, of another source', async () => {
    expect(brief(await map({ rules: [{ maprule: 'ada' }] }, { account: 'ada' }))).toBe('mapped | ada | rules[0]');
    expect(brief(await map({ rules: [{ maprule: 'ada' }] }, { account: 'bob' }))).toBe('denied | rules[0] | account_not_permitted');
    expect(brief(await map({ rules: [{ maprule: 'ada' }, { maprule: 'bob' }] }, { account: 'bob' }))).toMatch(/^ambiguous/);
  });

  test('are believed for accountTtl', async () => {
    const input = { certificate: alice, verified: true };
    for (const [accountTtl, expected] of [[undefined, 1], [60_000, 1], [0, 2]]) {
      const mapper = mapperOf({ rules: [{ maprule: 'ada' }], accountTtl });
      calls.length = 0;
      await mapper.map(input);
      await mapper.map(input);
      expect(calls).toHaveLength(expected);
    }
  });
});

describe('input', () => {
  const network = new Network();
  afterAll(() => network.end());

  test('a ClientCertInfo: nothing is tried where it is not valid', async () => {
    const resolve = jest.fn(() => 'ada');
    const mapper = mapperOf({ resolve });
    const { key, cert } = authority.issueServer(['localhost']);
    const client = authority.issue({ subject: { CN: 'alice' } });
    const infos = [];
    for (const ca of [[authority.pem], [authority.issue().pem]]) {
      const { connect } = await network.server({ key, cert, ca }, (socket) => getClientCertInfo(socket));
      infos.push((await connect({ cert: client.cert, key: client.key })).value);
    }
    expect(infos.map(({ valid }) => valid)).toEqual([true, false]);
    const [good, bad] = infos;
    expect(brief(await mapper.map(good))).toBe('mapped | ada | resolve');
    expect(resolve).toHaveBeenCalledWith(good);
    expect(brief(await mapper.map(bad))).toBe('denied | certificate_invalid');
    expect(resolve).toHaveBeenCalledTimes(1);
  });

  test.each([
    [undefined], [null], ['alice'], [alice], [{}], [{ certificate: alice }], [{ certificate: alice, verified: 'true' }], [{ certificate: alice.der, verified: true }],
    [{ certificate: alice, verified: true, extra: 1 }], [{ valid: true, certificate: alice }],
    [Object.create(ClientCertInfo.prototype, { valid: { value: true }, certificate: { value: alice } })],
  ])('anything else: %#', async (input) => {
    await expect(mapperOf({ rules: [{ maprule: 'ada' }] }).map(input)).rejects.toThrow(TypeError);
  });

  test.each([[{ acount: 'ada' }, /'account'/], [{ account: '..' }, /account/], [{ account: 7 }, /account/], ['ada', /object/]])(
    'map options %j', async (options, message) => {
      await expect(mapperOf({ rules: [{ maprule: 'ada' }] }).map({ certificate: alice, verified: true }, options)).rejects.toThrow(message);
    },
  );

  test('after close()', async () => {
    const mapper = mapperOf({ rules: [{ maprule: 'ada' }] });
    mapper[Symbol.dispose]();
    mapper.close();
    await expect(mapper.map({ certificate: alice, verified: true })).rejects.toMatchObject({ code: 'ERR_CLIENT_CERT_CLOSED' });
  });

  test('stats', () => {
    expect(mapperOf({ resolve: () => null }).stats()).toEqual({ gridmap: null });
    expect(mapperOf({ gridmap: { text: '' } }).stats()).toEqual({ gridmap: { reloads: 0, failedReloads: 0, lastError: null } });
  });
});

describe('options that are refused', () => {
  const rule = (one) => ({ rules: [{ maprule: 'x' }, one] });
  test.each([
    [undefined, /object/],
    [{}, /is needed/],
    [{ ruls: [] }, /'rules'/],
    [{ rules: {} }, /array/],
    [{ rules: [], allowWeak: 1 }, /allowWeak/],
    [{ rules: [], allowRoot: 'yes' }, /allowRoot/],
    [{ rules: [], accountTtl: -1 }, /accountTtl/],
    [{ rules: [], accountTtl: '1' }, /accountTtl/],
    [{ resolve: 'x' }, /resolve/],
    [rule(7), /rules\[1\]/],
    [rule({}), /rules\[1\] needs exactly one/],
    [rule({ deny: true }), /exactly one/],
    [rule({ matchrul: 'x' }), /'matchrule'/],
    [rule({ maprule: 'x', uri: 'a://b', account: 'c' }), /exactly one/],
    [rule({ matchrule: ALL }), /maprule/],
    [rule({ matchrule: ALL, account: 'ada' }), /maprule/],
    [rule({ matchrule: ALL, maprule: 'x', deny: true }), /either/],
    [rule({ matchrule: ALL, deny: false }), /deny/],
    [rule({ matchrule: ALL, deny: true, priority: 1 }), /priority/],
    [rule({ maprule: 'x', priority: -1 }), /priority/],
    [rule({ maprule: 'x', priority: 2 ** 32 }), /priority/],
    [rule({ maprule: 'x', priority: '1' }), /priority/],
    [rule({ maprule: 'x', name: '' }), /name/],
    [rule({ maprule: '(uid={sid})' }), /LDAP filter/],
    [rule({ certificate: alice }), /account/],
    [rule({ certificate: alice, account: 'ada', deny: true }), /either/],
    [rule({ certificate: alice, account: '..' }), /account/],
    [rule({ certificate: 'abc', account: 'ada' }), /certificate/],
    [rule({ certificate: [], account: 'ada' }), /certificate/],
    [rule({ certificate: 7, account: 'ada' }), /certificate/],
    [rule({ certificate: Buffer.from('x'), account: 'ada' }), /malformed/],
    [rule({ spkiPin: 'abc', account: 'ada' }), /spkiPin/],
    [rule({ altSecurityIdentities: [STRONG, 'x'], account: 'ada' }), /rules\[1\]\.altSecurityIdentities\[1\]/],
    [rule({ uri: 'spiffe://a/*', account: '{name}' }), /\{name\}/],
    [rule({ uri: 'spiffe://a/{name}', account: '{name' }), /brace/],
    [rule({ uri: 'spiffe://a/{name}', account: '/{name}' }), /account/],
    [rule({ uri: 'spiffe://a/{name}' }), /account/],
    [{ gridmap: { fle: 'x' } }, /'file'/],
  ])('%#: %j', (options, message) => expect(() => mapperOf(options)).toThrow(message));
});
