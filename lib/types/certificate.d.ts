// Certificates.
import type { X509Certificate } from 'node:crypto';

/**
 * Decodes a certificate, strictly: DER as X.690 and RFC 5280 demand it, nothing trusted, nothing verified.
 *
 * @param input DER, PEM (the first CERTIFICATE block, which must be the only one) or a certificate of node:crypto.
 * @throws {TypeError} for another kind of input.
 * @throws {ClientCertError} `ERR_CLIENT_CERT_MALFORMED`, with `offset` and `expected`.
 */
export function parseCertificate(input: Buffer | Uint8Array | string | X509Certificate): Certificate;

/**
 * A decoded X.509 certificate. Frozen; every field comes from the DER, none from a string that somebody joined. Buffers and Dates
 * are copies: whoever writes into one changes what he holds, never the certificate.
 */
export class Certificate {
  private constructor();
  /** A copy of the encoding. */
  readonly der: Buffer;
  readonly pem: string;
  /** 1, 2 or 3. */
  readonly version: number;
  /** Upper-case hexadecimal without colons or leading zero octets, '-' before a negative one. */
  readonly serialNumber: string;
  readonly subject: DistinguishedName;
  readonly issuer: DistinguishedName;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** In the order of the certificate; empty where there are none. */
  readonly subjectAltNames: readonly AltName[];
  readonly issuerAltNames: readonly AltName[];
  /** Names of RFC 5280 ('digitalSignature', ...); empty where the extension is absent, which permits every usage. */
  readonly keyUsage: readonly KeyUsage[];
  /** OIDs; empty where the extension is absent, which permits every usage. */
  readonly extendedKeyUsage: readonly string[];
  readonly basicConstraints: BasicConstraints | null;
  readonly policies: readonly PolicyInformation[];
  readonly nameConstraints: NameConstraints | null;
  readonly crlDistributionPoints: readonly DistributionPoint[];
  readonly authorityInfoAccess: readonly AccessDescription[];
  /** Upper-case hexadecimal; null where absent. */
  readonly subjectKeyIdentifier: string | null;
  readonly authorityKeyIdentifier: AuthorityKeyIdentifier | null;
  /** The security identifier of Microsoft's extension 1.3.6.1.4.1.311.25.2 ('S-1-5-21-...'); null where absent. */
  readonly sid: string | null;
  readonly publicKey: PublicKey;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** Every extension, decoded above or not, in the order of the certificate. */
  readonly extensions: readonly Extension[];
  /** Upper-case hexadecimal without colons, over the DER. */
  readonly fingerprints: { readonly sha1: string; readonly sha256: string; readonly sha512: string };
  /** RFC 8705 confirmation value: SHA-256 of the DER, base64url. */
  readonly x5tS256: string;
  toX509Certificate(): X509Certificate;
  /**
   * Every field but `pem`, as plain values: octets as base64, dates as ISO 8601, names as `{ rfc4514, rdns }`, the RSA exponent as
   * decimal text.
   */
  toJSON(): object;
}

/** A name as RFC 5280 has it: relative names in the order of the certificate, each with one attribute or more. */
export class DistinguishedName {
  private constructor();
  readonly rdns: readonly (readonly NameAttribute[])[];
  /** A copy of the encoding. */
  readonly der: Buffer;
  /** All values of an attribute, in order. @param type a short name ('CN'), a long one ('commonName') or an OID. */
  get(type: string): string[];
  /** RFC 4514, most specific first: 'CN=Ada,O=Example'. Whatever could mislead a reader is escaped. */
  toString(): string;
  /**
   * OpenSSL's one-line form, in the order of the certificate: '/O=Example/CN=Ada'. Unlike OpenSSL, '/' and '\' within a value are
   * '\x2F' and '\x5C', so that no value looks like another attribute.
   */
  toOneline(): string;
  /** The same names in the same order, compared as RFC 5280 section 7.1 says (case and white space fold). */
  equals(other: DistinguishedName): boolean;
  toJSON(): object;
}

export interface NameAttribute {
  /** OID. */
  readonly type: string;
  /** 'CN', 'emailAddress', ...; the OID where it has none. */
  readonly shortName: string;
  /** Unescaped, embedded NULs included; where stringType is 'other', '#' and the DER of the value in hexadecimal. */
  readonly value: string;
  /** The ASN.1 type of the value. */
  readonly stringType: 'utf8' | 'printable' | 'teletex' | 'bmp' | 'universal' | 'ia5' | 'numeric' | 'visible' | 'other';
}

/** A GeneralName of RFC 5280. `value` is never escaped or joined; it may hold any character, NUL included. */
export type AltName =
  | { readonly type: 'dns' | 'email' | 'uri' | 'ip' | 'registeredId'; readonly value: string }
  | { readonly type: 'upn'; readonly value: string; readonly oid: string; readonly der: Buffer }
  | { readonly type: 'dirName'; readonly value: DistinguishedName }
  | {
      /** `value`: where the content is a character string, that string, else null; `der`: the content, tag included. */
      readonly type: 'otherName'; readonly value: string | null; readonly oid: string; readonly der: Buffer;
    }
  | { readonly type: 'x400Address' | 'ediPartyName'; readonly value: null; readonly der: Buffer };

export type KeyUsage =
  | 'digitalSignature' | 'nonRepudiation' | 'keyEncipherment' | 'dataEncipherment' | 'keyAgreement' | 'keyCertSign'
  | 'cRLSign' | 'encipherOnly' | 'decipherOnly';

export interface BasicConstraints {
  readonly ca: boolean;
  /** How many intermediates may follow; null: no limit. */
  readonly pathLength: number | null;
}

export interface PolicyInformation {
  readonly oid: string;
  readonly qualifiers: readonly PolicyQualifier[];
}

export type PolicyQualifier =
  | { readonly type: 'cps'; readonly value: string }
  | { readonly type: 'userNotice'; readonly value: string | null; readonly der: Buffer }
  | { readonly type: 'other'; readonly oid: string; readonly der: Buffer };

export interface NameConstraints {
  readonly permitted: readonly NameSubtree[];
  readonly excluded: readonly NameSubtree[];
}

/**
 * As an AltName, but 'ip' is a range: '10.0.0.0/8' (or 'address/mask' where the mask is no prefix). RFC 5280 wants `minimum` 0 and no
 * `maximum`.
 */
export type NameSubtree = AltName & { readonly minimum: number; readonly maximum: number | null };

export interface DistributionPoint {
  readonly fullName: readonly AltName[];
  /** nameRelativeToCRLIssuer. */
  readonly relativeName: readonly NameAttribute[] | null;
  /** Names of RFC 5280 ('keyCompromise', ...); null: all reasons. */
  readonly reasons: readonly string[] | null;
  readonly crlIssuer: readonly AltName[];
}

export interface AccessDescription {
  /** OID: 1.3.6.1.5.5.7.48.1 is OCSP, 1.3.6.1.5.5.7.48.2 is the issuer's certificate. */
  readonly method: string;
  readonly location: AltName;
}

export interface AuthorityKeyIdentifier {
  /** Upper-case hexadecimal. */
  readonly keyIdentifier: string | null;
  readonly issuer: readonly AltName[];
  /** As {@link Certificate.serialNumber}. */
  readonly serialNumber: string | null;
}

export interface PublicKey {
  /** 'rsa', 'rsa-pss', 'ec', 'ed25519', 'ed448', 'x25519', 'x448', 'dsa', 'dh'; the OID of any other. */
  readonly type: string;
  /** OID. */
  readonly algorithm: string;
  /** Modulus or field size; null where the algorithm or the curve is not known, or DSA parameters are inherited. */
  readonly bits: number | null;
  /** The named curve ('P-256', 'P-384', 'P-521', 'secp256k1'), else its OID; null where the key has none. */
  readonly curve: string | null;
  /** The RSA public exponent; null for other keys. */
  readonly exponent: bigint | null;
  /** SubjectPublicKeyInfo. */
  readonly der: Buffer;
  /** SHA-256 of {@link der}, base64: the pin of RFC 7469. */
  readonly pinSha256: string;
}

export interface AlgorithmIdentifier {
  /** OID. */
  readonly oid: string;
  /** 'ecdsa-with-SHA256', 'RSASSA-PSS', ...; the OID where it has none. */
  readonly name: string;
  /** DER; null where absent. */
  readonly parameters: Buffer | null;
}

export interface Extension {
  readonly oid: string;
  readonly critical: boolean;
  /** The content of extnValue. */
  readonly value: Buffer;
}
