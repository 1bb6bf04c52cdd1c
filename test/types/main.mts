// The main entry, as an ES module.

import { X509Certificate } from 'node:crypto';
import * as https from 'node:https';
import * as http2 from 'node:http2';
import * as tls from 'node:tls';

import * as everything from 'client-cert-info';
import {
  AccessToken,
  type Account,
  AccountMapper,
  allow,
  Certificate,
  CertFlags,
  ClientCertError,
  ClientCertInfo,
  DistinguishedName,
  getClientCertInfo,
  parseCertificate,
  TrustStatus,
  type AccessDescription,
  type AlgorithmIdentifier,
  type AllowFunction,
  type AltName,
  type AuthorityKeyIdentifier,
  type BasicConstraints,
  type ChainElement,
  type ClientCertificateOptions,
  type Connection,
  type DistributionPoint,
  type Extension,
  type KeyUsage,
  type NameAttribute,
  type NameConstraints,
  type NameSubtree,
  type PolicyInformation,
  type PolicyQualifier,
  type Problem,
  type ProblemCode,
  type PublicKey,
  type RejectionReason,
  Verdict,
  Verifier,
  watchClientCert,
} from 'client-cert-info';

/** Accepts a value of exactly that type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const holds = <T extends true>(_proof?: T): void => {};

holds<Same<keyof typeof everything, 'AccessToken' | 'AccountMapper' | 'allow' | 'AuthStatus' | 'AuthType' | 'Certificate' | 'CertFlags' | 'ClientCertError' |
  'ClientCertAgent' | 'clientCertConnector' | 'ClientCertInfo' | 'ContextAttribute' | 'createCredentialStore' | 'DelegatedCredential' | 'DistinguishedName' | 'getClientCertInfo' | 'getRequestAuthInfo' | 'getSecurityContext' | 'NegotiateAuthenticator' | 'PackedContext' |
  'parseCertificate' | 'parsePrincipal' | 'Principal' | 'queryClientCert' | 'receiveClientCertificate' | 'RequestAuthInfo' | 'SecStatus' | 'SecurityContext' | 'TrustStatus' | 'Verdict' | 'Verifier' |
  'watchClientCert'>>();

// ---- the authenticated context

declare const tlsSocket: import('node:tls').TLSSocket;
const context = everything.getSecurityContext(tlsSocket);
holds<Same<ReturnType<typeof context.query<'sizes'>>, { header: number; trailer: number; maximumMessage: number; blockSize: number }>>();
const expiry: Date | null = context.query('lifespan').expiry;
const isMutual: boolean = (context.attributes & everything.ContextAttribute.ASC_RET_MUTUAL_AUTH) !== 0;
const copied: everything.SecurityContext = everything.SecurityContext.unpack(context.pack({ key: new Uint8Array(32) }).buffer);
// @ts-expect-error: no such query
context.query('lifespam');
const authInfo: everything.RequestAuthInfo = await everything.getRequestAuthInfo({} as import('node:http').IncomingMessage, { onDemand: true });
holds<Same<typeof everything.AuthType.HttpRequestAuthTypeClientCertificate, 0x10000>>();
void [expiry, isMutual, copied, authInfo.accessToken?.name];

// ---- the client side

const agent = new everything.ClientCertAgent({ ca: 'pem', keepAlive: true }, async ({ identity, trustedCAs }) => {
  holds<Same<typeof identity, string>>();
  return trustedCAs.length > 0 && { cert: 'pem', key: 'pem' };
});
https.get('https://a.test', { agent, identity: 'alice' });
https.request({ agent, identity: 'alice', host: 'a.test' });
// @ts-expect-error a string
https.get('https://a.test', { agent, identity: 1 });
// @ts-expect-error no option of that name
https.get('https://a.test', { agent, idenity: 'alice' });
agent.forget('alice');

// ---- accounts and tokens

const mapper = new AccountMapper({
  rules: [
    { matchrule: '<ISSUER>CN=CA', maprule: '{subject_nt_principal.short_name}', priority: 1 },
    { matchrule: '<SUBJECT>CN=mallory', deny: true },
    { altSecurityIdentities: ['X509:<SKI>00'], account: 'alice' },
    { uri: 'spiffe://example.org/{name}', account: '{name}', name: 'workloads' },
  ],
  gridmap: { file: 'grid-mapfile', refresh: 'watch' },
  resolve: async (input) => ('certificate' in input ? (input.certificate?.subject.get('CN')[0] ?? null) : input.principal.components[0]!),
});
mapper.map({ certificate: parseCertificate(''), verified: true }).then((outcome) => {
  if (outcome.outcome === 'mapped') holds<Same<typeof outcome.account, Account>>();
  else holds<Same<typeof outcome.account, undefined>>();
});
// @ts-expect-error whoever passes a certificate says that it was verified
mapper.map({ certificate: parseCertificate('') });
// @ts-expect-error an account, or a denial
new AccountMapper({ rules: [{ spkiPin: '', account: 'alice', deny: true }] });

AccessToken.forAccount('alice').then(async (token) => {
  holds<Same<typeof token.impersonationLevel, 'identification' | 'impersonation'>>();
  const text: string = await token.fs.readFile('/etc/hostname', 'utf8');
  const octets: Buffer = await token.fs.readFile(Buffer.from(text));
  const made: string | undefined = await token.fs.mkdir('/x', { recursive: true });
  token.spawn('id', ['-u'], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout?.pipe(process.stdout);
  void [octets, made];
  token.close();
});
// @ts-expect-error only forAccount makes them
new AccessToken();

// ---- verifiers

const verifier = new Verifier({
  ca: [{ file: 'ca.pem' }, Buffer.alloc(0), ['-----BEGIN']],
  crls: { directory: 'crls', refresh: 'watch' },
  purpose: ['clientAuth', '1.2.3'],
  revocation: { mode: 'online', onUnknown: { ca: 'allow' }, cache: new Map<string, unknown>(), ocsp: { nonce: true } },
  clock: () => new Date(),
});
const verdict: Verdict = verifier.verify({ leaf: 'pem', chain: [Buffer.alloc(0)] }, { at: new Date() });
verifier.verifyAsync('pem', { signal: AbortSignal.timeout(1) }).then(({ revocation }) => revocation[0].evidence[0].issuer?.toString());
verifier.reload({ crls: 'pem' }).then(() => verifier.stats().sources[0].path);
verifier.protect(https.createServer());
const stop: () => void = watchClientCert({} as tls.TLSSocket, { verifier }, ({ valid, policies }) => [valid, ...policies]);
stop();
verdict.problems.map(({ code }) => code);
getClientCertInfo({} as tls.TLSSocket, { verifier });
// @ts-expect-error ca is needed
new Verifier({});
// @ts-expect-error no option of that name
new Verifier({ ca: 'pem', crl: 'pem' });
// @ts-expect-error only the package makes it
new Verdict();

// ---- connections

https.createServer({}, (request) => getClientCertInfo(request));
tls.createServer({}, (socket) => getClientCertInfo(socket));
http2.createSecureServer({}, (request) => getClientCertInfo(request)).on('stream', (stream) => {
  getClientCertInfo(stream);
  if (stream.session) getClientCertInfo(stream.session);
});
// @ts-expect-error no connection
getClientCertInfo({});
// @ts-expect-error no connection
getClientCertInfo(null);
// @ts-expect-error a connection is needed
getClientCertInfo();

declare const connection: Connection;
const info: ClientCertInfo | null = getClientCertInfo(connection);
// @ts-expect-error may be null
info.valid;
// @ts-expect-error only the package makes it
new ClientCertInfo();

if (info) {
  holds<Same<typeof info.certFlags, number>>();
  holds<Same<typeof info.certFlagsName, string>>();
  holds<Same<typeof info.certEncodedSize, number>>();
  holds<Same<typeof info.valid, boolean>>();
  holds<Same<typeof info.problems, readonly Problem[]>>();
  holds<Same<typeof info.errorStatus, number>>();
  holds<Same<typeof info.elements, readonly ChainElement[]>>();
  holds<Same<typeof info.certificate, Certificate | null>>();
  holds<Same<typeof info.presentedChain, readonly Certificate[]>>();
  holds<Same<typeof info.resumed, boolean>>();
  holds<Same<typeof info.validUntil, Date>>();
  holds<Same<typeof info.certDeniedByMapper, boolean>>();
  const encoded: Buffer = info.certEncoded;
  const chain: readonly Buffer[] = info.presentedChainEncoded;
  void [encoded, chain, info.token, info.account, info.getMappedAccessToken(), info.toJSON()];
  // @ts-expect-error frozen
  info.valid = true;
  // @ts-expect-error frozen
  info.problems.push();
  // @ts-expect-error may be null
  info.certificate.subject;
  for (const problem of info.problems) {
    const code: ProblemCode = problem.code;
    const subject: string | undefined = problem.subject;
    void [code, subject, problem.depth, problem.flag, problem.flagName, problem.errorStatus, problem.message];
    // @ts-expect-error no such code
    if (problem.code === 'CERT_EXPIERD') throw new Error();
    if (problem.code === 'CERT_EXPIRED') continue;
  }
  for (const { certificate, errorStatus, infoStatus } of info.elements) void [certificate?.subject, errorStatus & infoStatus];
}

// ---- certificates

parseCertificate('PEM');
parseCertificate(new X509Certificate(Buffer.alloc(0)));
parseCertificate(new Uint8Array());
// @ts-expect-error no certificate
parseCertificate(1);
// @ts-expect-error only the package makes it
new Certificate();
// @ts-expect-error only the package makes it
new DistinguishedName();

const certificate: Certificate = parseCertificate(Buffer.alloc(0));
const { subject } = certificate;
holds<Same<typeof subject, DistinguishedName>>();
const values: string[] = subject.get('CN');
const same: boolean = subject.equals(certificate.issuer);
const texts: string[] = [subject.toString(), subject.toOneline(), certificate.serialNumber, certificate.pem, certificate.x5tS256,
  certificate.fingerprints.sha1, certificate.fingerprints.sha256, certificate.fingerprints.sha512, ...certificate.extendedKeyUsage];
const octets: Buffer[] = [certificate.der, subject.der];
const attributes: readonly (readonly NameAttribute[])[] = subject.rdns;
const usages: readonly KeyUsage[] = certificate.keyUsage;
const basicConstraints: BasicConstraints | null = certificate.basicConstraints;
const policies: readonly PolicyInformation[] = certificate.policies;
const qualifiers: readonly PolicyQualifier[] = policies.flatMap((policy) => [...policy.qualifiers]);
const nameConstraints: NameConstraints | null = certificate.nameConstraints;
const subtrees: readonly NameSubtree[] | undefined = nameConstraints?.permitted;
const points: readonly DistributionPoint[] = certificate.crlDistributionPoints;
const access: readonly AccessDescription[] = certificate.authorityInfoAccess;
const authority: AuthorityKeyIdentifier | null = certificate.authorityKeyIdentifier;
const key: PublicKey = certificate.publicKey;
const exponent: bigint | null = key.exponent;
const algorithm: AlgorithmIdentifier = certificate.signatureAlgorithm;
const extensions: readonly Extension[] = certificate.extensions;
const x509: X509Certificate = certificate.toX509Certificate();
void [values, same, texts, octets, attributes, usages, basicConstraints, qualifiers, subtrees, points, access, authority, exponent, algorithm,
  extensions, x509, certificate.version, certificate.notBefore, certificate.notAfter, certificate.subjectKeyIdentifier, certificate.sid,
  certificate.toJSON(), subject.toJSON(), certificate.issuerAltNames];
// @ts-expect-error frozen
certificate.version = 3;
// @ts-expect-error a type is needed
subject.get();
// @ts-expect-error no such usage
usages.includes('clientAuth');

/** Each kind of name has its own shape. */
export function textOf(name: AltName): string {
  switch (name.type) {
    case 'dns':
    case 'email':
    case 'uri':
    case 'ip':
    case 'registeredId':
      return name.value;
    case 'upn':
      return name.value + name.oid;
    case 'dirName':
      return name.value.toString();
    case 'otherName':
      // @ts-expect-error may be null
      name.value.length;
      return name.value ?? name.der.toString('hex');
    case 'x400Address':
    case 'ediPartyName':
      return name.der.toString('hex');
    default:
      return name satisfies never;
  }
}
certificate.subjectAltNames.map(textOf);

// ---- constants and errors

const expired: number = CertFlags.CERT_E_EXPIRED;
const bits: number = TrustStatus.CERT_TRUST_IS_REVOKED | TrustStatus.CERT_TRUST_NO_ERROR;
void [expired, bits, CertFlags.SEC_E_OK];
// @ts-expect-error frozen
CertFlags.SEC_E_OK = 1;

try {
  parseCertificate('');
} catch (error) {
  if (error instanceof ClientCertError) {
    const code: string = error.code;
    const name: 'ClientCertError' = error.name;
    const offset: number | undefined = error.offset;
    const expected: string | undefined = error.expected;
    void [code, name, offset, expected];
  }
}

// ---- what the middlewares share

const functions: AllowFunction[] = [
  allow.subject('CN=Ada,O=Example'),
  allow.subject({ CN: ['Ada', 'Grace'], O: 'Example' }),
  allow.issuer({ CN: 'Root' }),
  allow.altName('dns', 'a.test', 'b.test'),
  allow.altName('upn', 'ada@corp.example.test'),
  allow.fingerprint('00'),
  allow.spkiPin(''),
  allow.serialNumber('01', '02'),
  allow.all(allow.subject('CN=Ada'), () => true, async () => false),
  allow.any((presented) => presented.valid, (_presented, request) => request.anything),
];
allow.all((_presented, request: https.Agent) => request.maxSockets > 0) satisfies AllowFunction<https.Agent>;
// @ts-expect-error only true admits
allow.all(() => 1);
// @ts-expect-error only true admits
allow.any(async () => 'true');
// @ts-expect-error a kind of name that cannot be compared
allow.altName('dirName', 'CN=Ada');
// @ts-expect-error values are strings
allow.subject({ CN: 1 });
// @ts-expect-error values are strings
allow.serialNumber(1);

const options: ClientCertificateOptions = {
  required: false,
  allowInvalid: true,
  allow: functions[0]!,
  onAuthenticated: (presented) => presented.certificate?.subject,
  onRejected: async (presented, _request, reason) => void [presented?.problems, reason satisfies RejectionReason],
  status: 401,
};
void options;
// @ts-expect-error unknown option
const misspelt: ClientCertificateOptions = { requird: true };
// @ts-expect-error a boolean
const wrong: ClientCertificateOptions = { required: 'yes' };
void [misspelt, wrong];
