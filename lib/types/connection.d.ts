// A connection's client certificate.
import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest, Http2Session, Http2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Certificate, DistinguishedName } from './certificate.js';
import type { ProblemCode } from './constants.js';
import type { ChannelBinding } from './context.js';
import type { AccessToken, Account, AccountMapper, MapOutcome } from './identity.js';
import type { RevocationStatus, Verifier } from './verifier.js';

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
 *   `ERR_CLIENT_CERT_CONNECTION_CLOSED` on a connection that is gone and was never asked about, `ERR_CLIENT_CERT_CLOSED` after `verifier.close()`,
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
