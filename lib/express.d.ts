import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { AuthenticationOptions, ClientCertificateOptions, ClientCertInfo, RequestAuthInfo } from './index.js';

export { allow } from './index.js';
export type { AllowFunction, AuthenticationOptions, AuthenticationRejection, ClientCertificateOptions, RejectionReason } from './index.js';

/** Middleware of Express 4 and 5, Connect, and plain node:http and node:http2. */
export type ClientCertificateMiddleware<Request = IncomingMessage | Http2ServerRequest> = (
  request: Request,
  response: ServerResponse | Http2ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Makes middleware that sets `request.clientCert` and lets only those requests pass whose client certificate is valid and allowed.
 * Others are answered with a status and `{"error": "certificate_required"}` or another {@link RejectionReason}, unless `onRejected` has answered.
 * Where the request is not over TLS, or a function of the options throws, `next` gets an error.
 *
 * @throws {TypeError | RangeError} at once, for options that make no sense.
 */
export function clientCertificate<Request extends IncomingMessage | Http2ServerRequest = IncomingMessage | Http2ServerRequest>(
  options?: ClientCertificateOptions<Request>,
): ClientCertificateMiddleware<Request>;

/**
 * Makes middleware that takes a certificate or a ticket, and gives `request.authInfo` whichever way. Others are answered with a challenge, or a status and
 * `{"error": "authentication_required"}` or another AuthenticationRejection.
 *
 * @throws {TypeError | RangeError} at once, for options that make no sense.
 */
export function authenticate<Request extends IncomingMessage | Http2ServerRequest = IncomingMessage | Http2ServerRequest>(
  options: AuthenticationOptions<Request>,
): ClientCertificateMiddleware<Request>;

declare module 'http' {
  interface IncomingMessage {
    /** Set by client-cert-info: null where the client sent no certificate. */
    clientCert?: ClientCertInfo | null;
    /** Set by client-cert-info: who the request comes from, made when it is read first. */
    authInfo?: RequestAuthInfo;
  }
}
declare module 'http2' {
  interface Http2ServerRequest {
    /** Set by client-cert-info: null where the client sent no certificate. */
    clientCert?: ClientCertInfo | null;
    /** Set by client-cert-info: who the request comes from, made when it is read first. */
    authInfo?: RequestAuthInfo;
  }
}
