// Middleware: what client-cert-info/express and client-cert-info/fastify have in common.
import type { ClientCertInfo, OnDemandOptions } from './connection.js';
import type { RequestAuthInfo } from './context.js';
import type { AccountMapper } from './identity.js';
import type { NegotiateAuthenticator, NegotiateOptions } from './negotiate.js';
import type { Verifier } from './verifier.js';

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
