import clientCertInfo from './fastify.js';

export const { clientCertificate, allow } = clientCertInfo;
export { clientCertInfo, clientCertInfo as default };
