// The contract of build/Release/client_cert_info.node, and the only place where it is written down. Nobody but lib/ calls it.
//
// Octets come as Buffers that hold copies, text as strings with whatever characters it has (NUL included), times as milliseconds
// since 1970, OIDs in dotted form. null: the certificate does not have it. Every object is new and the caller's.

/** A decoded, immutable certificate. Each method converts one section; nothing is kept on the JavaScript side. */
export class Certificate {
  /** Only `parse` and the addon itself make certificates. @throws {TypeError} always */
  private constructor();

  /**
   * @param der copied before it is read
   * @returns where the octets are not the DER of a certificate: what was expected instead, and at which octet
   * @throws {TypeError} for anything but a Uint8Array
   */
  static parse(der: Uint8Array): Certificate | NativeMalformed;
  /**
   * Most of what is asked of a certificate, in one crossing and without a handle. `numbers` gets, one after the other, with each text as its length in the text that is
   * returned: version, notBefore, notAfter, the text of serialNumber; the subject and the issuer, each as the number of its attributes and
   * for each attribute that of its RDN, where its DER begins and ends, the text of its type, StringType (see stringTypes in
   * lib/essentials.js), the text of its value; the bits of KeyUsage, or 0; the number of extended key usages, or 0, and the text of each;
   * the number of alternative names, or 0, and for each its type, and the text of its value (dns, email, uri, ip, registeredId), or that
   * of its OID, StringType and the text of its value (upn, otherName), or nothing (others).
   *
   * @returns how many numbers there are, where they do not fit
   * @throws {TypeError} for anything but a Uint8Array and a Float64Array
   */
  static essentials(der: Uint8Array, numbers: Float64Array): string | number | NativeMalformed;
  /** Of any octets, in upper-case hexadecimal. @param algorithm 0: SHA-1, 1: SHA-256, 2: SHA-512 @throws {TypeError} @throws {Error} where OpenSSL's configuration lacks it */
  static fingerprint(der: Uint8Array, algorithm: number): string;

  // Each of these throws a TypeError where `this` is no certificate of this addon.
  der(): Buffer;
  header(): NativeHeader;
  names(): { subject: NativeName; issuer: NativeName };
  publicKey(): NativePublicKey;
  subjectAltNames(): NativeAltName[] | null;
  issuerAltNames(): NativeAltName[] | null;
  usages(): NativeUsages;
  policies(): { oid: string; qualifiers: NativePolicyQualifier[] }[] | null;
  nameConstraints(): { permitted: NativeNameSubtree[]; excluded: NativeNameSubtree[] } | null;
  crlDistributionPoints(): NativeDistributionPoint[] | null;
  authorityInfoAccess(): { method: string; location: NativeAltName }[] | null;
  identifiers(): NativeIdentifiers;
  extensions(): { oid: string; critical: boolean; value: Buffer }[];
}

export interface NativeMalformed {
  /** Counted from the first octet of what was parsed; at most its length. */
  offset: number;
  /** A noun phrase: 'a minimal INTEGER for serialNumber'. */
  expected: string;
}

export interface NativeHeader {
  version: 1 | 2 | 3;
  /** Upper-case hexadecimal, '-' before a negative one. */
  serialNumber: string;
  notBefore: number;
  notAfter: number;
  /** name: null where the algorithm is not known; parameters: DER. */
  signatureAlgorithm: { oid: string; name: string | null; parameters: Buffer | null };
}

export interface NativeName {
  der: Buffer;
  rdns: NativeNameAttribute[][];
}

export interface NativeNameAttribute {
  type: string;
  stringType: 'utf8' | 'printable' | 'teletex' | 'bmp' | 'universal' | 'ia5' | 'numeric' | 'visible' | 'other';
  /** null where stringType is 'other'. */
  value: string | null;
  /** Where the value's DER begins and ends in the `der` beside it. */
  start: number;
  end: number;
}

/** A GeneralName; ip is '192.0.2.1', '2001:db8::1', and in name constraints '192.0.2.0/24'. */
export type NativeAltName =
  | { type: 'dns' | 'email' | 'uri' | 'ip' | 'registeredId'; value: string }
  | { type: 'upn'; value: string; oid: string; der: Buffer }
  | { type: 'otherName'; value: string | null; oid: string; der: Buffer }
  | { type: 'dirName'; value: NativeName }
  | { type: 'x400Address' | 'ediPartyName'; value: null; der: Buffer };

export interface NativeNameSubtree {
  base: NativeAltName;
  minimum: number;
  maximum: number | null;
}

export interface NativePublicKey {
  algorithm: string;
  /** 'rsa', 'ec', ... */
  type: string | null;
  bits: number | null;
  /** OID of a named curve. */
  curve: string | null;
  curveName: string | null;
  /** RSA, big-endian. */
  exponent: Buffer | null;
  der: Buffer;
}

export interface NativeUsages {
  /** Bit n is KeyUsage's bit n. */
  keyUsage: number | null;
  extendedKeyUsage: string[] | null;
  basicConstraints: { ca: boolean; pathLength: number | null } | null;
}

export interface NativePolicyQualifier {
  type: 'cps' | 'userNotice' | 'other';
  oid: string;
  /** The URI of a CPS pointer, the explicitText of a user notice. */
  value: string | null;
  der: Buffer;
}

export interface NativeDistributionPoint {
  fullName: NativeAltName[];
  relativeName: { der: Buffer; attributes: NativeNameAttribute[] } | null;
  /** Bit n is ReasonFlags' bit n; null: all reasons. */
  reasons: number | null;
  crlIssuer: NativeAltName[];
}

export interface NativeIdentifiers {
  subjectKeyIdentifier: Buffer | null;
  authorityKeyIdentifier: { keyIdentifier: Buffer | null; issuer: NativeAltName[]; serialNumber: string | null } | null;
  /** 'S-1-5-21-...' */
  sid: string | null;
}

// ---- connections ----------------------------------------------------------------------------------------------------------

/** What is known of a connection whose client sent a certificate. */
export interface Inspection {
  /**
   * Numbers of four octets, the lowest first:
   * - 1: connectionChanges() tells when this is no longer so, 2: resumed, 4: the verdict has a problem that only the connection knows of;
   * - how many of the presented certificates there are up to the first that the strict decoder refused;
   * - certFlags, errorStatus, validUntil (two of them, seconds since 1970);
   * - how many problems, and of each its place in problemKinds() and its depth;
   * - how many elements, and of each the place of its certificate (0xffffffff: not decoded), its errorStatus, its infoStatus;
   * - how many certificates were presented, and their places, leaf first;
   * - how many certificates there are, and where each of them ends.
   *
   * Then these certificates, DER, one after the other, each of them once. What comes after them means nothing, and the next inspection
   * uses the same memory.
   */
  message: Buffer;
  /** Where a verifier decided. */
  evidence: NativeEvidence | null;
}

export interface NativeVerdict<Encoded = Buffer> {
  /** The gravest first. */
  problems: { code: string; depth: number }[];
  /** Leaf first; encoded: DER, null where the strict decoder refused it. */
  elements: { encoded: Encoded | null; errorStatus: number; infoStatus: number }[];
  certFlags: number;
  certFlagsName: string;
  errorStatus: number;
  /** Seconds since 1970. */
  validUntil: number;
}

// ---- verifying -------------------------------------------------------------------------------------------------------------

/** Whole: nothing in it is optional. Digests are SHA-256, OIDs in dotted form. */
export interface NativeVerifierSettings {
  /** auxiliary: OpenSSL's own trust settings may follow the certificate. */
  ca: { der: Uint8Array; auxiliary: boolean }[];
  intermediates: Uint8Array[];
  crls: Uint8Array[];
  /** Certificates; empty: all that are trusted. */
  allowedIssuers: Uint8Array[];
  /** Certificates, beside the digests below. */
  distrusted: Uint8Array[];
  distrustedCertificates: Uint8Array[];
  distrustedKeys: Uint8Array[];
  /** Empty: any. */
  purposes: string[];
  expectedName: {
    dns: string | null; email: string | null; uri: string | null; ip: string | null; upn: string | null; commonName: string | null;
  };
  /** initial: empty: any policy. */
  policies: { initial: string[]; requireExplicit: boolean; inhibitMapping: boolean; inhibitAny: boolean };
  maxIntermediates: number;
  securityLevel: number;
  minimumRsaBits: number;
  /** Empty: any. */
  signatureAlgorithms: string[];
  allowPartialChain: boolean;
  strict: boolean;
  revocation: {
    mode: 'none' | 'cached' | 'online';
    check: 'leaf' | 'chain';
    onUnknownLeaf: 'deny' | 'allow';
    onUnknownCa: 'deny' | 'allow';
    /** Seconds. */
    freshness: number | null;
    nonce: boolean;
    /** URL that is asked in place of those in certificates. */
    responder: string | null;
    /** Seconds. */
    skew: number;
    ocspResponses: Uint8Array[];
    responderCertificate: Uint8Array | null;
  };
}

/** Which of the settings cannot be read; offset and expected where our decoder knows them. */
export interface NativeSettingsFault {
  input: string;
  index: number;
  reason: string;
  offset: number | null;
  expected: string | null;
}

/** What is found out besides the verdict. Times in seconds since 1970. */
export interface NativeEvidence {
  policies: string[];
  revocation: NativeRevocationReport[];
  wishes: NativeFetchWish[];
}

/** Everything that one verification found out. */
export interface NativeOutcome extends NativeEvidence {
  verdict: NativeVerdict;
  /** Another one for each outcome of this process. */
  id: number;
  /** Seconds since 1970. */
  verifiedAt: number;
}

export interface NativeRevocationReport {
  depth: number;
  /** Names the certificate and its issuer. */
  key: string;
  status: 'good' | 'revoked' | 'unknown' | 'stale';
  forgiven: boolean;
  evidence: NativeRevocationEvidence[];
}

export interface NativeRevocationEvidence {
  kind: 'crl' | 'deltaCrl' | 'ocsp';
  says: 'good' | 'revoked' | 'unknown' | 'stale';
  issuer: NativeName | null;
  thisUpdate: number;
  nextUpdate: number | null;
  revokedAt: number | null;
  /** CRLReason. */
  reason: number | null;
  /** cRLNumber, two's complement. */
  number: Buffer | null;
}

/** What could be fetched for a certificate whose status is not known. */
export interface NativeFetchWish {
  depth: number;
  key: string;
  ocspUrls: string[];
  ocspRequest: Buffer;
  ocspNonce: Buffer | null;
  crlUrls: string[];
}

export interface NativeOffer {
  kind: 'crl' | 'ocsp';
  octets: Uint8Array;
  /** Of a CRL: where it comes from. */
  url: string;
  /** Of the certificate that it was fetched for. */
  key: string;
  nonce: Uint8Array | null;
}

export interface NativeOfferResult {
  state: 'used' | 'unusable' | 'malformed' | 'tryLater' | 'refused' | 'otherNonce';
  /** Whether the certificate's status is known now. */
  settled: boolean;
  /** Seconds since 1970; 0: not said. */
  expires: number;
}

export interface NativeCounts {
  verifications: number;
  /** Of those: answered by a verdict that still held. */
  known: number;
  refused: number;
  anchors: number;
  intermediates: number;
  crls: number;
  crlEntries: number;
  fetchedCrls: number;
  fetchedOcspResponses: number;
  fetchedOctets: number;
  knownVerdicts: number;
  knownOctets: number;
  knownIssuers: number;
  generation: number;
}

/** Trust, and what is decided by it. What is under way when it is replaced goes on with what it began with. */
export class Verifier {
  private constructor();

  /** @throws {TypeError} where the settings have another shape */
  static create(settings: NativeVerifierSettings): Verifier | NativeSettingsFault;

  // Each of these throws a TypeError where `this` is no verifier of this addon.

  /** All or nothing, off the event loop. */
  replace(settings: NativeVerifierSettings): Promise<undefined | NativeSettingsFault>;
  /** The id of the outcome of the same chain, where it was verified before and that still holds; else 0. Not counted. */
  recall(chain: Uint8Array[], at: number): number;
  /**
   * @param chain DER, the leaf first; not empty
   * @param at seconds since 1970
   * @returns a number: the place of the first certificate that OpenSSL cannot read
   */
  verify(chain: Uint8Array[], at: number): NativeOutcome | number;
  /** As verify, off the event loop. @param unreachable keys of certificates whose sources were asked in vain */
  verifyAsync(chain: Uint8Array[], at: number, unreachable: string[]): Promise<NativeOutcome | number>;
  /** Keeps what was fetched if it is authentic and speaks of the certificate that it was fetched for. */
  offer(chain: Uint8Array[], at: number, offer: NativeOffer): Promise<NativeOfferResult>;
  /** Grows whenever a verdict that was good may have become another one. */
  generation(): number;
  counts(): NativeCounts;
}

/**
 * @param finished what the connection's getFinished() gives: it names the connection among those of this thread
 * @param now seconds since 1970
 * @param verifier decides in place of the TLS context's trust; without one, the one that protects the connection
 */
export function inspectConnection(
  finished: Uint8Array,
  now: number,
  verifier?: Verifier,
): Inspection | 'noCertificate' | 'handshakePending' | 'changed' | 'clientEnd' | 'ambiguous' | 'unknown';

/**
 * Where the core has a number of 32 bits that grows when a watched connection of this thread begins a further handshake, or gets a certificate.
 * It is the core's own memory, and only to be read.
 */
export function connectionChanges(): ArrayBuffer;

/** How many connections this thread has created. */
export function connectionsCreated(): number;
/** Has the verifier decide about the clients of the server's ends that were created since then. @param now seconds since 1970, by its clock */
export function protectConnectionsSince(created: number, verifier: Verifier, now: number): void;
/** Whether the client of a connection whose handshake has ended sent no certificate: 'noCertificate' of inspectConnection, without a verification. */
export function sentNoCertificate(finished: Uint8Array): boolean;
export function isProtectedBy(finished: Uint8Array, verifier: Verifier): boolean;

/**
 * A digest of what the client of a connection is judged by; 'initial': would be, had no context been chosen by its server name. undefined for a
 * connection that is not known.
 */
export function trustIdentity(finished: Uint8Array, which: 'current' | 'initial'): string | undefined;
/** The same of the connection that this thread created last. */
export function newestTrustIdentity(): string | undefined;

// ---- asking for a certificate after the handshake ---------------------------------------------------------------------------

/**
 * Asks the client of a connection for a certificate.
 *
 * @param authorities DER of the names that are sent as those of trusted CAs; null: those of the TLS context
 * @param answered is called from within a read of the connection, once, whatever the answer is; not where `cancel` was called before
 * @returns 'asked': the request waits to be flushed; 'renegotiate': a renegotiation that is begun now asks; `cancel` puts back what was changed
 */
export function askForCertificate(
  finished: Uint8Array,
  authorities: Uint8Array[] | null,
  answered: () => void,
):
  | { state: 'asked' | 'renegotiate'; cancel: () => void }
  | { state: 'unknown' | 'handshakePending' | 'clientEnd' | 'notOffered' | 'insecureRenegotiation' | 'underWay' | 'notSupported' | 'failed' };

// ---- the security of a connection -------------------------------------------------------------------------------------------

/** Of either end. Names as the IANA registries have them, but for OpenSSL's of ciphers and groups. Times in seconds since 1970. */
export interface NativeSecurityContext {
  isServer: boolean;
  connection: {
    protocol: string;
    cipherSuite: string | null;
    cipherSuiteNumber: number;
    /** null: nothing is kept secret. */
    cipher: string | null;
    cipherStrength: number;
    hash: string | null;
    hashStrength: number;
    keyExchange: string | null;
    keyExchangeGroup: string | null;
    keyExchangeStrength: number | null;
  };
  /** Octets, of one record. */
  sizes: { header: number; trailer: number; maximumMessage: number; blockSize: number };
  session: { id: Buffer; resumed: boolean; extendedMasterSecret: boolean; start: number; expiry: number };
  serverName: string | null;
  applicationProtocol: string | null;
  /** DER of the names of the CAs that the server says it trusts. */
  issuers: Buffer[];
  /** TLS SignatureSchemes that the peer accepts, in its order. */
  signatureSchemes: number[];
  ownSignature: number | null;
  peerSignature: number | null;
  /** null where it is not known which one the client was shown. */
  serverCertificate: Buffer | null;
  /** That this end has shown. */
  ownCertificate: Buffer | null;
  /** Leaf first; of a session that was resumed the leaf alone. */
  peerCertificates: Buffer[];
  uniqueBinding: NativeUniqueBinding | null;
  /** tls-server-end-point */
  endPointBinding: Buffer | null;
}

export interface NativeUniqueBinding {
  type: string;
  token: Buffer;
}

export function readSecurityContext(finished: Uint8Array): NativeSecurityContext | 'unknown' | 'handshakePending' | 'ambiguous' | 'changed';
/** null where the connection is not known, or in a handshake. */
export function readChannelBindings(finished: Uint8Array): { unique: NativeUniqueBinding | null; endPoint: Buffer | null } | null;
/** null where the octets are not the DER of a Name. */
export function parseName(der: Uint8Array): NativeName | null;
/** A Buffer of zeros, overwritten with zeros again before its memory is given back. */
export function wipedWhenCollected(length: number): Buffer;

// ---- choosing a client's certificate ----------------------------------------------------------------------------------------

/** What a server has asked for. */
export interface NativeCertificateQuery {
  protocol: string;
  serverName: string | null;
  /** DER of names. */
  authorities: Buffer[];
  signatureSchemes: number[];
  /** Of those, the ones that this end makes. */
  sharedSchemes: number[];
  /** Where it has been verified. */
  serverCertificate: Buffer | null;
}

/** Who chooses. Each copy of the modules has its own. It keeps neither function: whoever may still be asked has to. */
export interface NativeChooser { readonly opaque: unique symbol }
/**
 * Both are called in the midst of a read; `number` names the connection.
 *
 * @param onQuery once for each request of a server
 * @param onSignature where a handshake waits for a signature; `scheme`: TLS SignatureScheme; `data`: all of what is signed
 */
export function createChooser(
  onQuery: (number: number, query: NativeCertificateQuery) => void,
  onSignature: (number: number, scheme: number, data: Buffer) => void,
): NativeChooser;
/** How many TLS contexts this thread has created. */
export function contextsCreated(): number;
/** The connections of the one context that was created since ask their chooser. false where it is not exactly one. */
export function selectOnContextSince(created: number, offersPostHandshake: boolean): boolean;
/** One that no connection of this thread has, and greater than those before, whoever got them. */
export function newConnectionNumber(): number;
/** The connection that this thread creates next gets this number, and asks this chooser. Of several, it gets that of the greatest number. */
export function expectConnection(number: number, chooser: NativeChooser): void;
/**
 * The handshake may go on, which it does when it is told to.
 *
 * @param chain leaf first; none: the client stays anonymous
 * @param key PKCS #8; null: the handler for signatures is called
 */
export function answerQuery(
  number: number,
  chain?: Uint8Array[],
  key?: Uint8Array | null,
): 'accepted' | 'gone' | 'badCertificate' | 'badKey' | 'mismatch' | 'refused' | 'cannotWait' | 'cannotSign';
/** The handshake may go on, which it does when it is told to. 'wrong': it is not what the certificate's key would have signed; the handshake still waits. */
export function answerSignature(number: number, signature: Uint8Array): 'accepted' | 'gone' | 'wrong';
/** Whether OpenSSL went on without what was answered, since it cannot use it: then nothing more is sent. */
export function wasDropped(number: number): boolean;
/** null where it cannot be read with this passphrase, or holds no certificate with its key. */
export function openPfx(pfx: Uint8Array, passphrase: string): { chain: Buffer[]; key: Buffer } | null;

// ---- accounts and acting as them -------------------------------------------------------------------------------------------

export interface NativeAccount {
  name: string;
  uid: number;
  gid: number;
  /** All of them, the primary one, too. */
  groups: number[];
  home: string;
  shell: string;
  standing: 'good' | 'locked' | 'expired' | 'unknown';
}

/** Asks NSS, off the event loop. @param now seconds since 1970 @returns null: nobody has that name; a number: an errno */
export function findAccount(nameOrUid: string | number, now: number): Promise<NativeAccount | null | number>;

/** Whether this thread has what it takes to act as somebody else: CAP_SETUID and CAP_SETGID. */
export function mayImpersonate(): boolean;

/** As whom to act. */
export class Identity {
  /** Only `create` makes identities. @throws {TypeError} always */
  private constructor();
  static create(uid: number, gid: number, groups: number[]): Identity;
  /**
   * Does it as that user, on a thread of the addon's own.
   *
   * @param done gets what the operation gives: of open the descriptor, of readFile and mkdir (the first folder that was made) octets, ...
   * @returns false where too many operations wait already; then `done` is not called
   */
  perform(operation: NativeFileOperation, request: NativeFileRequest, done: (failure: NativeFileFailure | null, value: any) => void): boolean;
}

export type NativeFileOperation =
  | 'open' | 'readFile' | 'writeFile' | 'stat' | 'lstat' | 'access' | 'readdir' | 'mkdir' | 'rmdir' | 'unlink' | 'rename';

/** What an operation does not need may be absent. */
export interface NativeFileRequest {
  /** Absolute, without NUL. */
  path: Uint8Array;
  to?: Uint8Array;
  /** O_*; of access: R_OK, W_OK, X_OK. */
  flags?: number;
  mode?: number;
  umask?: number;
  recursive?: boolean;
  flush?: boolean;
  octets?: Uint8Array;
}

export interface NativeFileFailure {
  /** 'switch': nothing was done; 'restore': it was done, as the user, and its thread is gone. */
  stage: 'operation' | 'switch' | 'restore';
  errno: number;
  syscall: string;
}

// ---- negotiate ------------------------------------------------------------------------------------------------------------

/** Why GSSAPI refused. */
export interface NativeGssFailure {
  /** SEC_E_* */
  status: number;
  major: number;
  minor: number;
  /** In the library's own words, for whoever runs the server. */
  message: string;
}

/** GSSAPI is not installed, or a part of it. */
export interface NativeGssMissing {
  missing: string;
}

/** Texts without NULs. */
export type NativeGssStore = Array<[key: string, value: string]>;

/** What a server accepts with, or what a client has delegated to it. */
export class GssCredential {
  /** Only `acquire` and a step of an exchange make credentials. @throws {TypeError} always */
  private constructor();
  /** Off the event loop. @param settings service: 'HTTP', 'HTTP@host', or empty for whatever there is a key of */
  static acquire(settings: {
    service: string;
    store: NativeGssStore;
    kerberos: boolean;
    ntlm: boolean;
    spnego: boolean;
  }): Promise<GssCredential | NativeGssMissing | NativeGssFailure>;
  /** Keeps it for other programs, off the event loop. */
  store(store: NativeGssStore): Promise<NativeGssFailure | null>;
  /** What is under way goes on. */
  release(): void;
}

export interface NativeGssStep {
  /** For the client; may be empty. */
  output: Buffer;
  /** null, as `failure`: the exchange goes on. */
  established: NativeGssEstablished | null;
  failure: NativeGssFailure | null;
}

export interface NativeGssEstablished {
  /** Within SPNEGO, too. */
  mechanism: 'Kerberos' | 'NTLM' | 'Negotiate';
  /** As the mechanism displays it; in whatever encoding. */
  name: Buffer;
  /** GSS_C_*_FLAG */
  flags: number;
  /** Seconds; null: for ever. */
  lifetime: number | null;
  localName: Buffer | null;
  /** Holds keys. */
  exported: Buffer | null;
  delegated: { credential: GssCredential; name: Buffer; lifetime: number | null } | null;
}

/** One security context while it is being established; its steps come one after the other. */
export class GssExchange {
  /** Only `create` makes exchanges. @throws {TypeError} always */
  private constructor();
  static create(acceptor: GssCredential): GssExchange;
  /** Off the event loop. @param binding application data; null: channel bindings are not looked at */
  accept(token: Uint8Array, binding: Uint8Array | null, wants: { delegated: boolean; localName: boolean; export: boolean }): Promise<NativeGssStep>;
  /** Deletes the context, once a step that is under way has ended. */
  close(): void;
}

/** What a context is that was exported; it is deleted again. */
export function importGssContext(
  exported: Uint8Array,
): { mechanism: string; name: Buffer; lifetime: number | null; sessionKey: Buffer | null } | NativeGssMissing | NativeGssFailure;

// ---- tables -----------------------------------------------------------------------------------------------------------------

export interface ProblemKind {
  code: string;
  /** 1 is the gravest. */
  precedence: number;
  flagName: string;
  flag: number;
  /** SEC_E_* of a request whose client has it. */
  secStatus: number;
  errorStatus: number;
  text: string;
}

/** In the order of their precedence. */
export function problemKinds(): ProblemKind[];
/** CERT_TRUST_* bits by name: those of errors first, then those of information. */
export function trustStatus(): Record<string, number>;
/** The SEC_E_* values that are given. */
export function secStatus(): Record<string, number>;
/** From the name of an OpenSSL error, without X509_V_ERR_, to the code of a problem. */
export function openSslErrors(): Record<string, string>;

// ---- this process -------------------------------------------------------------------------------------------------------------

/** Whether handshakes are observed; only 'installed' is of any use. */
export const observer: 'installed' | 'anotherCopy' | 'refused';
