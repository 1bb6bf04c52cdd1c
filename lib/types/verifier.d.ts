// Deciding.
import type { X509Certificate } from 'node:crypto';
import type { Certificate, DistinguishedName } from './certificate.js';
import type { ChainElement, Problem } from './connection.js';

/**
 * PEM or DER, or where to read it: PEM bundles, or files of a directory by name. `refresh`: how often to look for changes (ms), or 'watch'. Default false, as 0: they are
 * read once, and again only by a `reload` that names them.
 */
export type Material =
  | Buffer | Uint8Array | string
  | { file: string; refresh?: number | 'watch' | false }
  | { directory: string; refresh?: number | 'watch' | false };
/** An array may hold arrays. */
export type CertificateMaterial = Material | Certificate | X509Certificate | ReadonlyArray<CertificateMaterial>;
export type CrlMaterial = Material | ReadonlyArray<CrlMaterial>;
/** Certificates, and SHA-256 digests: 'sha256/<base64>' of a SubjectPublicKeyInfo, or 64 hexadecimal digits of either. */
export type DistrustedMaterial = CertificateMaterial | ReadonlyArray<DistrustedMaterial>;

/** 'clientAuth', 'serverAuth' and the other names of RFC 5280 section 4.2.1.12, or an OID. */
export type Purpose =
  | 'clientAuth' | 'serverAuth' | 'codeSigning' | 'emailProtection' | 'timeStamping' | 'OCSPSigning' | (string & {});

/** An option that is undefined is an option that is absent; one that nobody knows is a TypeError. */
export interface VerifierOptions {
  /** Whose certificates are trusted. Self-signed ones are trust anchors; others only with `allowPartialChain`, else they are intermediates. */
  ca: CertificateMaterial;
  /** Known, not trusted: what clients do not present. */
  intermediates?: CertificateMaterial;
  crls?: CrlMaterial;
  distrusted?: DistrustedMaterial;
  /** Which CAs may have issued, by name and key: one of them has to be in the path. All, where it is absent. */
  allowedIssuers?: CertificateMaterial;
  /** What the certificate has to be good for; of an array, one of them. 'any': nothing is asked. Default 'clientAuth'. */
  purpose?: 'any' | Purpose | readonly Purpose[];
  /** Names that the certificate has to have, all of them. `dns` by RFC 9525, wildcards included; the others as whole values. */
  expectedName?: { dns?: string; email?: string; uri?: string; ip?: string; upn?: string; commonName?: string };
  /** The inputs of RFC 5280 section 6.1.1. initial: OIDs; any policy where it is absent. A path without one of them is refused with `requireExplicit` only, or where a CA demands it. */
  policies?: { initial?: readonly string[]; requireExplicit?: boolean; inhibitMapping?: boolean; inhibitAny?: boolean };
  /** How many intermediates a path may have. Default 100. */
  maxDepth?: number;
  /** OpenSSL's levels, 0 to 5. Default 1: 80 bits, so no SHA-1 and no RSA keys under 1024 bits. */
  minimumSecurityLevel?: number;
  minimumRsaBits?: number;
  /** Names ('ecdsa-with-SHA256') or OIDs; any where it is absent. */
  signatureAlgorithms?: readonly string[];
  /** Whether every certificate in `ca` is a trust anchor. Default false. */
  allowPartialChain?: boolean;
  /** Also refuse what RFC 5280 forbids CAs to issue (missing key identifiers, wrong criticality). Default false. */
  strict?: boolean;
  revocation?: RevocationOptions;
  /** Default: the system's. */
  clock?: () => Date;
}

export interface RevocationOptions {
  /**
   * 'cached': what was given, or was fetched before, decides; 'online': `verifyAsync` and the middleware fetch what is missing. Default 'cached' where
   * `crls` or `ocsp.responses` are given, else 'none'.
   */
  mode?: 'none' | 'cached' | 'online';
  /** Whose revocation matters: every certificate of the path but the trust anchor, or the leaf. Default 'chain'. */
  check?: 'leaf' | 'chain';
  /** What becomes of a certificate whose status is not known, or no longer. What is forgiven is marked in `revocation`. Default 'deny'. */
  onUnknown?: 'deny' | 'allow' | { leaf?: 'deny' | 'allow'; ca?: 'deny' | 'allow' };
  /** Seconds: evidence that is older does not count. */
  freshness?: number;
  /** Whom to ask: 'crl.example.com', 'example.com:8080', '*.example.com', '10.0.0.0/8'. Default: hosts that certificates name, with public addresses. */
  hosts?: readonly string[];
  /** ms for one URL; default 5000. */
  urlTimeout?: number;
  /** ms for one verification; default 10000. Each further URL gets half of what is left. */
  totalTimeout?: number;
  /** Octets of one answer; default 64 KiB for OCSP, 64 MiB for CRLs. */
  maxBytes?: number;
  /** Shares what was fetched, as Keyv does. It is signed material only, and verified again by whoever takes it out. */
  cache?: {
    get(key: string): unknown;
    set(key: string, value: any, ttl?: number): unknown;
    delete(key: string): unknown;
  };
  ocsp?: {
    /** Responses that are at hand, DER. */
    responses?: readonly (Buffer | Uint8Array)[];
    /** URL of a responder that is asked in place of those that certificates name. */
    responder?: string;
    /** A responder that is trusted for whatever it signs, and whoever it delegates to. */
    responderCertificate?: Certificate | X509Certificate | Buffer | Uint8Array | string;
    /** Whether an answer has to repeat a nonce. Many responders cannot. Default false. */
    nonce?: boolean;
    /** Seconds that a responder's clock may differ. Default 300. */
    skew?: number;
  };
}

/** What `reload` may change. */
export type VerifierChanges = Partial<Pick<VerifierOptions, 'ca' | 'intermediates' | 'crls' | 'distrusted' | 'allowedIssuers'>> & {
  revocation?: { ocsp?: Pick<NonNullable<RevocationOptions['ocsp']>, 'responses'> };
};

/** DER or PEM (which may hold the chain, leaf first), or both apart. */
export type VerifierInput =
  | Certificate | X509Certificate | Buffer | Uint8Array | string
  | {
      leaf: Certificate | X509Certificate | Buffer | Uint8Array | string;
      chain?: Certificate | X509Certificate | Buffer | Uint8Array | string | ReadonlyArray<Certificate | X509Certificate | Buffer | Uint8Array | string>;
    };

/**
 * Decides what certificates are worth: searches the path among all that is known, has OpenSSL verify it, and looks at what RFC 5280 demands beyond
 * that and at revocation. Several threads verify at once; a reload never mixes into what is under way.
 */
export class Verifier {
  /**
   * Reads files at once.
   *
   * @throws {TypeError | RangeError} for options that make no sense.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_UNREADABLE`, `ERR_CLIENT_CERT_MALFORMED`.
   */
  constructor(options: VerifierOptions);
  /**
   * On this thread, without I/O. @param options.at the time in question; default: the clock's.
   *
   * @throws {ClientCertError} `ERR_CLIENT_CERT_MALFORMED` where the input holds no certificate; `ERR_CLIENT_CERT_CLOSED`.
   */
  verify(input: VerifierInput, options?: { at?: Date }): Verdict;
  /** Off the event loop; fetches what is missing in mode 'online'. Rejects with the signal's reason where that aborts it, else as `verify` throws. */
  verifyAsync(input: VerifierInput, options?: { at?: Date; signal?: AbortSignal }): Promise<Verdict>;
  /** All or nothing: where it rejects, the old trust stays in force. What is absent stays as it is. */
  reload(changes: VerifierChanges): Promise<void>;
  /**
   * Judges the handshakes of a server in place of Node's own verification: one verification for each. `socket.authorized`, `authorizationError` and
   * `rejectUnauthorized` follow it, for resumed sessions, too. Clients are asked by the server's `requestCert: true`, or later
   * by `receiveClientCertificate` and `onDemand`; without either nobody shows a certificate. For good: close() does not end it.
   *
   * @param server of node:tls, node:https or node:http2.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_NOT_SUPPORTED` in mode 'online' unless `onUnknown` is 'allow', and for a server that another
   *   verifier protects.
   */
  protect(server: import('node:tls').Server): void;
  stats(): VerifierStats;
  /**
   * Stops looking for changes. Every use but stats() throws `ERR_CLIENT_CERT_CLOSED` from then on, here and wherever it is given as `verifier`. What it
   * protects and who is watched goes on being judged, by the last state. May be called again.
   */
  close(): void;
  [Symbol.dispose](): void;
}

/** What a certificate is worth. Frozen. */
export class Verdict {
  private constructor();
  /** As in {@link ClientCertInfo}, like the others of its name. */
  readonly certFlags: number;
  readonly certFlagsName: string;
  readonly valid: boolean;
  readonly problems: readonly Problem[];
  readonly errorStatus: number;
  /** Of a refused certificate: its best path. */
  readonly elements: readonly ChainElement[];
  readonly certificate: Certificate | null;
  readonly revocation: readonly RevocationStatus[];
  readonly policies: readonly string[];
  readonly validUntil: Date;
  toJSON(): object;
}

/** What is known of the revocation of one certificate of the path. */
export interface RevocationStatus {
  readonly depth: number;
  readonly status: 'good' | 'revoked' | 'unknown' | 'stale';
  /** Neither good nor revoked, and let pass because of `onUnknown`. */
  readonly forgiven: boolean;
  /** Authentic CRLs and OCSP responses that were considered. */
  readonly evidence: readonly RevocationEvidence[];
  /** What was fetched, or tried to be, in this verification. */
  readonly attempts: readonly FetchAttempt[];
}

export interface RevocationEvidence {
  readonly kind: 'crl' | 'deltaCrl' | 'ocsp';
  readonly says: 'good' | 'revoked' | 'unknown' | 'stale';
  /** Of the CRL, or the subject of the OCSP signer; null where the strict decoder refuses the name. */
  readonly issuer: DistinguishedName | null;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | null;
  readonly revokedAt: Date | null;
  /** A CRLReason of RFC 5280 ('keyCompromise', ...). */
  readonly reason: string | null;
  /** cRLNumber, upper-case hexadecimal. */
  readonly number: string | null;
}

export interface FetchAttempt {
  readonly kind: 'crl' | 'ocsp';
  readonly url: string;
  /** 'store': the shared cache. */
  readonly from: 'cache' | 'store' | 'network';
  /** 'used', or why not: 'timeout', 'network', 'http-status', 'refused-address', 'tryLater', 'unusable', ... */
  readonly outcome: string;
  readonly ms: number;
}

/** For operators. */
export interface VerifierStats {
  readonly verifications: number;
  /** Of those: answered by a verdict that still held. */
  readonly known: number;
  readonly refused: number;
  readonly anchors: number;
  readonly intermediates: number;
  readonly crls: number;
  readonly crlEntries: number;
  readonly fetchedCrls: number;
  readonly fetchedOcspResponses: number;
  /** That what was fetched takes up. */
  readonly fetchedOctets: number;
  /** Verdicts at hand (at most 1,000), and the octets of their paths (at most 8 MB). */
  readonly knownVerdicts: number;
  readonly knownOctets: number;
  /** Intermediates at hand that clients presented (at most 128). */
  readonly knownIssuers: number;
  /** Grows whenever a verdict that was good may have become another one. */
  readonly generation: number;
  readonly reloads: number;
  /** Distinct failures to read a file or directory anew. */
  readonly failedReloads: number;
  /** Files and directories with a `refresh`. */
  readonly sources: readonly {
    readonly where: string;
    readonly path: string;
    readonly loadedAt: Date;
    readonly failures: number;
    readonly lastError: Error | null;
  }[];
  readonly fetches: { readonly attempts: number; readonly failures: number; readonly storeErrors: number };
  readonly closed: boolean;
}
