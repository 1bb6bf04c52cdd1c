// The authenticated context.
import type { KeyObject } from 'node:crypto';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { AltName, Certificate, DistinguishedName } from './certificate.js';
import type { ClientCertInfo, Connection, OnDemandOptions } from './connection.js';
import type { ClientCertError } from './constants.js';
import type { AccessToken, Account, AccountMapper, MapOutcome } from './identity.js';
import type { DelegatedCredential, Principal } from './negotiate.js';
import type { Verifier } from './verifier.js';

/** A channel binding: `tls-exporter` (RFC 9266), `tls-unique` or `tls-server-end-point` (RFC 5929). */
export interface ChannelBinding {
  readonly type: 'tls-exporter' | 'tls-unique' | 'tls-server-end-point';
  readonly token: Buffer;
  /** The type, a colon, the token: as GSSAPI and SASL take it. */
  readonly applicationData: Buffer;
}

/** What {@link SecurityContext.query} answers, by name. The names of Windows' SECPKG_ATTR_* are in brackets. */
export interface SecurityContextQueries {
  /**
   * [LIFESPAN] Of the client's certificate, null where there is none; and of the TLS session, which bounds nothing but its resumption.
   * Of a context of GSSAPI: its own, twice; expiry null: it never ends.
   */
  lifespan: { start: Date | null; expiry: Date | null; session: { start: Date; expiry: Date | null } };
  /** [CONNECTION_INFO, CIPHER_INFO] Strengths in bits. Names are IANA's; those of ciphers and groups are OpenSSL's. */
  connectionInfo: {
    protocol: string;
    cipherSuite: string | null;
    cipherSuiteNumber: number;
    /** null: nothing is kept secret. */
    cipher: string | null;
    cipherStrength: number;
    hash: string | null;
    hashStrength: number;
    /** 'ECDHE', 'DHE', 'RSA', 'PSK' ... */
    keyExchange: string | null;
    keyExchangeGroup: string | null;
    /** null where the key is gone: a session was resumed. */
    keyExchangeStrength: number | null;
  };
  /** [NAMES] Of the client; userName: of the account, in the context of a request whose certificate was mapped. */
  names: { userName: string | null; subject: string | null; subjectAltNames: readonly AltName[]; serverName: string | null };
  /** [STREAM_SIZES] Octets: at most so many are around what one record carries. */
  sizes: { header: number; trailer: number; maximumMessage: number; blockSize: number };
  /** [PACKAGE_INFO] capabilities: SECPKG_FLAG_*; maxToken: octets. */
  packageInfo: { name: string; comment: string; version: number; capabilities: number; maxToken: number };
  /** [REMOTE_CERT_CONTEXT] null: none, or only our strict decoder refuses it. */
  remoteCertificate: Certificate | null;
  /** [REMOTE_CERT_CHAIN] DER as it was sent, leaf first. */
  remoteCertificateChain: Buffer[];
  /** [LOCAL_CERT_CONTEXT] That this end has shown. */
  localCertificate: Certificate | null;
  /** null where it is not known which one the client was shown: a server with several resumes a session. */
  serverCertificate: Certificate | null;
  /** [ISSUER_LIST_EX] The CAs that the server says it trusts. */
  issuerList: DistinguishedName[];
  /** [SESSION_INFO] extendedMasterSecret: of TLS 1.2 (RFC 7627). */
  sessionInfo: { id: Buffer; resumed: boolean; extendedMasterSecret: boolean };
  /** [UNIQUE_BINDINGS] `tls-exporter` of TLS 1.3; `tls-unique` of TLS 1.2, only with the extended master secret; else null. */
  uniqueBindings: ChannelBinding | null;
  /** [ENDPOINT_BINDINGS] `tls-server-end-point`; null where the server's certificate is not known, or its signature algorithm has no digest. */
  endpointBindings: ChannelBinding | null;
  /**
   * [SUPPORTED_SIGNATURES] By the names of the TLS SignatureScheme registry ('ecdsa_secp256r1_sha256'). accepted: by the peer, in its order; those of TLS 1.2
   * without a name there as '0x0303'. local, remote: used in this handshake; null: none, or before TLS 1.2.
   */
  signatureAlgorithms: { accepted: string[]; local: string | null; remote: string | null };
  /** [APPLICATION_PROTOCOL] ALPN */
  applicationProtocol: string | null;
  /**
   * [SESSION_KEY] The TLS session with its secret, as `tls.connect` takes it; null where the connection is gone and it was not packed. Of a context
   * of GSSAPI: the key that both ends have, once it was packed with its key material and unpacked.
   */
  sessionKey: Buffer | null;
  /** [NEGOTIATION_INFO] Of a context of GSSAPI alone, which answers this, lifespan, names, packageInfo, endpointBindings and sessionKey. flags: GSS_C_*_FLAG */
  negotiationInfo: { scheme: 'Negotiate' | 'Kerberos' | 'NTLM'; packageName: string; flags: number };
}

/**
 * The security of a connection, of either end. What it answers was read at once: it stays when the connection closes.
 *
 * @throws {TypeError | ClientCertError} as {@link getClientCertInfo}; `ERR_CLIENT_CERT_NOT_SUPPORTED` for a connection that is older than this package.
 */
export function getSecurityContext(connection: Connection | ClientRequest, options?: { verifier?: Verifier }): SecurityContext;

/** Made by {@link getSecurityContext} and {@link SecurityContext.unpack}. After `close` everything but `close` and `closed` throws `ERR_CLIENT_CERT_CLOSED`. */
export class SecurityContext {
  private constructor();
  /** {@link ContextAttribute} bits. ASC_RET_MUTUAL_AUTH: both ends have shown who they are, and this one has found the other's certificate valid. */
  readonly attributes: number;
  /** 'TLS', 'Kerberos' or 'NTLM' */
  readonly packageName: string;
  readonly closed: boolean;
  /** QueryContextAttributes. @throws {RangeError} for a name that the package of the context does not know; it lists the known ones. */
  query<Name extends keyof SecurityContextQueries>(name: Name): SecurityContextQueries[Name];
  /**
   * @param options.includeKeyMaterial whether {@link SecurityContextQueries.sessionKey} goes with it. Default false.
   * @param options.key of at least 32 octets: authenticates it (HMAC-SHA-256). Without, `unpack` notices accidents, not attackers.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_CONNECTION_CLOSED` where key material is asked for and the connection is gone;
   *   `ERR_CLIENT_CERT_NOT_SUPPORTED` where it is asked of a context of GSSAPI a second time, or without `receiveContextHandle`.
   */
  pack(options?: { includeKeyMaterial?: boolean; key?: KeyObject | Uint8Array }): PackedContext;
  /** @throws {ClientCertError} `ERR_CLIENT_CERT_UNREADABLE`: it is none, of another version, was changed, or was packed with another key or none; a context of GSSAPI: was imported before. `ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE` */
  static unpack(packed: PackedContext | Uint8Array, options?: { key?: KeyObject | Uint8Array }): SecurityContext;
  close(): void;
  [Symbol.dispose](): void;
}

/** A security context as octets. They are overwritten by `free`, at the latest when they are collected; after it everything else throws `ERR_CLIENT_CERT_CLOSED`. */
export class PackedContext {
  private constructor();
  /** Not a copy: zeros after `free`. */
  readonly buffer: Buffer;
  readonly length: number;
  /** The version of the format. */
  readonly type: number;
  /** FreeContextBuffer. */
  free(): void;
  [Symbol.dispose](): void;
}

/**
 * Who a request comes from (HTTP_REQUEST_AUTH_INFO). What middleware gives as `request.authInfo`.
 *
 * @param options.mapper maps the certificate to an account; the token lives until the response has ended.
 * @param options.onDemand asks for a certificate where there is none, as {@link receiveClientCertificate}. Default false.
 * @throws {TypeError | ClientCertError} as {@link getClientCertInfo}
 */
export function getRequestAuthInfo(
  request: IncomingMessage | Http2ServerRequest,
  options?: { verifier?: Verifier; mapper?: AccountMapper; onDemand?: boolean | OnDemandOptions },
): Promise<RequestAuthInfo>;

/** Everything but authStatus, secStatus, authType, clientCert, principal, mapping and failure is null unless authStatus is HttpAuthStatusSuccess. */
export class RequestAuthInfo {
  private constructor();
  /** One of {@link AuthStatus}. */
  readonly authStatus: number;
  /** One of {@link SecStatus}. */
  readonly secStatus: number;
  /** 'SEC_E_OK', ... */
  readonly secStatusName: string;
  /** One of {@link AuthType}. */
  readonly authType: number;
  /** HTTP_REQUEST_AUTH_FLAG_*: 1 (TOKEN_FOR_CACHED_CRED) for an identity that its connection has kept (NTLM), else 0. */
  readonly flags: number | null;
  /** Where a mapper has mapped the certificate or principal to an account. */
  readonly accessToken: AccessToken | null;
  /** {@link ContextAttribute} bits. */
  readonly contextAttributes: number | null;
  readonly packedContextLength: number | null;
  readonly packedContextType: number | null;
  /** Packed when it is read first, without key material; with it where an authenticator has the option `receiveContextHandle`. */
  readonly packedContext: PackedContext | null;
  /** The value of the WWW-Authenticate header by which the client verifies the server: 'Negotiate oRQw...'. null for certificates. */
  readonly mutualAuthData: string | null;
  readonly packageName: string | null;
  readonly securityContext: SecurityContext | null;
  /** Also where it is not valid. */
  readonly clientCert: ClientCertInfo | null;
  /** Of a scheme of HTTP; also where its account was denied. */
  readonly principal: Principal | null;
  /** What a mapper has said of the certificate or principal; null: none was asked. */
  readonly mapping: MapOutcome | null;
  readonly account: Account | null;
  /** With `allowDelegation`, where the client has delegated one. Closed when the response has ended. */
  readonly delegatedCredential: DelegatedCredential | null;
  /** What GSSAPI said against it, for whoever runs the server: nothing for clients. Not enumerable, not in JSON. */
  readonly failure: ClientCertError | null;
  toJSON(): object;
  /** Closes the token, the delegated credential and the context, frees what was packed. */
  [Symbol.dispose](): void;
}
