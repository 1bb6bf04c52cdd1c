'use strict';
// OCSP for tests (RFC 6960, RFC 9654): responses made in plain JavaScript with full control over every octet, and a responder on
// loopback that answers, or misbehaves, as it is told.

const crypto = require('node:crypto');
const { once } = require('node:events');
const http = require('node:http');

const { extension, extensions, keyIdentifier, name, publicKeyInfo, reasonCodes, signatureAlgorithm } = require('./certificate-builder.js');
const der = require('./der.js');
const { daysFromNow } = require('./pki.js');

/** @typedef {import('./certificate-builder.js').NameLike} NameLike */
/** An Authority of pki.js, or anything else that has a name and a key. @typedef {{ subject: NameLike, privateKey: crypto.KeyObject }} Signer */

const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const BASIC = '1.3.6.1.5.5.7.48.1.1';
const NONCE = '1.3.6.1.5.5.7.48.1.2';
const NO_CHECK = '1.3.6.1.5.5.7.48.1.5';

const hashOids = {
  md5: '1.2.840.113549.2.5', sha1: '1.3.14.3.2.26', sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
};

const responseStatus = { successful: 0, malformedRequest: 1, internalError: 2, tryLater: 3, sigRequired: 5, unauthorized: 6 };

/** @param {Buffer} value what RFC 9654 calls the nonce @param {boolean} [critical] */
const nonceExtension = (value, critical) => extension(NONCE, der.octets(value), critical);

/** id-pkix-ocsp-nocheck, for a responder's certificate. */
const noCheck = () => extension(NO_CHECK, der.nul());

/** The octets of subjectPublicKey. @param {crypto.KeyObject | Buffer} key */
function publicKeyOctets(key) {
  const [, bits] = elementsOf(elementsOf(publicKeyInfo(key))[0].content);
  return bits.content.subarray(1);
}

/**
 * A CertID. @param {{ issuer: Signer, serial: number | bigint, hash?: string, hashParameters?: Buffer }} options issuer: of the
 * certificate that is asked for
 */
function certId({ issuer, serial, hash = 'sha1', hashParameters = der.nul() }) {
  const digest = (octets) => der.octets(crypto.createHash(hash).update(octets).digest());
  return der.seq(
    der.seq(der.oid(hashOids[hash]), hashParameters), digest(name(issuer.subject)), digest(publicKeyOctets(issuer.privateKey)),
    der.int(serial));
}

/**
 * @typedef {object} SingleOptions
 * @property {Signer} [issuer] of the certificate that it speaks of
 * @property {number | bigint} [serial]
 * @property {string} [hash] of the CertID
 * @property {Buffer} [certId] in place of what the three before would make
 * @property {'good' | 'revoked' | 'unknown' | Buffer} [status]
 * @property {Date} [revokedAt]
 * @property {string | number} [reason] name or number of RFC 5280
 * @property {Date | string} [thisUpdate]
 * @property {Date | string | null} [nextUpdate] null leaves it out
 * @property {Buffer[]} [extensions]
 */

/** @param {SingleOptions} options */
function certStatus({ status = 'good', revokedAt = daysFromNow(-2), reason }) {
  if (Buffer.isBuffer(status)) return status;
  if (status === 'good') return der.ctxPrimitive(0, '');
  if (status === 'unknown') return der.ctxPrimitive(2, '');
  const code = typeof reason === 'string' ? reasonCodes[reason] : reason;
  return der.ctx(1, der.generalizedTime(revokedAt), ...(code === undefined ? [] : [der.ctx(0, der.enumerated(code))]));
}

/** @param {SingleOptions} options */
function singleResponse(options) {
  const { thisUpdate = daysFromNow(-1), nextUpdate = daysFromNow(1), extensions: list = [] } = options;
  return der.seq(
    options.certId ?? certId(/** @type {any} */ (options)), certStatus(options), der.generalizedTime(thisUpdate),
    ...(nextUpdate ? [der.ctx(0, der.generalizedTime(nextUpdate))] : []),
    ...(list.length > 0 ? [der.ctx(1, der.seq(...list))] : []));
}

/** An OCSPResponse that only says why there is none. @param {string} status of RFC 6960: 'tryLater', ... */
const errorResponse = (status) => der.seq(der.enumerated(responseStatus[status]));

/**
 * @typedef {object} ResponseOptions
 * @property {Signer} signer
 * @property {Array<SingleOptions | Buffer>} responses
 * @property {'byName' | 'byKey' | Buffer} [responderId] names the signer, unless it is a ResponderID itself
 * @property {Date | string} [producedAt]
 * @property {Buffer} [nonce]
 * @property {Buffer[]} [extensions] further ones
 * @property {Buffer[]} [certs] that it carries, DER
 * @property {string} [digest]
 * @property {Buffer} [signature] in place of a right one
 * @property {(fields: Record<string, Buffer>) => Record<string, Buffer>} [tbsPatch] gets the elements of ResponseData in their order
 * @property {string} [responseType] OID
 */

/** A successful OCSPResponse. @param {ResponseOptions} options @returns {Buffer} DER */
function makeOcspResponse(options) {
  const { signer, responses, responderId = 'byKey', producedAt = daysFromNow(-1), nonce, digest = 'sha256' } = options;
  const identifiers = {
    byName: () => der.ctx(1, name(signer.subject)),
    byKey: () => der.ctx(2, der.octets(keyIdentifier(signer.privateKey))),
  };
  const list = [...(nonce ? [nonceExtension(nonce)] : []), ...(options.extensions ?? [])];
  const fields = {
    version: Buffer.alloc(0),
    responderId: Buffer.isBuffer(responderId) ? responderId : identifiers[responderId](),
    producedAt: der.generalizedTime(producedAt),
    responses: der.seq(...responses.map((single) => (Buffer.isBuffer(single) ? single : singleResponse(single)))),
    extensions: list.length > 0 ? der.ctx(1, der.seq(...list)) : Buffer.alloc(0),
  };
  const tbs = der.seq(...Object.values(options.tbsPatch?.(fields) ?? fields));
  const algorithm = signatureAlgorithm(signer.privateKey, digest);
  const signature = options.signature ?? crypto.sign(algorithm.digest, tbs, signer.privateKey);
  const certs = options.certs ? [der.ctx(0, der.seq(...options.certs))] : [];
  const basic = der.seq(tbs, algorithm.identifier, der.bitString(signature), ...certs);
  return der.seq(der.enumerated(0), der.ctx(0, der.seq(der.oid(options.responseType ?? BASIC), der.octets(basic))));
}

/**
 * A responder's certificate. @param {import('./pki.js').Authority} authority
 * @param {import('./pki.js').IssueOptions & { checked?: boolean, usages?: string[] }} [options] checked: without id-pkix-ocsp-nocheck
 * @returns {import('./pki.js').Credential & Signer}
 */
function issueResponder(authority, { checked = false, usages = [OCSP_SIGNING], subject = { O: 'Example', CN: 'responder' }, ...options } = {}) {
  const credential = authority.issue({
    subject,
    extensions: [
      extensions.keyUsage(['digitalSignature']),
      ...(usages.length > 0 ? [extensions.extendedKeyUsage(usages)] : []),
      ...(checked ? [] : [noCheck()]),
      extensions.authorityKeyIdentifier({ keyIdentifier: authority.keyIdentifier }),
    ],
    ...options,
  });
  return { ...credential, subject };
}

/**
 * The DER elements that follow one another. @param {Buffer} octets
 * @returns {Array<{ tag: number, content: Buffer }>}
 */
function elementsOf(octets) {
  const elements = [];
  for (let at = 0; at < octets.length;) {
    const long = octets[at + 1] >= 0x80;
    const start = at + 2 + (long ? octets[at + 1] & 0x7f : 0);
    const length = long ? octets.readUIntBE(at + 2, start - at - 2) : octets[at + 1];
    elements.push({ tag: octets[at], content: octets.subarray(start, start + length) });
    at = start + length;
  }
  return elements;
}

/** @param {Buffer} octets */
const inside = (octets) => elementsOf(octets)[0].content;

/**
 * What a request asks for: the whole CertID, its serial number, and the nonce (RFC 9654). Throws at anything else than a request.
 *
 * @param {Buffer} request DER @returns {{ certId: Buffer, serial: bigint, nonce: Buffer | undefined }}
 */
function readOcspRequest(request) {
  const tbs = elementsOf(inside(inside(request)));
  const list = tbs.find(({ tag }) => tag === 0x30);
  const tagged = tbs.find(({ tag }) => tag === 0xa2);
  if (!list) throw new TypeError('no requestList');
  const id = elementsOf(inside(list.content))[0];
  const [, , , serial] = elementsOf(id.content);
  const all = tagged ? elementsOf(inside(tagged.content)).map(({ content }) => elementsOf(content)) : [];
  const nonce = all.find(([type]) => type.content.equals(der.oidOctets(NONCE)))?.at(-1);
  return {
    certId: der.seq(id.content),
    serial: BigInt.asIntN(8 * serial.content.length, BigInt(`0x${serial.content.toString('hex')}`)),
    nonce: nonce && inside(nonce.content),
  };
}

/** @param {http.ServerResponse} response @param {Buffer} body */
function sendOcsp(response, body) {
  response.writeHead(200, { 'content-type': 'application/ocsp-response', 'content-length': body.length });
  response.end(body);
}

/** @param {http.ServerResponse} response @param {number} size sent as fast as the client takes it, and not held in memory */
function sendOctets(response, size) {
  const chunk = Buffer.alloc(64 * 1024);
  let left = size;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= chunk.length;
      if (!response.write(chunk)) return void response.once('drain', more);
    }
    return void response.end();
  };
  response.writeHead(200, { 'content-type': 'application/ocsp-response' });
  more();
}

/**
 * What a responder may do in place of answering. @typedef {(seen: SeenRequest, response: http.ServerResponse, responder: OcspResponder) => void} Behaviour
 * @typedef {{ method: string, url: string, contentType: string | undefined, certId: Buffer, serial: bigint, nonce: Buffer | undefined }} SeenRequest
 */

/** @type {Record<string, Behaviour>} */
const misbehaviour = {
  neverAnswers: () => {},
  closes: (seen, response) => response.destroy(),
  sendsGigabyte: (seen, response) => sendOctets(response, 2 ** 30),
  announcesGigabyte: (seen, response) => {
    response.writeHead(200, { 'content-type': 'application/ocsp-response', 'content-length': 2 ** 30 });
    response.write(Buffer.alloc(1));
  },
  sendsHtml: (seen, response) => {
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end('<!doctype html><title>Log in to this network</title>');
  },
  serverError: (seen, response) => response.writeHead(500).end(),
  tryLater: (seen, response) => sendOcsp(response, errorResponse('tryLater')),
  internalError: (seen, response) => sendOcsp(response, errorResponse('internalError')),
  unauthorized: (seen, response) => sendOcsp(response, errorResponse('unauthorized')),
  otherCertificate: (seen, response, responder) =>
    sendOcsp(response, responder.make({ serial: seen.serial + 1n, status: 'good' }, { nonce: seen.nonce })),
  replaysNonce: (seen, response, responder) =>
    sendOcsp(response, responder.make({ certId: seen.certId, status: 'good' }, { nonce: crypto.randomBytes(32) })),
  leavesOutNonce: (seen, response, responder) => sendOcsp(response, responder.make({ certId: seen.certId, status: 'good' }, {})),
};

/** @param {string} location @param {number} [status] @returns {Behaviour} */
const redirectsTo = (location, status = 302) => (seen, response) => response.writeHead(status, { location }).end();

/**
 * A responder on loopback. `answers` maps serial numbers to 'good', 'revoked', 'unknown', to the options of a SingleResponse, to a whole
 * response (DER), or to a Behaviour; certificates that it does not know are 'unknown'.
 */
class OcspResponder {
  /**
   * @param {{ authority: import('./pki.js').Authority, signer?: Signer & { der?: Buffer },
   *   answers?: Array<[number | bigint, string | SingleOptions | Buffer | Behaviour]>, otherwise?: string | Behaviour,
   *   response?: Partial<ResponseOptions> }} options authority: whose certificates it knows; signer: default the authority itself;
   *   response: for every response that it makes
   */
  constructor({ authority, signer = authority, answers = [], otherwise = 'unknown', response = {} }) {
    this.authority = authority;
    this.signer = signer;
    this.response = response;
    this.otherwise = otherwise;
    /** @type {Map<bigint, string | SingleOptions | Buffer | Behaviour>} */
    this.answers = new Map(answers.map(([serial, answer]) => [BigInt(serial), answer]));
    /** @type {SeenRequest[]} every request that was one, in their order */
    this.requests = [];
    this.server = http.createServer((request, reply) => this.#handle(request, reply));
  }

  /** @returns {Promise<this>} */
  async listen() {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return this;
  }

  get url() {
    const { port } = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${port}`;
  }

  async close() {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** A response of this responder. @param {SingleOptions} single @param {Partial<ResponseOptions>} [options] */
  make(single, options = {}) {
    const delegated = this.signer !== this.authority && this.signer.der;
    return makeOcspResponse({
      signer: this.signer,
      responses: [{ issuer: this.authority, ...single }],
      ...(delegated ? { certs: [this.signer.der] } : {}),
      ...this.response,
      ...options,
    });
  }

  /** @param {http.IncomingMessage} request @param {http.ServerResponse} reply */
  #handle(request, reply) {
    /** @type {Buffer[]} */
    const chunks = [];
    request.on('error', () => {}); // the client left
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => this.#answer(request, Buffer.concat(chunks), reply));
  }

  /** @param {http.IncomingMessage} request @param {Buffer} body @param {http.ServerResponse} reply */
  #answer(request, body, reply) {
    let asked;
    try {
      // RFC 6960 appendix A.1: {url}/{url-encoding of base-64 encoding of the DER of the request}
      asked = readOcspRequest(request.method === 'GET' ? Buffer.from(decodeURIComponent(String(request.url).slice(1)), 'base64') : body);
    } catch {
      return sendOcsp(reply, errorResponse('malformedRequest'));
    }
    const seen = { method: String(request.method), url: String(request.url), contentType: request.headers['content-type'], ...asked };
    this.requests.push(seen);
    const answer = this.answers.get(seen.serial) ?? this.otherwise;
    if (typeof answer === 'function') return answer(seen, reply, this);
    if (Buffer.isBuffer(answer)) return sendOcsp(reply, answer);
    const single = typeof answer === 'string' ? { status: /** @type {any} */ (answer) } : answer;
    return sendOcsp(reply, this.make({ certId: seen.certId, ...single }, { nonce: seen.nonce }));
  }
}

module.exports = {
  OCSP_SIGNING, OcspResponder, certId, elementsOf, errorResponse, issueResponder, makeOcspResponse, misbehaviour, noCheck, nonceExtension,
  readOcspRequest, redirectsTo, singleResponse,
};
