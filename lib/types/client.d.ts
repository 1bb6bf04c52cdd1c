// The client side.
import type { KeyObject, X509Certificate } from 'node:crypto';
import { Agent, type AgentOptions } from 'node:https';
import type { SecureContext, SecureContextOptions, TLSSocket } from 'node:tls';
import type { Certificate, DistinguishedName } from './certificate.js';

/** What a client shows itself with. Private keys: PEM, DER (PKCS #8, PKCS #1, SEC 1), or a KeyObject. */
export type ClientCredential = (
  | { cert: CredentialCertificate; key: string | Buffer | Uint8Array | KeyObject; passphrase?: string | Buffer }
  | { pfx: Buffer | Uint8Array; passphrase?: string | Buffer }
  | { cert: CredentialCertificate; sign: ClientCertSign }
) & {
  /** Whether it is sent outside of its validity period, too, with a warning. Default false. */
  allowExpired?: boolean;
};

/**
 * Signs the handshake with a key that is somewhere else: on a smart card, in a TPM or a key management service. Called once for each time that the
 * certificate is sent, and only then. The signature is verified before it is sent.
 *
 * @param octets all that is signed; what signs digests is given `request.digest`
 * @returns RSA and EdDSA: as they are; ECDSA: DER (RFC 3279), or r and s, both as long as the curve's order (IEEE P1363: WebCrypto, PKCS #11).
 *   Whatever it throws or rejects with ends the connection, and is its 'error'.
 */
export type ClientCertSign = (octets: Buffer, request: SignatureRequest) => Uint8Array | ArrayBuffer | Promise<Uint8Array | ArrayBuffer>;

export interface SignatureRequest {
  /** TLS SignatureScheme (RFC 8446 section 4.2.3): 'ecdsa_secp256r1_sha256'. In TLS 1.2 the curve is that of the key, whatever this says. */
  readonly name: string;
  /** 'sha256', 'sha384', 'sha512'; null: Ed25519, Ed448 */
  readonly hash: string | null;
  /** The hash of the octets; null where there is none. */
  readonly digest: Buffer | null;
  /** Of RSA. 'pss': with MGF1 of the same hash, and a salt as long as the hash. */
  readonly padding: 'pkcs1' | 'pss' | null;
  /** Aborted when the connection is closed meanwhile. */
  readonly signal: AbortSignal;
}

/** Leaf first; a PEM text may hold the chain. */
export type CredentialCertificate = string | Buffer | Uint8Array | Certificate | X509Certificate | readonly CredentialCertificate[];

/** What a server asks for. */
export interface ClientCertQuery {
  readonly connection: TLSSocket;
  readonly servername: string | null;
  /** 'TLSv1.3' */
  readonly protocol: string;
  /** The CAs that the server trusts; empty: it does not say. */
  readonly trustedCAs: readonly DistinguishedName[];
  /** TLS SignatureSchemes that it accepts, in its order. */
  readonly signatureAlgorithms: readonly string[];
  /** null where it did not verify. Whether it is the certificate of the host that was asked for, Node.js finds out after the handshake. */
  readonly serverCertificate: Certificate | null;
  /** true, or why the server would not take it: by validity, usage, issuer, signature algorithm. A PEM text may hold the chain. */
  supports(certificate: CredentialCertificate): true | string;
}

/**
 * A `SecureContext` whose client certificate is chosen when a server asks for one (QUERYCLIENTCERT). Give it as `secureContext` to `tls.connect`,
 * `https.Agent`, `http2.connect`, undici, ldapts. The callback is called once for each request of a server, and never where none asks; `false` leaves the client
 * anonymous. What it throws, or rejects with, ends the connection and is the socket's 'error'.
 *
 * @param options.postHandshakeAuth whether a server may ask after a TLS 1.3 handshake, too. Default false.
 * @throws {TypeError} for `cert`, `key` and the like: the callback would never be asked.
 */
export function queryClientCert(options: QueryClientCertOptions, callback: ClientCertCallback): SecureContext;

export type QueryClientCertOptions = Omit<
  SecureContextOptions,
  'cert' | 'key' | 'pfx' | 'passphrase' | 'clientCertEngine' | 'privateKeyEngine' | 'privateKeyIdentifier'
> & { postHandshakeAuth?: boolean };

export type ClientCertCallback<Query = ClientCertQuery> = (query: Query) => ClientCredential | false | Promise<ClientCredential | false>;

/** One credential, or where credentials are. Files and folders are read again where they have changed. */
export type CredentialStoreEntry =
  | ClientCredential
  /** keyFile: default: the same file. */
  | { certFile: string; keyFile?: string; passphrase?: string | Buffer }
  | { pfxFile: string; passphrase?: string | Buffer }
  /** *.pfx and *.p12; *.pem, *.crt and *.cer with their key in the same file, in `<name>.key`, or in `<name>-key.pem`. */
  | { directory: string; passphrase?: string | Buffer }
  | { list: () => readonly CredentialStoreEntry[] | Promise<readonly CredentialStoreEntry[]> };

/**
 * A callback for {@link queryClientCert} that chooses as a browser would: of those that the server would take (issuer, usage, signature algorithm,
 * validity) the one that is valid longest; none where there is no such one.
 *
 * @param options.remember whether a server is shown the same one again as long as it would take it. Default false.
 * @throws {TypeError | ClientCertError} for credentials that cannot be read. Of a file: where it is needed, and the connection ends; in a folder it is left
 *   out, with a warning.
 */
export function createCredentialStore(
  entries: readonly CredentialStoreEntry[],
  options?: { remember?: boolean },
): ((query: ClientCertQuery) => Promise<ClientCredential | false>) & {
  /** @param servername whose choices are forgotten. Default: all. */
  forget(servername?: string): void;
};

/**
 * An `https.Agent` that keeps connections and TLS sessions apart by identity: `https.get(url, { agent, identity: 'alice' })`. Requests with
 * different identities, or with one and with none, never share either. The callback gets the identity.
 */
export class ClientCertAgent extends Agent {
  /** @param options of the agent, and of {@link queryClientCert} */
  constructor(options: AgentOptions & QueryClientCertOptions, callback: ClientCertCallback<ClientCertQuery & { identity: string }>);
  /** The next request of this identity (default: of none) makes a connection, and chooses, anew. */
  forget(identity?: string): void;
}

declare module 'https' {
  interface RequestOptions {
    /** With a {@link ClientCertAgent}: whose connections and TLS sessions this request may use. Default: those of nobody in particular. */
    identity?: string | undefined;
  }
}

/**
 * A connector for undici: `new Agent({ connect: clientCertConnector(options, callback) })`. undici keeps connections for each Agent: use one Agent for
 * each identity. TLS sessions are not kept at all.
 *
 * @param options.timeout ms; default 10000.
 * @param options.allowH2 whether HTTP/2 is offered. Default false.
 */
export function clientCertConnector(
  options: QueryClientCertOptions & { timeout?: number; allowH2?: boolean },
  callback: ClientCertCallback,
): (options: object, done: (...result: any[]) => void) => any;
