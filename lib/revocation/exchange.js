// @ts-check
'use strict';
// One HTTP request and its answer, on a connection that exists. What the other end sends is bounded in octets here and in time by the signal.

const http = require('node:http');

const { codeOf } = require('./connection.js');
const { FetchFailure } = require('./fetch-failure.js');

/**
 * @typedef {{ method: 'GET' | 'POST', body?: Buffer, contentType?: string, accept?: string, maxBytes: number }} Request
 * @typedef {{ body: Buffer, maxAge?: number }} Answer
 */

const REDIRECTS = new Set([301, 302, 307, 308]);
// Node's default, which --max-http-header-size might have raised.
const MAX_HEADERS = 16 * 1024;

/** @param {Request} request @returns {Record<string, string | number>} */
function headersOf({ body, contentType, accept }) {
  return {
    'User-Agent': 'client-cert-info',
    'Accept-Encoding': 'identity',
    ...(accept && { Accept: accept }),
    ...(contentType && { 'Content-Type': contentType }),
    ...(body && { 'Content-Length': body.length }),
  };
}

/** @param {http.ClientRequest} sent @returns {Promise<http.IncomingMessage>} its head */
function answerTo(sent) {
  return new Promise((fulfil, reject) => {
    sent.on('error', reject);
    sent.on('close', () => reject(new FetchFailure('network', 'closed', 'url')));
    sent.on('upgrade', () => reject(new FetchFailure('http-status', '101', 'request')));
    sent.on('response', (response) => {
      response.on('error', () => {}); // where nobody reads on
      fulfil(response);
    });
  });
}

/** @param {http.IncomingHttpHeaders} headers @returns {number | undefined} seconds for which the answer is fresh (RFC 9111 section 4.2) */
function maxAgeOf({ 'cache-control': control = '', age = '0' }) {
  if (/(?:^|[,\s])no-(?:store|cache)(?:[,\s]|$)/i.test(control)) return 0;
  const [, seconds] = /(?:^|[,\s])max-age="?([0-9]{1,10})"?(?:[,\s]|$)/i.exec(control) ?? [];
  if (seconds === undefined) return undefined;
  return Math.max(0, Number(seconds) - (/^[0-9]{1,10}$/.test(age) ? Number(age) : 0));
}

/** @param {http.IncomingMessage} response @param {number} maxBytes @throws {FetchFailure} */
function checkHead({ statusCode = 0, headers }, maxBytes) {
  // An overloaded or broken service says nothing else to others; 404 may be about this request.
  const blamed = statusCode >= 500 || statusCode === 429 ? 'url' : 'request';
  if (statusCode !== 200) throw new FetchFailure('http-status', String(statusCode), blamed);
  const coding = headers['content-encoding'] ?? 'identity';
  if (coding.toLowerCase() !== 'identity') throw new FetchFailure('refused-encoding', coding.slice(0, 40), 'request');
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new FetchFailure('too-large', `${headers['content-length']} octets`, 'request');
}

/** @param {http.IncomingMessage} response @param {number} maxBytes @returns {Promise<Buffer>} */
async function bodyOf(response, maxBytes) {
  const chunks = [];
  let size = 0;
  for await (const chunk of response) {
    size += chunk.length;
    if (size > maxBytes) throw new FetchFailure('too-large', `more than ${maxBytes} octets`, 'request');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/**
 * @param {import('node:net').Socket} socket is destroyed in any case
 * @param {URL} url
 * @param {Request} request
 * @param {AbortSignal} signal
 * @returns {Promise<Answer | { location: string }>}
 * @throws {FetchFailure} or the signal's reason
 */
async function exchange(socket, url, request, signal) {
  const onAbort = () => socket.destroy(new Error('no longer wanted'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    const sent = http.request({
      method: request.method,
      path: url.pathname + url.search,
      headers: { Host: url.host, ...headersOf(request) },
      createConnection: () => socket,
      maxHeaderSize: MAX_HEADERS,
      insecureHTTPParser: false,
    });
    const answered = answerTo(sent);
    sent.end(request.body);
    const response = await answered;
    if (REDIRECTS.has(response.statusCode ?? 0) && response.headers.location !== undefined) return { location: response.headers.location };
    checkHead(response, request.maxBytes);
    return { body: await bodyOf(response, request.maxBytes), maxAge: maxAgeOf(response.headers) };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw error instanceof FetchFailure ? error : new FetchFailure('network', codeOf(error), 'url');
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
  }
}

module.exports = { exchange };
