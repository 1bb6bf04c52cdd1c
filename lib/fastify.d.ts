import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { allow as allowHelpers, AuthenticationOptions, ClientCertificateOptions, ClientCertInfo, RequestAuthInfo } from './index.js';

type Options = ClientCertificateOptions<FastifyRequest>;

/**
 * Plugin of Fastify 4 and 5: sets `request.clientCert` and lets only those requests pass whose client certificate is valid and allowed, for the
 * instance that registers it and its children. Others are answered with a status and `{"error": "certificate_required"}` or another
 * RejectionReason. It has no routes, and takes none of what `register` gives to those (`prefix`, `logLevel`, `logSerializers`).
 */
declare const clientCertInfo: FastifyPluginAsync<Options, any> & {
  default: FastifyPluginAsync<Options, any>;
  clientCertInfo: FastifyPluginAsync<Options, any>;
  /** The same as an `onRequest` hook for single routes. */
  clientCertificate(options?: Options): (request: FastifyRequest<any, any>, reply: FastifyReply<any, any>) => Promise<unknown>;
  /** A certificate or a ticket, as an `onRequest` hook. */
  authenticate(options: AuthenticationOptions<FastifyRequest>): (request: FastifyRequest<any, any>, reply: FastifyReply<any, any>) => Promise<unknown>;
  allow: typeof allowHelpers;
};

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by client-cert-info: null where the client sent no certificate. Undefined until then, and in routes that it does not guard. */
    clientCert?: ClientCertInfo | null;
    /** Set by client-cert-info: who the request comes from, made when it is read first. */
    authInfo?: RequestAuthInfo;
  }
}

export = clientCertInfo;
