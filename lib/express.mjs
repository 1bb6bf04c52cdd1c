export { authenticate, clientCertificate, allow } from './express.js';
