import clientCertInfo from './fastify.js';

export { clientCertInfo, clientCertInfo as default };
export declare const clientCertificate: typeof clientCertInfo.clientCertificate;
export declare const allow: typeof clientCertInfo.allow;
export declare const authenticate: typeof clientCertInfo.authenticate;
