/// <reference types="node" />
import type { ChildProcess } from 'node:child_process';
import type { KeyObject, X509Certificate } from 'node:crypto';
import type { Dirent, PathLike, Stats } from 'node:fs';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Http2ServerRequest, Http2Session, Http2Stream } from 'node:http2';
import { Agent, type AgentOptions } from 'node:https';
import type { Stream } from 'node:stream';
import type { SecureContext, SecureContextOptions, TLSSocket } from 'node:tls';

// ---- a connection's client certificate ------------------------------------------------------------------------------

/** Whatever has one TLS connection of a server beneath it. A stream is a ServerHttp2Stream, which some versions of Node's types do not say. */
export type Connection = TLSSocket | IncomingMessage | Http2ServerRequest | Http2Stream | Http2Session;

/**
 * Tells what the client presented on a connection and what it is worth: by `options.verifier`, else by the verifier that protects the server, else
 * by the trust that the connection's own TLS context was given (`ca`, `crl`).
 *
 * The handshake's own verification is what is reported: nothing is verified twice. A resumed connection, for which TLS runs
 * no verification at all, is verified here, with the CA certificates and CRLs that the server has now and the chain that the
 * client presented in its full handshake. The result is kept for the connection until its `validUntil`, or until the verifier has learnt something
 * else. Never does I/O.
 *
 * @returns null where the client sent no certificate; never confused with one that is not trusted.
 * @throws {TypeError} where `connection` is not a connection of a TLS server.
 * @throws {ClientCertError} `ERR_CLIENT_CERT_HANDSHAKE_PENDING` before the handshake has ended, and within a further one,
 *   `ERR_CLIENT_CERT_CHANGED` where the client has shown another certificate than before, or none, which ends the connection,
 *   `ERR_CLIENT_CERT_CONNECTION_CLOSED` on a connection that is gone and was never asked about,
 *   `ERR_CLIENT_CERT_NOT_SUPPORTED` on the client's end of a connection, `ERR_CLIENT_CERT_AMBIGUOUS` where another connection of
 *   the thread cannot be told from it.
 */
export function getClientCertInfo(connection: Connection, options?: { verifier?: Verifier }): ClientCertInfo | null;

/** How a client is asked for a certificate after the handshake. */
export interface OnDemandOptions {
  /** Whether a client that had nothing to show is asked again. Default false. */
  retry?: boolean;
  /** Octets of a request's body that are kept while its client is asked. Default 131072. */
  maxBufferedBody?: number;
  /** ms; default 15000. */
  timeout?: number;
  /** Whose names are sent. Default: the `ca` of the verifier, else those of the TLS context. */
  trustedCAs?: readonly (Certificate | DistinguishedName)[];
}

/**
 * The certificate that is there, else asks for one now (HttpReceiveClientCertificate): TLS 1.3 by post-handshake authentication, TLS 1.2 by
 * renegotiation; then what `getClientCertInfo` says, after fetching what the verifier lacks. Works in the midst of a request, whose body stays to be
 * read. Whoever asks meanwhile waits for the same answer.
 *
 * @param options.negotiate whether to ask. Default true.
 * @param options.mapper maps the certificate to an account; the token of the result is the caller's to close.
 * @returns null where the client has no certificate to show.
 * @throws {ClientCertError} `ERR_CLIENT_CERT_NOT_SUPPORTED` on HTTP/2, and where the client cannot be asked; nothing is sent then.
 *   `ERR_CLIENT_CERT_TIMEOUT`, `ERR_CLIENT_CERT_BODY_TOO_LARGE`, `ERR_CLIENT_CERT_CONNECTION_CLOSED`, `ERR_CLIENT_CERT_RENEGOTIATION_LIMIT`,
 *   `ERR_CLIENT_CERT_REQUEST_PENDING` where an earlier request has not been answered. Else as {@link getClientCertInfo}, and the signal's reason.
 */
export function receiveClientCertificate(
  connection: Connection,
  options?: OnDemandOptions & { verifier?: Verifier; mapper?: AccountMapper; negotiate?: boolean; signal?: AbortSignal },
): Promise<ClientCertInfo | null>;

/**
 * For WebSockets and raw TLS, where no next request comes: calls `callback` whenever the verdict on the client of a live connection has changed
 * (reload, expiry, revocation), never with the first one. Ends with the connection. What the callback throws is an uncaught exception.
 *
 * @returns a function that stops it; does nothing where the client sent no certificate.
 * @throws as {@link getClientCertInfo}.
 */
export function watchClientCert(
  connection: Connection,
  options: { verifier?: Verifier },
  callback: (info: ClientCertInfo) => void,
): () => void;

/** What a client certificate is and what it is worth (HTTP_SSL_CLIENT_CERT_INFO and more). Frozen. */
export class ClientCertInfo {
  private constructor();
  /** 0, or the Windows status of the gravest problem (unsigned 32 bit): one code, not a bit mask. */
  readonly certFlags: number;
  /** The name of {@link certFlags}: 'SEC_E_OK', 'CERT_E_EXPIRED', ... */
  readonly certFlagsName: string;
  /** The length of {@link certEncoded} in octets. */
  readonly certEncodedSize: number;
  /** The leaf certificate as the client sent it, DER. */
  readonly certEncoded: Buffer;
  /** The token of the account that the certificate was mapped to, owned by this object; null without a mapper, or where it mapped to nobody. */
  readonly token: AccessToken | null;
  /** Whether a mapper refused the certificate: 'denied' or 'ambiguous'; false without a mapper. Does not change {@link certFlags}. */
  readonly certDeniedByMapper: boolean;
  /** `certFlags === 0`. */
  readonly valid: boolean;
  /** Every problem of every element of the path, the gravest first; empty when valid. */
  readonly problems: readonly Problem[];
  /** The union of the elements' CERT_TRUST_* error bits (see {@link TrustStatus}). */
  readonly errorStatus: number;
  /** The path that was verified, leaf first, as far as it could be built. */
  readonly elements: readonly ChainElement[];
  /** The leaf, decoded; null where the strict decoder refused it (then CERT_MALFORMED is among the problems). */
  readonly certificate: Certificate | null;
  /**
   * The certificates as the client sent them, leaf first, up to the first that the strict decoder refused. Survives session
   * resumption.
   */
  readonly presentedChain: readonly Certificate[];
  /** The same as DER, complete whatever the decoder thinks of them. */
  readonly presentedChainEncoded: readonly Buffer[];
  /** What is known of revocation, by depth; empty where no verifier decided, or its path was refused before. */
  readonly revocation: readonly RevocationStatus[];
  /** The certificate policies that the path is good for (RFC 5280, user-constrained-policy-set): OIDs; empty where no verifier decided. */
  readonly policies: readonly string[];
  /** Whether the connection resumed a session. */
  readonly resumed: boolean;
  /** Until when the verdict holds: then a certificate or a CRL begins or ends to be valid. */
  readonly validUntil: Date;
  /** The account that the certificate was mapped to; null without a mapper, or where it mapped to nobody. */
  readonly account: Account | null;
  /** What the mapper said, and why; null where none was asked: a certificate that is not valid is not mapped. */
  readonly mapping: MapOutcome | null;
  /**
   * What protocols above TLS bind themselves to (RFC 5056; HTTP_RECEIVE_SECURE_CHANNEL_TOKEN).
   *
   * @throws {ClientCertError} `ERR_CLIENT_CERT_CONNECTION_CLOSED` where the connection has gone, or made another handshake, before it was read first.
   */
  readonly channelBindings: { readonly unique: ChannelBinding | null; readonly endpoint: ChannelBinding | null };
  /**
   * A duplicate of {@link token} that the caller closes; null where there is none (S_FALSE).
   *
   * @throws {ClientCertError} `ERR_CLIENT_CERT_CLOSED` once the token was closed, as it is when the request's response has ended.
   */
  getMappedAccessToken(): AccessToken | null;
  /** Closes {@link token}. */
  [Symbol.dispose](): void;
  toJSON(): object;
}

/** One thing that is wrong with one element of the path. */
export interface Problem {
  /** Stable. */
  readonly code: ProblemCode;
  /** 0 is the leaf. */
  readonly depth: number;
  /** The Windows status that belongs to the code. */
  readonly flag: number;
  readonly flagName: string;
  /** CERT_TRUST_* bits that belong to the code. */
  readonly errorStatus: number;
  /** For people; not stable. */
  readonly message: string;
  /** The subject of the certificate at `depth`, RFC 4514; undefined where it could not be decoded. */
  readonly subject?: string;
}

/** One certificate of the verified path. */
export interface ChainElement {
  /** null where the strict decoder refused it. */
  readonly certificate: Certificate | null;
  /** CERT_TRUST_* error bits of this element. */
  readonly errorStatus: number;
  /** CERT_TRUST_* information bits: how its issuer was found, whether it is self-signed. */
  readonly infoStatus: number;
}

// ---- the authenticated context ----------------------------------------------------------------------------------------

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
  /** [SUPPORTED_SIGNATURES] accepted: by the peer, in its order; local, remote: used in this handshake. */
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

// ---- negotiate -------------------------------------------------------------------------------------------------------

export interface NegotiateOptions {
  /** 'HTTP' (default): whatever host the keytab has it for; 'HTTP@www.example.org': that one; null: whatever there is a key of. NTLM needs the host. */
  serviceName?: string | null;
  /** Path. Default: that of krb5.conf. */
  keytab?: string;
  /** Further keys of gss_acquire_cred_from(3). */
  credentialStore?: Record<string, string>;
  /** Where tickets that were seen are written down: 'file2:/var/lib/app/replays'. Default: that of krb5. */
  replayCache?: string;
  /** Schemes that are offered. Default: ['Negotiate'], which is Kerberos within SPNEGO; NTLM is taken, within it or by itself, only where it is listed. */
  mechanisms?: ReadonlyArray<'Negotiate' | 'Kerberos' | 'NTLM'>;
  /** 'legacy': not looked at; 'medium' (default): what a client sends has to be this server's certificate; 'strict': it has to be sent. */
  channelBinding?: 'legacy' | 'medium' | 'strict';
  /** Maps principals to accounts: rules with `principal`, `resolve`. The one of the certificates, so that both come to one account. */
  mapper?: AccountMapper;
  /** Whom no rule knows is the account that krb5.conf's auth_to_local says (gss_localname). Default false. */
  localName?: boolean;
  /** Default false: what a client delegates is not looked at. */
  allowDelegation?: boolean;
  /** An identity of NTLM stays that of its connection, but for requests that name a proxy. Default false: each request authenticates. */
  persistent?: boolean;
  /** `mutualAuthData` is yours to send. Default false: it goes with the response. */
  receiveMutualAuth?: boolean;
  /** `packedContext` has the context with its keys. Default false. */
  receiveContextHandle?: boolean;
  /** Offers Basic, too. Whatever is not, or does not resolve to, exactly true is nobody; a throw goes to you. realm: default 'login' */
  basic?: { realm?: string; verifyPassword: (user: string, password: string, request: any) => boolean | PromiseLike<boolean> };
  /** Octets of a token. Default 65536. Node.js itself takes 16 KiB of headers unless `maxHeaderSize` says otherwise. */
  maxToken?: number;
  /** Exchanges of several legs that may be under way. Default 1000; beyond it 503. */
  maxHalfOpen?: number;
  /** Milliseconds between two legs. Default 30000. */
  exchangeTimeout?: number;
  /** Calls of GSSAPI that may wait for their turn. Default 1000; beyond it 503. */
  maxWaiting?: number;
  /** Milliseconds for which a call may take, waiting included. Default 15000; beyond it 503, while the call ends by itself. */
  callTimeout?: number;
}

/** Who a request comes from by the schemes Negotiate, Kerberos, NTLM and Basic, over TLS. Needs MIT Kerberos when it is used, and only then. */
export class NegotiateAuthenticator {
  /** @throws {TypeError | RangeError} */
  constructor(options?: NegotiateOptions);
  /** @throws {ClientCertError} `ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE` (with `missing`), `ERR_CLIENT_CERT_GSSAPI_FAILED` (no keytab, no key ...) */
  ready(): Promise<void>;
  /**
   * Where the authStatus is not success, the request has been answered: 401 with challenges, 403 where the account was denied, 503 where too much is
   * going on. Of the framework's or of node:http's request and response.
   *
   * @throws {TypeError | ClientCertError} as {@link ready}, and where the connection is none of TLS or is closed.
   */
  authenticate(request: any, response: any): Promise<RequestAuthInfo>;
  stats(): { readonly halfOpen: number; readonly running: number; readonly waiting: number };
  /** May be called again. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Who somebody is by a scheme of HTTP. */
export class Principal {
  private constructor();
  /** 'alice@EXAMPLE.ORG', 'EXAMPLE\\alice', 'alice': as its mechanism writes it. */
  readonly name: string;
  readonly mechanism: 'Kerberos' | 'NTLM' | 'Basic';
  readonly components: readonly string[];
  readonly realm: string | null;
  /** RFC 8062: never mapped, never authenticated. */
  readonly isAnonymous: boolean;
  toString(): string;
  toJSON(): object;
}

/** @param mechanism default: 'Kerberos' @throws {TypeError} where it is none */
export function parsePrincipal(name: string, mechanism?: 'Kerberos' | 'NTLM' | 'Basic'): Principal;

/** What a client has delegated to the server. */
export class DelegatedCredential {
  private constructor();
  readonly principal: string;
  /** null: it does not say. */
  readonly expiry: Date | null;
  readonly closed: boolean;
  /** Writes it where other programs find it: 'FILE:/run/app/krb5cc_1000'. @throws {ClientCertError} `ERR_CLIENT_CERT_GSSAPI_FAILED`, `ERR_CLIENT_CERT_CLOSED` */
  store(options: { ccache: string }): Promise<void>;
  close(): void;
  [Symbol.dispose](): void;
}

// ---- deciding -------------------------------------------------------------------------------------------------------

/** PEM or DER, or where to read it: PEM bundles, or files of a directory by name. `refresh`: how often to look for changes (ms), or 'watch'. */
export type Material =
  | Buffer | Uint8Array | string
  | { file: string; refresh?: number | 'watch' | false }
  | { directory: string; refresh?: number | 'watch' | false };
/** An array may hold arrays. */
export type CertificateMaterial = Material | Certificate | X509Certificate | ReadonlyArray<CertificateMaterial>;
export type CrlMaterial = Material | ReadonlyArray<CrlMaterial>;
/** Certificates, and SHA-256 digests: 'sha256/<base64>' of a SubjectPublicKeyInfo, or 64 hexadecimal digits of either. */
export type DistrustedMaterial = CertificateMaterial | ReadonlyArray<DistrustedMaterial>;

/** 'clientAuth', 'serverAuth' and the other names of RFC 5280 section 4.2.1.12, or an OID. */
export type Purpose =
  | 'clientAuth' | 'serverAuth' | 'codeSigning' | 'emailProtection' | 'timeStamping' | 'OCSPSigning' | (string & {});

/** An option that is undefined is an option that is absent; one that nobody knows is a TypeError. */
export interface VerifierOptions {
  /** Whose certificates are trusted. Self-signed ones are trust anchors; others only with `allowPartialChain`, else they are intermediates. */
  ca: CertificateMaterial;
  /** Known, not trusted: what clients do not present. */
  intermediates?: CertificateMaterial;
  crls?: CrlMaterial;
  distrusted?: DistrustedMaterial;
  /** Which CAs may have issued, by name and key: one of them has to be in the path. All, where it is absent. */
  allowedIssuers?: CertificateMaterial;
  /** What the certificate has to be good for; of an array, one of them. 'any': nothing is asked. Default 'clientAuth'. */
  purpose?: 'any' | Purpose | readonly Purpose[];
  /** Names that the certificate has to have, all of them. `dns` by RFC 9525, wildcards included; the others as whole values. */
  expectedName?: { dns?: string; email?: string; uri?: string; ip?: string; upn?: string; commonName?: string };
  /** The inputs of RFC 5280 section 6.1.1. initial: OIDs; any policy where it is absent. */
  policies?: { initial?: readonly string[]; requireExplicit?: boolean; inhibitMapping?: boolean; inhibitAny?: boolean };
  /** How many intermediates a path may have. Default 100. */
  maxDepth?: number;
  /** OpenSSL's levels, 0 to 5. Default 1: 80 bits, so no SHA-1 and no RSA keys under 1024 bits. */
  minimumSecurityLevel?: number;
  minimumRsaBits?: number;
  /** Names ('ecdsa-with-SHA256') or OIDs; any where it is absent. */
  signatureAlgorithms?: readonly string[];
  /** Whether every certificate in `ca` is a trust anchor. Default false. */
  allowPartialChain?: boolean;
  /** Also refuse what RFC 5280 forbids CAs to issue (missing key identifiers, wrong criticality). Default false. */
  strict?: boolean;
  revocation?: RevocationOptions;
  /** Default: the system's. */
  clock?: () => Date;
}

export interface RevocationOptions {
  /**
   * 'cached': what was given, or was fetched before, decides; 'online': `verifyAsync` and the middleware fetch what is missing. Default 'cached' where
   * `crls` or `ocsp.responses` are given, else 'none'.
   */
  mode?: 'none' | 'cached' | 'online';
  /** Whose revocation matters: every certificate of the path but the trust anchor, or the leaf. Default 'chain'. */
  check?: 'leaf' | 'chain';
  /** What becomes of a certificate whose status is not known, or no longer. What is forgiven is marked in `revocation`. Default 'deny'. */
  onUnknown?: 'deny' | 'allow' | { leaf?: 'deny' | 'allow'; ca?: 'deny' | 'allow' };
  /** Seconds: evidence that is older does not count. */
  freshness?: number;
  /** Whom to ask: 'crl.example.com', 'example.com:8080', '*.example.com', '10.0.0.0/8'. Default: hosts that certificates name, with public addresses. */
  hosts?: readonly string[];
  /** ms for one URL; default 5000. */
  urlTimeout?: number;
  /** ms for one verification; default 10000. Each further URL gets half of what is left. */
  totalTimeout?: number;
  /** Octets of one answer; default 64 KiB for OCSP, 64 MiB for CRLs. */
  maxBytes?: number;
  /** Shares what was fetched, as Keyv does. It is signed material only, and verified again by whoever takes it out. */
  cache?: {
    get(key: string): unknown;
    set(key: string, value: any, ttl?: number): unknown;
    delete(key: string): unknown;
  };
  ocsp?: {
    /** Responses that are at hand, DER. */
    responses?: readonly (Buffer | Uint8Array)[];
    /** URL of a responder that is asked in place of those that certificates name. */
    responder?: string;
    /** A responder that is trusted for whatever it signs, and whoever it delegates to. */
    responderCertificate?: Certificate | X509Certificate | Buffer | Uint8Array | string;
    /** Whether an answer has to repeat a nonce. Many responders cannot. Default false. */
    nonce?: boolean;
    /** Seconds that a responder's clock may differ. Default 300. */
    skew?: number;
  };
}

/** What `reload` may change. */
export type VerifierChanges = Partial<Pick<VerifierOptions, 'ca' | 'intermediates' | 'crls' | 'distrusted' | 'allowedIssuers'>> & {
  revocation?: { ocsp?: Pick<NonNullable<RevocationOptions['ocsp']>, 'responses'> };
};

/** DER or PEM (which may hold the chain, leaf first), or both apart. */
export type VerifierInput =
  | Certificate | X509Certificate | Buffer | Uint8Array | string
  | {
      leaf: Certificate | X509Certificate | Buffer | Uint8Array | string;
      chain?: Certificate | X509Certificate | Buffer | Uint8Array | string | ReadonlyArray<Certificate | X509Certificate | Buffer | Uint8Array | string>;
    };

/**
 * Decides what certificates are worth: searches the path among all that is known, has OpenSSL verify it, and looks at what RFC 5280 demands beyond
 * that and at revocation. Several threads verify at once; a reload never mixes into what is under way.
 */
export class Verifier {
  /**
   * Reads files at once.
   *
   * @throws {TypeError | RangeError} for options that make no sense.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_UNREADABLE`, `ERR_CLIENT_CERT_MALFORMED`.
   */
  constructor(options: VerifierOptions);
  /**
   * On this thread, without I/O. @param options.at the time in question; default: the clock's.
   *
   * @throws {ClientCertError} `ERR_CLIENT_CERT_MALFORMED` where the input holds no certificate; `ERR_CLIENT_CERT_CLOSED`.
   */
  verify(input: VerifierInput, options?: { at?: Date }): Verdict;
  /** Off the event loop; fetches what is missing in mode 'online'. Rejects with the signal's reason where that aborts it, else as `verify` throws. */
  verifyAsync(input: VerifierInput, options?: { at?: Date; signal?: AbortSignal }): Promise<Verdict>;
  /** All or nothing: where it rejects, the old trust stays in force. What is absent stays as it is. */
  reload(changes: VerifierChanges): Promise<void>;
  /**
   * Judges the handshakes of a server in place of Node's own verification: one verification for each. `socket.authorized`, `authorizationError` and
   * `rejectUnauthorized` follow it, for resumed sessions, too. The server needs `requestCert: true`. For good: close() does not end it.
   *
   * @param server of node:tls, node:https or node:http2.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_NOT_SUPPORTED` in mode 'online' unless `onUnknown` is 'allow', and for a server that another
   *   verifier protects.
   */
  protect(server: import('node:tls').Server): void;
  stats(): VerifierStats;
  /** Stops looking for changes. Every use but stats() throws `ERR_CLIENT_CERT_CLOSED` from then on. May be called again. */
  close(): void;
  [Symbol.dispose](): void;
}

/** What a certificate is worth. Frozen. */
export class Verdict {
  private constructor();
  /** As in {@link ClientCertInfo}, like the others of its name. */
  readonly certFlags: number;
  readonly certFlagsName: string;
  readonly valid: boolean;
  readonly problems: readonly Problem[];
  readonly errorStatus: number;
  /** Of a refused certificate: its best path. */
  readonly elements: readonly ChainElement[];
  readonly certificate: Certificate | null;
  readonly revocation: readonly RevocationStatus[];
  readonly policies: readonly string[];
  readonly validUntil: Date;
  toJSON(): object;
}

/** What is known of the revocation of one certificate of the path. */
export interface RevocationStatus {
  readonly depth: number;
  readonly status: 'good' | 'revoked' | 'unknown' | 'stale';
  /** Neither good nor revoked, and let pass because of `onUnknown`. */
  readonly forgiven: boolean;
  /** Authentic CRLs and OCSP responses that were considered. */
  readonly evidence: readonly RevocationEvidence[];
  /** What was fetched, or tried to be, in this verification. */
  readonly attempts: readonly FetchAttempt[];
}

export interface RevocationEvidence {
  readonly kind: 'crl' | 'deltaCrl' | 'ocsp';
  readonly says: 'good' | 'revoked' | 'unknown' | 'stale';
  /** Of the CRL, or the subject of the OCSP signer; null where the strict decoder refuses the name. */
  readonly issuer: DistinguishedName | null;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
  readonly revokedAt: Date | null;
  /** A CRLReason of RFC 5280 ('keyCompromise', ...). */
  readonly reason: string | null;
  /** cRLNumber, upper-case hexadecimal. */
  readonly number: string | null;
}

export interface FetchAttempt {
  readonly kind: 'crl' | 'ocsp';
  readonly url: string;
  /** 'store': the shared cache. */
  readonly from: 'cache' | 'store' | 'network';
  /** 'used', or why not: 'timeout', 'network', 'http-status', 'refused-address', 'tryLater', 'unusable', ... */
  readonly outcome: string;
  readonly ms: number;
}

/** For operators. */
export interface VerifierStats {
  readonly verifications: number;
  /** Of those: answered by a verdict that still held. */
  readonly known: number;
  readonly refused: number;
  readonly anchors: number;
  readonly intermediates: number;
  readonly crls: number;
  readonly crlEntries: number;
  readonly fetchedCrls: number;
  readonly fetchedOcspResponses: number;
  /** That what was fetched takes up. */
  readonly fetchedOctets: number;
  /** Verdicts at hand (at most 1,000), and the octets of their paths (at most 8 MB). */
  readonly knownVerdicts: number;
  readonly knownOctets: number;
  /** Intermediates at hand that clients presented (at most 128). */
  readonly knownIssuers: number;
  /** Grows whenever a verdict that was good may have become another one. */
  readonly generation: number;
  readonly reloads: number;
  /** Distinct failures to read a file or directory anew. */
  readonly failedReloads: number;
  readonly sources: readonly {
    readonly where: string;
    readonly path: string;
    readonly loadedAt: Date;
    readonly failures: number;
    readonly lastError: Error | null;
  }[];
  readonly fetches: { readonly attempts: number; readonly failures: number; readonly storeErrors: number };
  readonly closed: boolean;
}

// ---- identity -------------------------------------------------------------------------------------------------------

/** One or more of `T`. */
type OneOrMore<T> = T | readonly T[];

/** Rules of one priority have to agree: two accounts are ambiguous. */
interface RuleName {
  /** What MapOutcome.rule says; default: 'rules[3]'. */
  name?: string;
}
interface RulePriority extends RuleName {
  /** From 0, which is looked at first, to 4294967295, the default. A rule with `deny` has none: it is looked at before all others. */
  priority?: number;
}
type ForAccount<Account = string> = RulePriority & { account: Account; deny?: undefined };
type Deny = RuleName & { deny: true; account?: undefined; priority?: undefined };

/** sss-certmap(5). Without `matchrule`: '<KU>digitalSignature<EKU>clientAuth'. `maprule` gives the name of a local user. */
export type SssdRule =
  | (RulePriority & { matchrule?: string; maprule: string; deny?: undefined })
  | (RuleName & { matchrule: string; deny: true; maprule?: undefined; priority?: undefined });
/** Values of Active Directory's attribute: 'X509:<I>DC=com,DC=contoso,CN=CA<SR>2b0000000001a2'. */
export type AltSecurityIdentitiesRule = { altSecurityIdentities: OneOrMore<string> } & (ForAccount | Deny);
/** A Certificate, PEM, DER, or the SHA-256 of the DER (64 hexadecimal digits, with colons or without). */
export type CertificateRule = { certificate: OneOrMore<Certificate | Uint8Array | string> } & (ForAccount | Deny);
/** SHA-256 of the SubjectPublicKeyInfo, base64. */
export type SpkiPinRule = { spkiPin: OneOrMore<string> } & (ForAccount | Deny);
/** 'spiffe://example.org/ns/*' + '/sa/{name}': '*' is one segment, `{name}` one that `account` can use. */
export type UriRule = { uri: string } & (ForAccount | Deny);
/** 'alice@EXAMPLE.ORG', '{name}@EXAMPLE.ORG', with `mechanism` 'CORP\\{name}': `{name}` is a whole component that `account` can use. mechanism: default 'Kerberos' */
export type PrincipalRule = { principal: OneOrMore<string>; mechanism?: 'Kerberos' | 'NTLM' | 'Basic' } & (ForAccount | Deny);
export type MapRule = SssdRule | AltSecurityIdentitiesRule | CertificateRule | SpkiPinRule | UriRule | PrincipalRule;

export type MapInput = ClientCertInfo | { certificate: Certificate; verified: true } | { principal: Principal; verified: true };

/** At least one of rules, gridmap and resolve is needed. */
export interface AccountMapperOptions {
  rules?: readonly MapRule[];
  /** A path, or as described. `refresh`: milliseconds, 'watch' (default), or false: read once. */
  gridmap?: string | { file: string; refresh?: number | 'watch' | false } | { text: string };
  /** The name of a user; null or undefined: nobody that it knows; false: nobody. Whatever else, and a throw, denies. */
  resolve?: (input: MapInput) => string | null | undefined | false | PromiseLike<string | null | undefined | false>;
  /** Default: false. Whether <I><S>, <S> and <RFC822> of altSecurityIdentities count. */
  allowWeak?: boolean;
  /** Default: false. */
  allowRoot?: boolean;
  /** Milliseconds for which an account is believed; default: 60000; 0: it is looked up each time; at most a day. */
  accountTtl?: number;
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
  readonly shell: string;
}

interface Decided {
  /** That decided: its name, 'rules[3]', 'rules[0], rules[2]' where several agree or disagree, 'gridmap line 7', 'resolve'. */
  readonly rule: string;
  /** Of altSecurityIdentities, certificate, spkiPin and principal. */
  readonly strength?: 'strong' | 'weak';
}
interface Refused {
  /** For people. */
  readonly message: string;
  /** What went wrong, where something did; not enumerable. */
  readonly cause?: unknown;
}
export type MapDenialReason =
  | 'certificate_invalid' | 'principal_anonymous' | 'denied_by_rule' | 'denied_by_resolve' | 'rule_failed' | 'resolve_failed' | 'account_not_permitted'
  | 'invalid_user_name' | 'no_such_account' | 'root_not_allowed' | 'account_locked' | 'account_expired' | 'account_unavailable';
/** Frozen. */
export type MapOutcome =
  | (Decided & { readonly outcome: 'mapped'; readonly account: Account; readonly reason?: undefined })
  | (Refused & Partial<Decided> & { readonly outcome: 'denied'; readonly reason: MapDenialReason; readonly account?: undefined })
  | (Refused & Partial<Decided> & { readonly outcome: 'ambiguous'; readonly reason: 'ambiguous'; readonly account?: undefined })
  | (Refused & Partial<Decided> & {
      readonly outcome: 'noMatch'; readonly reason: 'no_rule_matches' | 'weak_mapping'; readonly account?: undefined;
    });

export interface AccountMapperStats {
  /** null: there is no gridmap. `failedReloads` counts distinct failures; lastError null: what is in force is what is there. */
  readonly gridmap: { readonly reloads: number; readonly failedReloads: number; readonly lastError: Error | null } | null;
}

export class AccountMapper {
  /** @throws TypeError, RangeError; ClientCertError ERR_CLIENT_CERT_MALFORMED (a gridmap: with `path`, `line`), ERR_CLIENT_CERT_UNREADABLE (`path`) */
  constructor(options: AccountMapperOptions);
  /**
   * Rejects only for a caller's mistake (TypeError), and after close() (ERR_CLIENT_CERT_CLOSED).
   * @param options.account the account that is wanted: denied ('account_not_permitted') where the certificate is not for it
   */
  map(input: MapInput, options?: { account?: string }): Promise<MapOutcome>;
  stats(): AccountMapperStats;
  /** Looks at the file of the gridmap now. Never rejects: see stats(). */
  reload(): Promise<void>;
  /** May be called again. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * The identity of an account (an access token of Windows): to be looked at, and to act with where the process may. What acts is a thread of the
 * package's own, for one operation; the process and its other threads never change.
 */
export class AccessToken {
  private constructor();
  /**
   * @param nameOrUid of an account that exists, is neither locked nor expired, and is not root unless `allowRoot`.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_NO_SUCH_ACCOUNT`, `ERR_CLIENT_CERT_ACCOUNT_DENIED`, `ERR_CLIENT_CERT_ACCOUNT_LOOKUP_FAILED`.
   */
  static forAccount(nameOrUid: string | number, options?: { allowRoot?: boolean }): Promise<AccessToken>;
  readonly name: string;
  readonly uid: number;
  /** The primary group. */
  readonly gid: number;
  /** All groups, the primary one, too. */
  readonly groups: readonly number[];
  /**
   * As of now. 'impersonation': root, or CAP_SETUID and CAP_SETGID. 'identification': the token says who it is; `fs` and `spawn` refuse with
   * `ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL`.
   */
  readonly impersonationLevel: 'identification' | 'impersonation';
  readonly closed: boolean;
  /** Files as the user. */
  readonly fs: ImpersonatedFs;
  /** For what `fs` creates: 0 to 0o777. Default: that of the process. */
  umask: number;
  /** A token of its own, to be closed by the caller. @throws {ClientCertError} `ERR_CLIENT_CERT_CLOSED` */
  duplicate(): AccessToken;
  /**
   * Starts a program as the user, for good: all groups, no capabilities, no descriptors but the first three, HOME, USER, LOGNAME, SHELL and PATH as
   * environment with `env` beside and over them. Where it cannot be started, 'error' is emitted, and the exit status is 127.
   *
   * @param options.cwd default '/'.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_CLOSED`, `ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL`, `ERR_CLIENT_CERT_UNSUPPORTED_PLATFORM`.
   */
  spawn(command: string, args?: readonly string[], options?: TokenSpawnOptions): ChildProcess;
  spawn(command: string, options?: TokenSpawnOptions): ChildProcess;
  /** May be called again. What is under way ends as it would have. */
  close(): void;
  [Symbol.dispose](): void;
  toJSON(): object;
}

export interface TokenSpawnOptions {
  cwd?: string | URL;
  env?: Record<string, string | undefined>;
  argv0?: string;
  /** Of three at most; not 'ipc'. */
  stdio?: 'pipe' | 'ignore' | 'inherit' | 'overlapped' | readonly ('pipe' | 'ignore' | 'inherit' | 'overlapped' | number | Stream | null | undefined)[];
  detached?: boolean;
  signal?: AbortSignal;
  timeout?: number;
  killSignal?: NodeJS.Signals | number;
}

/**
 * As node:fs/promises, as the user, with its errors (`code`, `errno`, `syscall`, `path`); and `ERR_CLIENT_CERT_IMPERSONATION_FAILED` where a thread could
 * not take the user's identity, or not return from it (`performed` says whether the operation was done).
 */
export interface ImpersonatedFs {
  /** The descriptor is the caller's to close, and not inherited by programs. */
  open(path: PathLike, flags?: string | number, mode?: number | string): Promise<number>;
  readFile(path: PathLike, options?: { encoding?: null | 'buffer'; flag?: string | number; signal?: AbortSignal } | null): Promise<Buffer>;
  readFile(path: PathLike, options: BufferEncoding | { encoding: BufferEncoding; flag?: string | number; signal?: AbortSignal }): Promise<string>;
  writeFile(
    path: PathLike,
    data: string | NodeJS.ArrayBufferView,
    options?: BufferEncoding | { encoding?: BufferEncoding | null; flag?: string | number; mode?: number | string; flush?: boolean; signal?: AbortSignal } | null,
  ): Promise<void>;
  stat(path: PathLike): Promise<Stats>;
  lstat(path: PathLike): Promise<Stats>;
  /** For the user, as everything here. @param mode of fs.constants F_OK, R_OK, W_OK, X_OK. */
  access(path: PathLike, mode?: number): Promise<void>;
  readdir(path: PathLike, options?: BufferEncoding | { encoding?: BufferEncoding | null; withFileTypes?: false } | null): Promise<string[]>;
  readdir(path: PathLike, options: 'buffer' | { encoding: 'buffer'; withFileTypes?: false }): Promise<Buffer[]>;
  readdir(path: PathLike, options: { encoding?: BufferEncoding | null; withFileTypes: true }): Promise<Dirent[]>;
  mkdir(path: PathLike, options?: number | string | { recursive?: false; mode?: number | string } | null): Promise<undefined>;
  /** The first folder that was missing. */
  mkdir(path: PathLike, options: { recursive: true; mode?: number | string }): Promise<string | undefined>;
  rmdir(path: PathLike): Promise<void>;
  unlink(path: PathLike): Promise<void>;
  rename(oldPath: PathLike, newPath: PathLike): Promise<void>;
}

// ---- the client side ------------------------------------------------------------------------------------------------------

/** What a client shows itself with. Private keys: PEM, DER (PKCS #8, PKCS #1, SEC 1), or a KeyObject. */
export type ClientCredential = (
  | { cert: CredentialCertificate; key: string | Buffer | Uint8Array | KeyObject; passphrase?: string | Buffer }
  | { pfx: Buffer | Uint8Array; passphrase?: string | Buffer }
  | { cert: CredentialCertificate; sign: ClientCertSign }
) & {
  /** Whether it is sent outside of its validity period, too, with a warning. Default false. */
  allowExpired?: boolean;
};

/**
 * Signs the handshake with a key that is somewhere else: on a smart card, in a TPM or a key management service. Called once for each time that the
 * certificate is sent, and only then. The signature is verified before it is sent.
 *
 * @param octets all that is signed; what signs digests is given `request.digest`
 * @returns RSA and EdDSA: as they are; ECDSA: DER (RFC 3279), or r and s, both as long as the curve's order (IEEE P1363: WebCrypto, PKCS #11).
 *   Whatever it throws or rejects with ends the connection, and is its 'error'.
 */
export type ClientCertSign = (octets: Buffer, request: SignatureRequest) => Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>;

export interface SignatureRequest {
  /** TLS SignatureScheme (RFC 8446 section 4.2.3): 'ecdsa_secp256r1_sha256'. In TLS 1.2 the curve is that of the key, whatever this says. */
  readonly name: string;
  /** 'sha256', 'sha384', 'sha512'; null: Ed25519, Ed448 */
  readonly hash: string | null;
  /** The hash of the octets; null where there is none. */
  readonly digest: Buffer | null;
  /** Of RSA. 'pss': with MGF1 of the same hash, and a salt as long as the hash. */
  readonly padding: 'pkcs1' | 'pss' | null;
  /** Aborted when the connection is closed meanwhile. */
  readonly signal: AbortSignal;
}

/** Leaf first; a PEM text may hold the chain. */
export type CredentialCertificate = string | Buffer | Uint8Array | Certificate | X509Certificate | readonly CredentialCertificate[];

/** What a server asks for. */
export interface ClientCertQuery {
  readonly connection: TLSSocket;
  readonly servername: string | null;
  /** 'TLSv1.3' */
  readonly protocol: string;
  /** The CAs that the server trusts; empty: it does not say. */
  readonly trustedCAs: readonly DistinguishedName[];
  /** TLS SignatureSchemes that it accepts, in its order. */
  readonly signatureAlgorithms: readonly string[];
  /** null where it did not verify. Whether it is the certificate of the host that was asked for, Node.js finds out after the handshake. */
  readonly serverCertificate: Certificate | null;
  /** true, or why the server would not take it: by validity, usage, issuer, signature algorithm. A PEM text may hold the chain. */
  supports(certificate: CredentialCertificate): true | string;
}

/**
 * A `SecureContext` whose client certificate is chosen when a server asks for one (QUERYCLIENTCERT). Give it as `secureContext` to `tls.connect`,
 * `https.Agent`, `http2.connect`, undici, ldapts. The callback is called once for each request of a server, and never where none asks; `false` leaves the client
 * anonymous. What it throws, or rejects with, ends the connection and is the socket's 'error'.
 *
 * @param options.postHandshakeAuth whether a server may ask after a TLS 1.3 handshake, too. Default false.
 * @throws {TypeError} for `cert`, `key` and the like: the callback would never be asked.
 */
export function queryClientCert(options: QueryClientCertOptions, callback: ClientCertCallback): SecureContext;

export type QueryClientCertOptions = Omit<
  SecureContextOptions,
  'cert' | 'key' | 'pfx' | 'passphrase' | 'clientCertEngine' | 'privateKeyEngine' | 'privateKeyIdentifier'
> & { postHandshakeAuth?: boolean };

export type ClientCertCallback<Query = ClientCertQuery> = (query: Query) => ClientCredential | false | Promise<ClientCredential | false>;

/** One credential, or where credentials are. Files and folders are read again where they have changed. */
export type CredentialStoreEntry =
  | ClientCredential
  /** keyFile: default: the same file. */
  | { certFile: string; keyFile?: string; passphrase?: string | Buffer }
  | { pfxFile: string; passphrase?: string | Buffer }
  /** *.pfx and *.p12; *.pem, *.crt and *.cer with their key in the same file, in `<name>.key`, or in `<name>-key.pem`. */
  | { directory: string; passphrase?: string | Buffer }
  | { list: () => readonly CredentialStoreEntry[] | Promise<readonly CredentialStoreEntry[]> };

/**
 * A callback for {@link queryClientCert} that chooses as a browser would: of those that the server would take (issuer, usage, signature algorithm,
 * validity) the one that is valid longest; none where there is no such one.
 *
 * @param options.remember whether a server is shown the same one again as long as it would take it. Default false.
 * @throws {TypeError | ClientCertError} for credentials that cannot be read. Of a file: where it is needed, and the connection ends; in a folder it is left
 *   out, with a warning.
 */
export function createCredentialStore(
  entries: readonly CredentialStoreEntry[],
  options?: { remember?: boolean },
): ((query: ClientCertQuery) => Promise<ClientCredential | false>) & {
  /** @param servername whose choices are forgotten. Default: all. */
  forget(servername?: string): void;
};

/**
 * An `https.Agent` that keeps connections and TLS sessions apart by identity: `https.get(url, { agent, identity: 'alice' })`. Requests with
 * different identities, or with one and with none, never share either. The callback gets the identity.
 */
export class ClientCertAgent extends Agent {
  /** @param options of the agent, and of {@link queryClientCert} */
  constructor(options: AgentOptions & QueryClientCertOptions, callback: ClientCertCallback<ClientCertQuery & { identity: string }>);
  /** The next request of this identity (default: of none) makes a connection, and chooses, anew. */
  forget(identity?: string): void;
}

/**
 * A connector for undici: `new Agent({ connect: clientCertConnector(options, callback) })`. undici keeps connections for each Agent: use one Agent for
 * each identity. TLS sessions are not kept at all.
 *
 * @param options.timeout ms; default 10000.
 * @param options.allowH2 whether HTTP/2 is offered. Default false.
 */
export function clientCertConnector(
  options: QueryClientCertOptions & { timeout?: number; allowH2?: boolean },
  callback: ClientCertCallback,
): (options: object, done: (...result: any[]) => void) => any;

// ---- certificates ---------------------------------------------------------------------------------------------------

/**
 * Decodes a certificate, strictly: DER as X.690 and RFC 5280 demand it, nothing trusted, nothing verified.
 *
 * @param input DER, PEM (the first CERTIFICATE block, which must be the only one) or a certificate of node:crypto.
 * @throws {TypeError} for another kind of input.
 * @throws {ClientCertError} `ERR_CLIENT_CERT_MALFORMED`, with `offset` and `expected`.
 */
export function parseCertificate(input: Buffer | Uint8Array | string | X509Certificate): Certificate;

/**
 * A decoded X.509 certificate. Frozen; every field comes from the DER, none from a string that somebody joined. Buffers and Dates
 * are copies: whoever writes into one changes what he holds, never the certificate.
 */
export class Certificate {
  private constructor();
  /** A copy of the encoding. */
  readonly der: Buffer;
  readonly pem: string;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Upper-case hexadecimal without colons or leading zero octets, '-' before a negative one. */
  readonly serialNumber: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** In the order of the certificate; empty where there are none. */
  readonly subjectAltNames: readonly AltName[];
  readonly issuerAltNames: readonly AltName[];
  /** Names of RFC 5280 ('digitalSignature', ...); empty where the extension is absent, which permits every usage. */
  readonly keyUsage: readonly KeyUsage[];
  /** OIDs; empty where the extension is absent, which permits every usage. */
  readonly extendedKeyUsage: readonly string[];
  readonly basicConstraints: BasicConstraints | null;
  readonly policies: readonly PolicyInformation[];
  readonly nameConstraints: NameConstraints | null;
  readonly crlDistributionPoints: readonly DistributionPoint[];
  readonly authorityInfoAccess: readonly AccessDescription[];
  /** Upper-case hexadecimal; null where absent. */
  readonly subjectKeyIdentifier: string | null;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | null;
  /** The security identifier of Microsoft's extension 1.3.6.1.4.1.311.25.2 ('S-1-5-21-...'); null where absent. */
  readonly sid: string | null;
  readonly publicKey: PublicKey;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** Every extension, decoded above or not, in the order of the certificate. */
  readonly extensions: readonly Extension[];
  /** Upper-case hexadecimal without colons, over the DER. */
  readonly fingerprints: { readonly sha1: string; readonly sha256: string; readonly sha512: string };
  /** RFC 8705 confirmation value: SHA-256 of the DER, base64url. */
  readonly x5tS256: string;
  toX509Certificate(): X509Certificate;
  /**
   * Every field but `pem`, as plain values: octets as base64, dates as ISO 8601, names as `{ rfc4514, rdns }`, the RSA exponent as
   * decimal text.
   */
  toJSON(): object;
}

/** A name as RFC 5280 has it: relative names in the order of the certificate, each with one attribute or more. */
export class DistinguishedName {
  private constructor();
  readonly rdns: readonly (readonly NameAttribute[])[];
  /** A copy of the encoding. */
  readonly der: Buffer;
  /** All values of an attribute, in order. @param type a short name ('CN'), a long one ('commonName') or an OID. */
  get(type: string): string[];
  /** RFC 4514, most specific first: 'CN=Ada,O=Example'. Whatever could mislead a reader is escaped. */
  toString(): string;
  /**
   * OpenSSL's one-line form, in the order of the certificate: '/O=Example/CN=Ada'. Unlike OpenSSL, '/' and '\' within a value are
   * '\x2F' and '\x5C', so that no value looks like another attribute.
   */
  toOneline(): string;
  /** The same names in the same order, compared as RFC 5280 section 7.1 says (case and white space fold). */
  equals(other: DistinguishedName): boolean;
  toJSON(): object;
}

export interface NameAttribute {
  /** OID. */
  readonly type: string;
  /** 'CN', 'emailAddress', ...; the OID where it has none. */
  readonly shortName: string;
  /** Unescaped, embedded NULs included; where stringType is 'other', '#' and the DER of the value in hexadecimal. */
  readonly value: string;
  /** The ASN.1 type of the value. */
  readonly stringType: 'utf8' | 'printable' | 'teletex' | 'bmp' | 'universal' | 'ia5' | 'numeric' | 'visible' | 'other';
}

/** A GeneralName of RFC 5280. `value` is never escaped or joined; it may hold any character, NUL included. */
export type AltName =
  | { readonly type: 'dns' | 'email' | 'uri' | 'ip' | 'registeredId'; readonly value: string }
  | { readonly type: 'upn'; readonly value: string; readonly oid: string; readonly der: Buffer }
  | { readonly type: 'dirName'; readonly value: DistinguishedName }
  | {
      /** `value`: where the content is a character string, that string, else null; `der`: the content, tag included. */
      readonly type: 'otherName'; readonly value: string | null; readonly oid: string; readonly der: Buffer;
    }
  | { readonly type: 'x400Address' | 'ediPartyName'; readonly value: null; readonly der: Buffer };

export type KeyUsage =
  | 'digitalSignature' | 'nonRepudiation' | 'keyEncipherment' | 'dataEncipherment' | 'keyAgreement' | 'keyCertSign'
  | 'cRLSign' | 'encipherOnly' | 'decipherOnly';

export interface BasicConstraints {
  readonly ca: boolean;
  /** How many intermediates may follow; null: no limit. */
  readonly pathLength: number | null;
}

export interface PolicyInformation {
  readonly oid: string;
  readonly qualifiers: readonly PolicyQualifier[];
}

export type PolicyQualifier =
  | { readonly type: 'cps'; readonly value: string }
  | { readonly type: 'userNotice'; readonly value: string | null; readonly der: Buffer }
  | { readonly type: 'other'; readonly oid: string; readonly der: Buffer };

export interface NameConstraints {
  readonly permitted: readonly NameSubtree[];
  readonly excluded: readonly NameSubtree[];
}

/**
 * As an AltName, but 'ip' is a range: '10.0.0.0/8' (or 'address/mask' where the mask is no prefix). RFC 5280 wants `minimum` 0 and no
 * `maximum`.
 */
export type NameSubtree = AltName & { readonly minimum: number; readonly maximum: number | null };

export interface DistributionPoint {
  readonly fullName: readonly AltName[];
  /** nameRelativeToCRLIssuer. */
  readonly relativeName: readonly NameAttribute[] | null;
  /** Names of RFC 5280 ('keyCompromise', ...); null: all reasons. */
  readonly reasons: readonly string[] | null;
  readonly crlIssuer: readonly AltName[];
}

export interface AccessDescription {
  /** OID: 1.3.6.1.5.5.7.48.1 is OCSP, 1.3.6.1.5.5.7.48.2 is the issuer's certificate. */
  readonly method: string;
  readonly location: AltName;
}

export interface AuthorityKeyIdentifier {
  /** Upper-case hexadecimal. */
  readonly keyIdentifier: string | null;
  readonly issuer: readonly AltName[];
  /** As {@link Certificate.serialNumber}. */
  readonly serialNumber: string | null;
}

export interface PublicKey {
  /** 'rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448', 'x25519', 'x448', 'dsa', 'dh'; the OID of any other. */
  readonly type: string;
  /** OID. */
  readonly algorithm: string;
  /** Modulus or field size; null where the algorithm or the curve is not known, or DSA parameters are inherited. */
  readonly bits: number | null;
  /** The named curve ('P-256', 'P-384', 'P-521', 'secp256k1'), else its OID; null where the key has none. */
  readonly curve: string | null;
  /** The RSA public exponent; null for other keys. */
  readonly exponent: bigint | null;
  /** SubjectPublicKeyInfo. */
  readonly der: Buffer;
  /** SHA-256 of {@link der}, base64: the pin of RFC 7469. */
  readonly pinSha256: string;
}

export interface AlgorithmIdentifier {
  /** OID. */
  readonly oid: string;
  /** 'ecdsa-with-SHA256', 'RSASSA-PSS', ...; the OID where it has none. */
  readonly name: string;
  /** DER; null where absent. */
  readonly parameters: Buffer | null;
}

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** The content of extnValue. */
  readonly value: Buffer;
}

// ---- constants and errors -------------------------------------------------------------------------------------------

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
}

// ---- middleware: what client-cert-info/express and client-cert-info/fastify have in common ---------------------------

/** Why a request was rejected: the stable code in the answer's body. */
export type RejectionReason =
  | 'certificate_required' | 'certificate_invalid' | 'certificate_not_allowed'
  /** The mapper denied the certificate or found it ambiguous; the mapper knows no account for it, and `required` is not false. */
  | 'account_denied' | 'account_required'
  /** 421: the client was judged by the trust of another virtual host. */
  | 'misdirected_request'
  /** 413: with `onDemand`, the request has too large a body to be kept. */
  | 'body_too_large';

/** Why {@link AuthenticationOptions} rejected a request. */
export type AuthenticationRejection =
  | RejectionReason
  /** 401: it brings nothing, its exchange goes on, or its context has expired; what it brings is not good. */
  | 'authentication_required' | 'authentication_failed'
  /** 503: too many exchanges, or GSSAPI takes too long. */
  | 'too_busy'
  /** `allow` did not say true. */
  | 'not_allowed';

/** A certificate or a ticket: `authenticate(options)` of client-cert-info/express and client-cert-info/fastify. One of both is needed. */
export interface AuthenticationOptions<Request = any> {
  certificate?: ClientCertificateOptions<Request>;
  negotiate?: NegotiateAuthenticator | NegotiateOptions;
  /** Of a request that brings both, the first one decides. Default: certificate, negotiate. */
  order?: ReadonlyArray<'certificate' | 'negotiate'>;
  /** Whatever is not, or does not resolve to, exactly true rejects. */
  allow?: (authInfo: RequestAuthInfo, request: Request) => boolean | PromiseLike<boolean>;
  /** Told, and waited for, before the rejection is sent. */
  onRejected?: (authInfo: RequestAuthInfo, request: Request, reason: AuthenticationRejection) => unknown;
}

/** What it returns, or what that resolves to (a promise, or any other thenable), has to be exactly `true` to admit the request. */
export type AllowFunction<Request = any> = (info: ClientCertInfo, request: Request) => boolean | PromiseLike<boolean>;

export interface ClientCertificateOptions<Request = any> {
  /** Whether a request without a certificate is rejected. Default true. */
  required?: boolean;
  /** Whether a certificate that is not valid reaches `allow` and the application. Default false. */
  allowInvalid?: boolean;
  /** Decides in place of the TLS context's trust; in mode 'online' after fetching what is missing. Then hosts are not compared. */
  verifier?: Verifier;
  /**
   * Maps each valid certificate to an account. `request.clientCert` is then the request's own object; its token is closed when the response ends.
   * Nobody is admitted whom it denies or finds ambiguous, nor, unless `required` is false, whom it does not know.
   */
  mapper?: AccountMapper;
  /**
   * Asks a client that has shown no certificate for one, when the request comes: on a single route of a server that asks nobody in the handshake
   * (`requestCert: false`). Who cannot be asked or does not answer has no certificate. Default false.
   */
  onDemand?: boolean | OnDemandOptions;
  /**
   * Asked about each certificate that is valid, and with `allowInvalid` about the others too; never where there is none. Where it throws or
   * rejects, the error goes to the framework's error handling, and the request does not pass. `request.clientCert` is set already.
   */
  allow?: AllowFunction<Request>;
  /**
   * Told, and waited for, before the application sees the request: of a certificate that is valid, or that `allow` said yes to. Where it
   * throws or rejects, the request does not pass.
   */
  onAuthenticated?: (info: ClientCertInfo, request: Request) => unknown;
  /** Told, and waited for, before the rejection is sent; `info` is null where there is no certificate. */
  onRejected?: (info: ClientCertInfo | null, request: Request, reason: RejectionReason) => unknown;
  /** The status of a rejection, 400 to 499. Default 403; 'misdirected_request' is always 421, 'body_too_large' 413. */
  status?: number;
}

/** Ready functions for `allow`. They compare whole values; none of them asks whether the certificate is valid. */
export const allow: {
  /**
   * @param expected the whole name as `subject.toString()` gives it, or attributes by short name, long name or OID, each of which
   *   the name must have once, with that value or one of those.
   */
  subject(expected: string | Record<string, string | string[]>): AllowFunction;
  /** As `subject`, for the issuer. */
  issuer(expected: string | Record<string, string | string[]>): AllowFunction;
  /**
   * One alternative name of that type with one of these values. Case does not count in a DNS name and in the domain of an e-mail address; a
   * wildcard matches itself only.
   */
  altName(type: 'dns' | 'email' | 'uri' | 'ip' | 'upn' | 'registeredId', ...values: string[]): AllowFunction;
  /** SHA-256 of the DER, hexadecimal, with or without colons. */
  fingerprint(...fingerprints: string[]): AllowFunction;
  /** SHA-256 of the SubjectPublicKeyInfo, base64. */
  spkiPin(...pins: string[]): AllowFunction;
  /** Hexadecimal. Unique only together with an issuer: combine it with `issuer`. */
  serialNumber(...serialNumbers: string[]): AllowFunction;
  /** Asks one after the other, until one does not say exactly `true`. */
  all<Request = any>(...functions: AllowFunction<Request>[]): AllowFunction<Request>;
  /** Asks one after the other, until one says exactly `true`. */
  any<Request = any>(...functions: AllowFunction<Request>[]): AllowFunction<Request>;
};
