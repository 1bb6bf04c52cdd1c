// @ts-check
'use strict';
// OCSP over HTTP (RFC 6960 appendix A): how a request is asked for.

/** @typedef {import('./fetcher.js').FetchRequest} FetchRequest */

const REQUEST_TYPE = 'application/ocsp-request';
const RESPONSE_TYPE = 'application/ocsp-response';
// RFC 5019 section 5, the whole URL included.
const MAX_GET = 255;

/**
 * By GET first where the request is short, so that caches between can answer (a response to a nonce is of no use to anybody else), and by POST, which
 * every responder knows.
 *
 * @param {{ url: string, request: Buffer, nonce?: Buffer }} question
 * @param {{ key: string, maxBytes: number }} about key: the stable name of what is asked about
 * @returns {FetchRequest[]} the second is for where the first fails
 */
function ocspRequests({ url, request, nonce }, { key, maxBytes }) {
  /** @type {FetchRequest} */
  const post = { url, method: 'POST', body: request, contentType: REQUEST_TYPE, accept: RESPONSE_TYPE, maxBytes, identity: key };
  const inPath = `${url}${url.endsWith('/') ? '' : '/'}${encodeURIComponent(request.toString('base64'))}`;
  // A query or a fragment would swallow what is appended.
  if (nonce || inPath.length > MAX_GET || /[?#]/.test(url)) return [post];
  return [{ url: inPath, method: 'GET', accept: RESPONSE_TYPE, maxBytes }, post];
}

module.exports = { ocspRequests };
