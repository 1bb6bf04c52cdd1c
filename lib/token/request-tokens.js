// @ts-check
'use strict';
// A token that was made for a request lives until its response has ended, or its connection has.

const diagnosticsChannel = require('node:diagnostics_channel');

/** @typedef {import('../index.js').AccessToken} AccessToken */

/** @type {WeakMap<object, Set<AccessToken>>} by connection: a response that waits for its turn on one that is gone never says so */
const tokensOfSockets = new WeakMap();
/** @type {WeakMap<object, () => void>} by request of HTTP/1, whose response is not known: closes its tokens */
const closersOfRequests = new WeakMap();

/** @param {any} socket @returns {Set<AccessToken>} those that are closed with it */
function tokensOf(socket) {
  const known = tokensOfSockets.get(socket);
  if (known) return known;
  const tokens = new Set();
  tokensOfSockets.set(socket, tokens);
  socket.once('close', () => tokens.forEach((token) => token.close()));
  return tokens;
}

let isListening = false;

/** @param {any} request of node:http @param {() => void} onEnd */
function onResponseEnd(request, onEnd) {
  if (!isListening) {
    isListening = true;
    diagnosticsChannel.subscribe('http.server.response.finish', (message) => closersOfRequests.get(/** @type {any} */ (message).request)?.());
  }
  const before = closersOfRequests.get(request);
  closersOfRequests.set(request, () => {
    before?.();
    onEnd();
  });
}

/**
 * @param {AccessToken} token
 * @param {any} request of node:http or node:http2
 * @param {any} [response] null where only the request is known
 */
function closeTokenWith(token, request, response = null) {
  const stream = request.stream ?? null;
  // Streams of HTTP/2 are closed one by one, and with their session.
  const socket = stream ? null : request.socket;
  if (response?.destroyed === true || response?.closed === true || stream?.destroyed || stream?.closed || socket?.destroyed) {
    token.close();
    return;
  }
  const tokens = socket && tokensOf(socket);
  tokens?.add(token);
  const close = () => {
    tokens?.delete(token);
    token.close();
  };
  if (response ?? stream) (response ?? stream).once('close', close);
  else onResponseEnd(request, close);
}

module.exports = { closeTokenWith };
