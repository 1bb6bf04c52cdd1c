export { clientCertificate, allow } from './express.js';
