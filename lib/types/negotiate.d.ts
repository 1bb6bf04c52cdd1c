// Negotiate.
import type { RequestAuthInfo } from './context.js';
import type { AccountMapper } from './identity.js';

export interface NegotiateOptions {
  /** 'HTTP' (default): whatever host the keytab has it for; 'HTTP@www.example.org': that one; null: whatever there is a key of. NTLM needs the host. */
  serviceName?: string | null;
  /** Path. Default: that of krb5.conf. */
  keytab?: string;
  /** Further keys of gss_acquire_cred_from(3). */
  credentialStore?: Record<string, string>;
  /** Where tickets that were seen are written down: 'file2:/var/lib/app/replays'. Default: that of krb5. */
  replayCache?: string;
  /** Schemes that are offered. Default: ['Negotiate'], which is Kerberos within SPNEGO; NTLM is taken, within it or by itself, only where it is listed. */
  mechanisms?: ReadonlyArray<'Negotiate' | 'Kerberos' | 'NTLM'>;
  /** 'legacy': not looked at; 'medium' (default): what a client sends has to be this server's certificate; 'strict': it has to be sent. */
  channelBinding?: 'legacy' | 'medium' | 'strict';
  /** Maps principals to accounts: rules with `principal`, `resolve`. The one of the certificates, so that both come to one account. */
  mapper?: AccountMapper;
  /** Whom no rule knows is the account that krb5.conf's auth_to_local says (gss_localname). Default false. */
  localName?: boolean;
  /** Default false: what a client delegates is not looked at. */
  allowDelegation?: boolean;
  /** An identity of NTLM stays that of its connection, but for requests that name a proxy. Default false: each request authenticates. */
  persistent?: boolean;
  /** `mutualAuthData` is yours to send. Default false: it goes with the response. */
  receiveMutualAuth?: boolean;
  /** `packedContext` has the context with its keys. Default false. */
  receiveContextHandle?: boolean;
  /** Offers Basic, too. Whatever is not, or does not resolve to, exactly true is nobody; a throw goes to you. realm: default 'login' */
  basic?: { realm?: string; verifyPassword: (user: string, password: string, request: any) => boolean | PromiseLike<boolean> };
  /** Octets of a token. Default 65536. Node.js itself takes 16 KiB of headers unless `maxHeaderSize` says otherwise. */
  maxToken?: number;
  /** Exchanges of several legs that may be under way. Default 1000; beyond it 503. */
  maxHalfOpen?: number;
  /** Milliseconds between two legs. Default 30000. */
  exchangeTimeout?: number;
  /** Calls of GSSAPI that may wait for their turn. Default 1000; beyond it 503. */
  maxWaiting?: number;
  /** Milliseconds for which a call may take, waiting included. Default 15000; beyond it 503, while the call ends by itself. */
  callTimeout?: number;
}

/** Who a request comes from by the schemes Negotiate, Kerberos, NTLM and Basic, over TLS. Needs MIT Kerberos when it is used, and only then. */
export class NegotiateAuthenticator {
  /** @throws {TypeError | RangeError} */
  constructor(options?: NegotiateOptions);
  /** @throws {ClientCertError} `ERR_CLIENT_CERT_GSSAPI_UNAVAILABLE` (with `missing`), `ERR_CLIENT_CERT_GSSAPI_FAILED` (no keytab, no key ...) */
  ready(): Promise<void>;
  /**
   * Where the authStatus is not success, the request has been answered: 401 with challenges, 403 where the account was denied, 503 where too much is
   * going on. Of the framework's or of node:http's request and response.
   *
   * @throws {TypeError | ClientCertError} as {@link ready}, and where the connection is none of TLS or is closed.
   */
  authenticate(request: any, response: any): Promise<RequestAuthInfo>;
  stats(): { readonly halfOpen: number; readonly running: number; readonly waiting: number };
  /** May be called again. */
  close(): void;
  [Symbol.dispose](): void;
}

/** Who somebody is by a scheme of HTTP. */
export class Principal {
  private constructor();
  /** 'alice@EXAMPLE.ORG', 'EXAMPLE\\alice', 'alice': as its mechanism writes it. */
  readonly name: string;
  readonly mechanism: 'Kerberos' | 'NTLM' | 'Basic';
  readonly components: readonly string[];
  readonly realm: string | null;
  /** RFC 8062: never mapped, never authenticated. */
  readonly isAnonymous: boolean;
  toString(): string;
  toJSON(): object;
}

/** @param mechanism default: 'Kerberos' @throws {TypeError} where it is none */
export function parsePrincipal(name: string, mechanism?: 'Kerberos' | 'NTLM' | 'Basic'): Principal;

/** What a client has delegated to the server. */
export class DelegatedCredential {
  private constructor();
  readonly principal: string;
  /** null: it does not say. */
  readonly expiry: Date | null;
  readonly closed: boolean;
  /** Writes it where other programs find it: 'FILE:/run/app/krb5cc_1000'. @throws {ClientCertError} `ERR_CLIENT_CERT_GSSAPI_FAILED`, `ERR_CLIENT_CERT_CLOSED` */
  store(options: { ccache: string }): Promise<void>;
  close(): void;
  [Symbol.dispose](): void;
}
