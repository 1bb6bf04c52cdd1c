/// <reference types="node" />
// The public types, by what they are about.
export * from './types/connection.js';
export * from './types/context.js';
export * from './types/negotiate.js';
export * from './types/verifier.js';
export * from './types/identity.js';
export * from './types/client.js';
export * from './types/certificate.js';
export * from './types/constants.js';
export * from './types/middleware.js';
