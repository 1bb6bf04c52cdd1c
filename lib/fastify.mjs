import clientCertInfo from './fastify.js';

export const { authenticate, clientCertificate, allow } = clientCertInfo;
export { clientCertInfo, clientCertInfo as default };
