'use strict';
// What src/core/negotiate/gssapi_abi.h declares is what the real headers declare.

const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const header = '/usr/include/gssapi/gssapi_ext.h';
const there = fs.existsSync(header);
if (!there) process.stderr.write('\n*** SKIPPED *** the ABI of GSSAPI: needs libkrb5-dev, which this system lacks\n\n');

const SAME_LAYOUT = [
  ['Oid', 'gss_OID_desc', ['length', 'elements']],
  ['OidSet', 'gss_OID_set_desc', ['count', 'elements']],
  ['Buffer', 'gss_buffer_desc', ['length', 'value']],
  ['ChannelBindings', 'struct gss_channel_bindings_struct', ['initiator_addrtype', 'initiator_address', 'acceptor_addrtype', 'acceptor_address', 'application_data']],
  ['KeyValue', 'gss_key_value_element_desc', ['key', 'value']],
  ['KeyValueSet', 'gss_key_value_set_desc', ['count', 'elements']],
  ['BufferSet', 'gss_buffer_set_desc', ['count', 'elements']],
];
const SAME_NUMBER = {
  kAcceptOnly: 'GSS_C_ACCEPT', kInitiateOnly: 'GSS_C_INITIATE', kIndefinite: 'GSS_C_INDEFINITE', kComplete: 'GSS_S_COMPLETE', kContinueNeeded: 'GSS_S_CONTINUE_NEEDED',
  kDuplicateToken: 'GSS_S_DUPLICATE_TOKEN', kOldToken: 'GSS_S_OLD_TOKEN', kBadMech: 'GSS_S_BAD_MECH', kBadName: 'GSS_S_BAD_NAME', kBadBindings: 'GSS_S_BAD_BINDINGS',
  kBadSignature: 'GSS_S_BAD_SIG', kNoCredential: 'GSS_S_NO_CRED', kDefectiveToken: 'GSS_S_DEFECTIVE_TOKEN', kDefectiveCredential: 'GSS_S_DEFECTIVE_CREDENTIAL',
  kCredentialsExpired: 'GSS_S_CREDENTIALS_EXPIRED', kContextExpired: 'GSS_S_CONTEXT_EXPIRED', kFailure: 'GSS_S_FAILURE', kUnauthorized: 'GSS_S_UNAUTHORIZED',
  kUnavailable: 'GSS_S_UNAVAILABLE', kTransferable: 'GSS_C_TRANS_FLAG', kMajorCode: 'GSS_C_GSS_CODE', kMinorCode: 'GSS_C_MECH_CODE',
  'kKrb5Base + 31': 'KRB5KRB_AP_ERR_BAD_INTEGRITY', 'kKrb5Base + 32': 'KRB5KRB_AP_ERR_TKT_EXPIRED', 'kKrb5Base + 33': 'KRB5KRB_AP_ERR_TKT_NYV', 'kKrb5Base + 34': 'KRB5KRB_AP_ERR_REPEAT',
  'kKrb5Base + 35': 'KRB5KRB_AP_ERR_NOT_US', 'kKrb5Base + 36': 'KRB5KRB_AP_ERR_BADMATCH', 'kKrb5Base + 37': 'KRB5KRB_AP_ERR_SKEW', 'kKrb5Base + 39': 'KRB5KRB_AP_ERR_BADVERSION',
  'kKrb5Base + 40': 'KRB5KRB_AP_ERR_MSG_TYPE', 'kKrb5Base + 41': 'KRB5KRB_AP_ERR_MODIFIED', 'kKrb5Base + 44': 'KRB5KRB_AP_ERR_BADKEYVER', 'kKrb5Base + 45': 'KRB5KRB_AP_ERR_NOKEY',
  'kKrb5Base + 144': 'KRB5KRB_AP_WRONG_PRINC', 'kKrb5Base + 163': 'KRB5_RC_REPLAY', 'kKrb5Base + 181': 'KRB5_KT_NOTFOUND', 'kKrb5Base + 230': 'KRB5_KT_KVNONOTFOUND',
  'kAsn1Base + 1': 'ASN1_MISSING_FIELD', 'kAsn1Base + 5': 'ASN1_OVERRUN', 'kAsn1Base + 9': 'ASN1_PARSE_ERROR',
};
/** Member of GssapiLibrary: each has to take what the real function takes, pointer for pointer and word for word. */
const FUNCTIONS = [
  'acquire_cred_from', 'set_neg_mechs', 'release_cred', 'inquire_cred', 'store_cred_into', 'accept_sec_context', 'delete_sec_context', 'inquire_context',
  'inquire_sec_context_by_oid', 'export_sec_context', 'import_sec_context', 'import_name', 'display_name', 'release_name', 'localname', 'display_status',
  'indicate_mechs', 'release_oid_set', 'release_buffer', 'release_buffer_set',
];

const program = `
#include <cstddef>
#include <gssapi/gssapi.h>
#include <gssapi/gssapi_ext.h>
#include <krb5/krb5.h>
#include <type_traits>
#include "core/negotiate/gssapi_library.h"
namespace gss = client_cert::gss;
// Parameters and results are passed alike: a pointer is a pointer, a number has the same size.
template <class A, class B> constexpr bool kPassedAlike = (std::is_pointer_v<A> == std::is_pointer_v<B>) && sizeof(A) == sizeof(B);
template <class Ours, class Theirs> struct Same : std::false_type {};
template <class R, class... A, class S, class... B> struct Same<R (*)(A...), S (*)(B...)> {
  static constexpr bool value = [] {
    if constexpr (sizeof...(A) != sizeof...(B)) return false;
    else return kPassedAlike<R, S> && (kPassedAlike<A, B> && ...);
  }();
};
${SAME_LAYOUT.map(([ours, theirs, members]) => [`static_assert(sizeof(gss::${ours}) == sizeof(${theirs}));`, ...members.map((member) => `static_assert(offsetof(gss::${ours}, ${member}) == offsetof(${theirs}, ${member}));`)].join('\n')).join('\n')}
${Object.entries(SAME_NUMBER).map(([ours, theirs]) => `static_assert(static_cast<OM_uint32>(gss::${ours}) == static_cast<OM_uint32>(${theirs}));`).join('\n')}
${FUNCTIONS.map((name) => `static_assert(Same<decltype(client_cert::GssapiLibrary::${name}), decltype(&gss_${name})>::value);`).join('\n')}
`;

/** @param {string} text */
const compile = (text) => spawnSync('g++', ['-std=c++20', '-fsyntax-only', '-x', 'c++', '-I', path.join(__dirname, '../../src'), '-'], { input: text, encoding: 'utf8' });

(there ? describe : describe.skip)('the ABI', () => {
  test('is that of the real headers', () => {
    const { status, stderr } = compile(program);
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });

  test('and every function that is called is compared', () => {
    const declared = fs.readFileSync(path.join(__dirname, '../../src/core/negotiate/gssapi_library.h'), 'utf8').match(/\(\*(\w+)\)/g).map((text) => text.slice(2, -1));
    expect([...FUNCTIONS].sort()).toEqual(declared.sort());
    // A comparison that could not fail would say nothing.
    expect(compile(program.replace('&gss_release_cred)', '&gss_inquire_cred)')).status).not.toBe(0);
    expect(compile(program.replace('GSS_S_BAD_MECH)', 'GSS_S_BAD_NAME)')).status).not.toBe(0);
  });
});
