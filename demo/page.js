'use strict';
// The visitor's own certificate, as a page for people.

/** Names in a certificate are whatever somebody wrote there. @param {unknown} text */
function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** @param {Array<[string, unknown]>} rows */
function table(rows) {
  const shown = rows.filter(([, value]) => value !== undefined && value !== null && value !== '');
  return `<table>${shown.map(([name, value]) => `<tr><th>${escape(name)}</th><td>${escape(value)}</td></tr>`).join('')}</table>`;
}

/** @param {import('../lib/index.js').AltName} name */
const altNameText = (name) => `${name.type}: ${name.value === null ? name.der.toString('hex') : name.value}`;

/** @param {import('../lib/index.js').Certificate} certificate */
function certificateTable(certificate) {
  return table([
    ['Subject', certificate.subject],
    ['Issuer', certificate.issuer],
    ['Serial number', certificate.serialNumber],
    ['Valid from', certificate.notBefore.toISOString()],
    ['Valid to', certificate.notAfter.toISOString()],
    ['Alternative names', certificate.subjectAltNames.map(altNameText).join(', ')],
    ['Key usage', certificate.keyUsage.join(', ')],
    ['Extended key usage', certificate.extendedKeyUsage.join(', ')],
    ['Public key', [certificate.publicKey.type, certificate.publicKey.curve ?? certificate.publicKey.bits].join(' ')],
    ['Signature', certificate.signatureAlgorithm.name],
    ['SHA-256 fingerprint', certificate.fingerprints.sha256],
  ]);
}

/** @param {import('../lib/index.js').ClientCertInfo | null} info */
function verdict(info) {
  if (info === null) return '<p class="none">You sent no client certificate.</p>';
  if (info.valid) return `<p class="valid">Your certificate is valid <small>until ${escape(info.validUntil.toISOString())} at least</small></p>`;
  const problems = info.problems.map(({ code, message }) => `<li><code>${escape(code)}</code> ${escape(message)}</li>`);
  return `<p class="invalid">Your certificate is not valid <small>${escape(info.certFlagsName)}</small></p><ul>${problems.join('')}</ul>`;
}

/**
 * @param {import('../lib/index.js').ClientCertInfo | null} info
 * @param {import('node:tls').TLSSocket} socket
 */
function page(info, socket) {
  const chain = (info?.presentedChain ?? []).slice(1).map((certificate) => `<h2>Presented with it</h2>${certificateTable(certificate)}`);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Your client certificate</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1c2733 }
  h1 { font-size: 1.6rem } h2 { font-size: 1.1rem; margin-top: 2rem }
  table { border-collapse: collapse; width: 100% }
  th { text-align: left; white-space: nowrap; vertical-align: top; padding: .3rem 1rem .3rem 0; font-weight: 500; color: #5b6b7b }
  td { padding: .3rem 0; overflow-wrap: anywhere }
  tr { border-top: 1px solid #e3e8ee }
  p { padding: .7rem 1rem; border-radius: .4rem; font-weight: 600 } small { font-weight: 400; margin-left: .6rem }
  .valid { background: #e2f5e7; color: #14532d } .invalid { background: #fde8e8; color: #7f1d1d } .none { background: #eef2f6 }
</style>
<h1>Your client certificate</h1>
${verdict(info)}
${info?.certificate ? certificateTable(info.certificate) : ''}
${chain.join('')}
<h2>The connection</h2>
${table([
  ['Protocol', socket.getProtocol()],
  ['Cipher suite', socket.getCipher().standardName],
  ['Resumed', socket.isSessionReused() ? 'yes' : 'no'],
  ['What Node.js says', socket.authorized ? 'authorized' : `not authorized: ${socket.authorizationError}`],
])}
</html>
`;
}

module.exports = { page };
