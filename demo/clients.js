'use strict';
// The demo's clients: real connections, one for each visit.

const { once } = require('node:events');
const https = require('node:https');

/**
 * @param {number} port
 * @param {{ cert?: string, key?: string, session?: Buffer }} [credential]
 * @param {string} [path]
 * @returns {Promise<{ status: number, body: string, session: Buffer | undefined }>} session: to be resumed
 */
async function visit(port, { cert, key, session } = {}, path = '/private') {
  const request = https.get({ host: '127.0.0.1', port, path, cert, key, session, agent: false, rejectUnauthorized: false });
  let latest = session;
  request.on('socket', (socket) => socket.on('session', (ticket) => (latest = ticket)));
  const [response] = await once(request, 'response');
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += chunk;
  return { status: response.statusCode, body, session: latest };
}

module.exports = { visit };
