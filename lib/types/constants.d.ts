// Constants and errors.

/** The stable codes of problems. */
export type ProblemCode =
  // generated: problem codes
  | 'CERT_SIGNATURE_INVALID'
  | 'CERT_SIGNATURE_WEAK'
  | 'CERT_KEY_WEAK'
  | 'CERT_REVOKED'
  | 'ROOT_UNTRUSTED'
  | 'ISSUER_NOT_FOUND'
  | 'CHAIN_TOO_LONG'
  | 'CHAIN_CYCLIC'
  | 'VERIFICATION_INCOMPLETE'
  | 'CERT_DISTRUSTED'
  | 'CA_DISTRUSTED'
  | 'ISSUER_NOT_ALLOWED'
  | 'USAGE_NOT_ALLOWED'
  | 'CERT_EXPIRED'
  | 'CERT_NOT_YET_VALID'
  | 'NAME_NOT_PERMITTED'
  | 'NAME_EXCLUDED'
  | 'NAME_CONSTRAINT_UNSUPPORTED'
  | 'POLICY_REQUIRED'
  | 'POLICY_INVALID'
  | 'CA_NOT_A_CA'
  | 'PATH_LENGTH_EXCEEDED'
  | 'CA_MAY_NOT_SIGN'
  | 'CRITICAL_EXTENSION_UNKNOWN'
  | 'CERT_MALFORMED'
  | 'EXTENSION_INVALID'
  | 'REVOCATION_UNKNOWN'
  | 'REVOCATION_UNREACHABLE'
  | 'REVOCATION_STALE'
  | 'NAME_MISMATCH'
  // end of problem codes
  ;

/** The Windows status codes that `certFlags` takes, by name. */
export const CertFlags: {
  // generated: CertFlags
  readonly SEC_E_OK: 0x00000000;
  readonly TRUST_E_CERT_SIGNATURE: 0x80096004;
  readonly CERT_E_REVOKED: 0x800B010C;
  readonly CERT_E_UNTRUSTEDROOT: 0x800B0109;
  readonly CERT_E_CHAINING: 0x800B010A;
  readonly TRUST_E_EXPLICIT_DISTRUST: 0x800B0111;
  readonly CERT_E_UNTRUSTEDCA: 0x800B0112;
  readonly CERT_E_WRONG_USAGE: 0x800B0110;
  readonly CERT_E_EXPIRED: 0x800B0101;
  readonly CERT_E_INVALID_NAME: 0x800B0114;
  readonly CERT_E_INVALID_POLICY: 0x800B0113;
  readonly TRUST_E_BASIC_CONSTRAINTS: 0x80096019;
  readonly CERT_E_CRITICAL: 0x800B0105;
  readonly CERT_E_MALFORMED: 0x800B0108;
  readonly CRYPT_E_NO_REVOCATION_CHECK: 0x80092012;
  readonly CRYPT_E_REVOCATION_OFFLINE: 0x80092013;
  readonly CERT_E_CN_NO_MATCH: 0x800B010F;
  // end of CertFlags
};

/** CERT_TRUST_* bits of `errorStatus` and `infoStatus`, by name. */
export const TrustStatus: {
  // generated: TrustStatus
  readonly CERT_TRUST_NO_ERROR: 0x00000000;
  readonly CERT_TRUST_IS_NOT_TIME_VALID: 0x00000001;
  readonly CERT_TRUST_IS_REVOKED: 0x00000004;
  readonly CERT_TRUST_IS_NOT_SIGNATURE_VALID: 0x00000008;
  readonly CERT_TRUST_IS_NOT_VALID_FOR_USAGE: 0x00000010;
  readonly CERT_TRUST_IS_UNTRUSTED_ROOT: 0x00000020;
  readonly CERT_TRUST_REVOCATION_STATUS_UNKNOWN: 0x00000040;
  readonly CERT_TRUST_IS_CYCLIC: 0x00000080;
  readonly CERT_TRUST_INVALID_EXTENSION: 0x00000100;
  readonly CERT_TRUST_INVALID_POLICY_CONSTRAINTS: 0x00000200;
  readonly CERT_TRUST_INVALID_BASIC_CONSTRAINTS: 0x00000400;
  readonly CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT: 0x00001000;
  readonly CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT: 0x00004000;
  readonly CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT: 0x00008000;
  readonly CERT_TRUST_IS_PARTIAL_CHAIN: 0x00010000;
  readonly CERT_TRUST_HAS_WEAK_SIGNATURE: 0x00100000;
  readonly CERT_TRUST_IS_OFFLINE_REVOCATION: 0x01000000;
  readonly CERT_TRUST_IS_EXPLICIT_DISTRUST: 0x04000000;
  readonly CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT: 0x08000000;
  readonly CERT_TRUST_HAS_EXACT_MATCH_ISSUER: 0x00000001;
  readonly CERT_TRUST_HAS_KEY_MATCH_ISSUER: 0x00000002;
  readonly CERT_TRUST_HAS_NAME_MATCH_ISSUER: 0x00000004;
  readonly CERT_TRUST_IS_SELF_SIGNED: 0x00000008;
  // end of TrustStatus
};

/** The SECURITY_STATUS values of a request, by their names in winerror.h. */
export const SecStatus: {
  // generated: SecStatus
  readonly SEC_E_OK: 0x00000000;
  readonly SEC_I_CONTINUE_NEEDED: 0x00090312;
  readonly SEC_E_INSUFFICIENT_MEMORY: 0x80090300;
  readonly SEC_E_UNSUPPORTED_FUNCTION: 0x80090302;
  readonly SEC_E_INTERNAL_ERROR: 0x80090304;
  readonly SEC_E_SECPKG_NOT_FOUND: 0x80090305;
  readonly SEC_E_INVALID_TOKEN: 0x80090308;
  readonly SEC_E_LOGON_DENIED: 0x8009030C;
  readonly SEC_E_NO_CREDENTIALS: 0x8009030E;
  readonly SEC_E_MESSAGE_ALTERED: 0x8009030F;
  readonly SEC_E_CONTEXT_EXPIRED: 0x80090317;
  readonly SEC_E_WRONG_PRINCIPAL: 0x80090322;
  readonly SEC_E_TIME_SKEW: 0x80090324;
  readonly SEC_E_UNTRUSTED_ROOT: 0x80090325;
  readonly SEC_E_CERT_UNKNOWN: 0x80090327;
  readonly SEC_E_CERT_EXPIRED: 0x80090328;
  readonly SEC_E_ALGORITHM_MISMATCH: 0x80090331;
  readonly SEC_E_BAD_BINDINGS: 0x80090346;
  readonly SEC_E_CERT_WRONG_USAGE: 0x80090349;
  readonly SEC_E_SMARTCARD_CERT_REVOKED: 0x80090351;
  readonly SEC_E_ISSUING_CA_UNTRUSTED: 0x80090352;
  readonly SEC_E_REVOCATION_OFFLINE_C: 0x80090353;
  // end of SecStatus
};

/** HTTP_AUTH_STATUS of http.h. */
export const AuthStatus: {
  // generated: AuthStatus
  readonly HttpAuthStatusSuccess: 0x00000000;
  readonly HttpAuthStatusNotAuthenticated: 0x00000001;
  readonly HttpAuthStatusFailure: 0x00000002;
  // end of AuthStatus
};

/** HTTP_REQUEST_AUTH_TYPE of http.h; HttpRequestAuthTypeClientCertificate is this package's own. */
export const AuthType: {
  // generated: AuthType
  readonly HttpRequestAuthTypeNone: 0x00000000;
  readonly HttpRequestAuthTypeBasic: 0x00000001;
  readonly HttpRequestAuthTypeDigest: 0x00000002;
  readonly HttpRequestAuthTypeNTLM: 0x00000003;
  readonly HttpRequestAuthTypeNegotiate: 0x00000004;
  readonly HttpRequestAuthTypeKerberos: 0x00000005;
  readonly HttpRequestAuthTypeClientCertificate: 0x00010000;
  // end of AuthType
};

/** ASC_RET_* of sspi.h: what AcceptSecurityContext says of a context. */
export const ContextAttribute: {
  // generated: ContextAttribute
  readonly ASC_RET_DELEGATE: 0x00000001;
  readonly ASC_RET_MUTUAL_AUTH: 0x00000002;
  readonly ASC_RET_REPLAY_DETECT: 0x00000004;
  readonly ASC_RET_SEQUENCE_DETECT: 0x00000008;
  readonly ASC_RET_CONFIDENTIALITY: 0x00000010;
  readonly ASC_RET_USE_SESSION_KEY: 0x00000020;
  readonly ASC_RET_SESSION_TICKET: 0x00000040;
  readonly ASC_RET_ALLOCATED_MEMORY: 0x00000100;
  readonly ASC_RET_USED_DCE_STYLE: 0x00000200;
  readonly ASC_RET_DATAGRAM: 0x00000400;
  readonly ASC_RET_CONNECTION: 0x00000800;
  readonly ASC_RET_CALL_LEVEL: 0x00002000;
  readonly ASC_RET_THIRD_LEG_FAILED: 0x00004000;
  readonly ASC_RET_EXTENDED_ERROR: 0x00008000;
  readonly ASC_RET_STREAM: 0x00010000;
  readonly ASC_RET_INTEGRITY: 0x00020000;
  readonly ASC_RET_LICENSING: 0x00040000;
  readonly ASC_RET_IDENTIFY: 0x00080000;
  readonly ASC_RET_NULL_SESSION: 0x00100000;
  readonly ASC_RET_ALLOW_NON_USER_LOGONS: 0x00200000;
  readonly ASC_RET_ALLOW_CONTEXT_REPLAY: 0x00400000;
  readonly ASC_RET_FRAGMENT_ONLY: 0x00800000;
  readonly ASC_RET_NO_TOKEN: 0x01000000;
  readonly ASC_RET_NO_ADDITIONAL_TOKEN: 0x02000000;
  // end of ContextAttribute
};

/** Something that was asked for cannot be done. A caller's mistake is a TypeError or RangeError instead. */
export class ClientCertError extends Error {
  readonly name: 'ClientCertError';
  /** 'ERR_CLIENT_CERT_MALFORMED', ... */
  readonly code: string;
  /** Of ERR_CLIENT_CERT_MALFORMED: octets from the start of the DER. */
  readonly offset?: number;
  /** Of ERR_CLIENT_CERT_MALFORMED: what should have been there. */
  readonly expected?: string;
  /** Of ERR_CLIENT_CERT_MALFORMED: the number of the material in what was given, from 0. */
  readonly index?: number;
  /** Of ERR_CLIENT_CERT_MALFORMED, of a text: its line, from 1. */
  readonly line?: number;
  /** Where a file or directory is what is wrong: its path. */
  readonly path?: string;
  /** Of ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE: what the system lacks. */
  readonly missing?: string;
  /** Of ERR_CLIENT_CERT_GSSAPI_FAILED: the SEC_E_* status that is nearest. */
  readonly secStatus?: number;
  /** Of ERR_CLIENT_CERT_IMPERSONATION_FAILED: whether the operation was done. */
  readonly performed?: boolean;
  /** Of ERR_CLIENT_CERT_NO_SUCH_ACCOUNT and ERR_CLIENT_CERT_ACCOUNT_DENIED: what was asked for. */
  readonly account?: string | number;
}
