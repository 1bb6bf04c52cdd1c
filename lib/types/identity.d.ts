// Identity.
import type { ChildProcess } from 'node:child_process';
import type { Dirent, PathLike, Stats } from 'node:fs';
import type { Stream } from 'node:stream';
import type { Certificate } from './certificate.js';
import type { ClientCertInfo } from './connection.js';
import type { Principal } from './negotiate.js';

/** One or more of `T`. */
type OneOrMore<T> = T | readonly T[];

/** Rules of one priority have to agree: two accounts are ambiguous. */
interface RuleName {
  /** What MapOutcome.rule says; default: 'rules[3]'. */
  name?: string;
}
interface RulePriority extends RuleName {
  /** From 0, which is looked at first, to 4294967295, the default. A rule with `deny` has none: it is looked at before all others. */
  priority?: number;
}
type ForAccount<Account = string> = RulePriority & { account: Account; deny?: undefined };
type Deny = RuleName & { deny: true; account?: undefined; priority?: undefined };

/** sss-certmap(5). Without `matchrule`: '<KU>digitalSignature<EKU>clientAuth'. `maprule` gives the name of a local user. */
export type SssdRule =
  | (RulePriority & { matchrule?: string; maprule: string; deny?: undefined })
  | (RuleName & { matchrule: string; deny: true; maprule?: undefined; priority?: undefined });
/** Values of Active Directory's attribute: 'X509:<I>DC=com,DC=contoso,CN=CA<SR>2b0000000001a2'. */
export type AltSecurityIdentitiesRule = { altSecurityIdentities: OneOrMore<string> } & (ForAccount | Deny);
/** A Certificate, PEM, DER, or the SHA-256 of the DER (64 hexadecimal digits, with colons or without). */
export type CertificateRule = { certificate: OneOrMore<Certificate | Uint8Array | string> } & (ForAccount | Deny);
/** SHA-256 of the SubjectPublicKeyInfo, base64. */
export type SpkiPinRule = { spkiPin: OneOrMore<string> } & (ForAccount | Deny);
/** 'spiffe://example.org/ns/*' + '/sa/{name}': '*' is one segment, `{name}` one that `account` can use. */
export type UriRule = { uri: string } & (ForAccount | Deny);
/** 'alice@EXAMPLE.ORG', '{name}@EXAMPLE.ORG', with `mechanism` 'CORP\\{name}': `{name}` is a whole component that `account` can use. mechanism: default 'Kerberos' */
export type PrincipalRule = { principal: OneOrMore<string>; mechanism?: 'Kerberos' | 'NTLM' | 'Basic' } & (ForAccount | Deny);
export type MapRule = SssdRule | AltSecurityIdentitiesRule | CertificateRule | SpkiPinRule | UriRule | PrincipalRule;

export type MapInput = ClientCertInfo | { certificate: Certificate; verified: true } | { principal: Principal; verified: true };

/** At least one of rules, gridmap and resolve is needed. */
export interface AccountMapperOptions {
  rules?: readonly MapRule[];
  /** A path, or as described. `refresh`: milliseconds, 'watch' (default), or false: read once. */
  gridmap?: string | { file: string; refresh?: number | 'watch' | false } | { text: string };
  /** The name of a user; null or undefined: nobody that it knows; false: nobody. Whatever else, and a throw, denies. */
  resolve?: (input: MapInput) => string | null | undefined | false | PromiseLike<string | null | undefined | false>;
  /** Default: false. Whether <I><S>, <S> and <RFC822> of altSecurityIdentities count. */
  allowWeak?: boolean;
  /** Default: false. */
  allowRoot?: boolean;
  /** Milliseconds for which an account is believed; default: 60000; 0: it is looked up each time; at most a day. */
  accountTtl?: number;
}

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly home: string;
  readonly shell: string;
}

interface Decided {
  /** That decided: its name, 'rules[3]', 'rules[0], rules[2]' where several agree or disagree, 'gridmap line 7', 'resolve'. */
  readonly rule: string;
  /** Of altSecurityIdentities, certificate, spkiPin and principal. */
  readonly strength?: 'strong' | 'weak';
}
interface Refused {
  /** For people. */
  readonly message: string;
  /** What went wrong, where something did; not enumerable. */
  readonly cause?: unknown;
}
export type MapDenialReason =
  | 'certificate_invalid' | 'principal_anonymous' | 'denied_by_rule' | 'denied_by_resolve' | 'rule_failed' | 'resolve_failed' | 'account_not_permitted'
  | 'invalid_user_name' | 'no_such_account' | 'root_not_allowed' | 'account_locked' | 'account_expired' | 'account_unavailable';
/** Frozen. */
export type MapOutcome =
  | (Decided & { readonly outcome: 'mapped'; readonly account: Account; readonly reason?: undefined })
  | (Refused & Partial<Decided> & { readonly outcome: 'denied'; readonly reason: MapDenialReason; readonly account?: undefined })
  | (Refused & Partial<Decided> & { readonly outcome: 'ambiguous'; readonly reason: 'ambiguous'; readonly account?: undefined })
  | (Refused & Partial<Decided> & {
      readonly outcome: 'noMatch'; readonly reason: 'no_rule_matches' | 'weak_mapping'; readonly account?: undefined;
    });

export interface AccountMapperStats {
  /** null: there is no gridmap. `failedReloads` counts distinct failures; lastError null: what is in force is what is there. */
  readonly gridmap: { readonly reloads: number; readonly failedReloads: number; readonly lastError: Error | null } | null;
}

export class AccountMapper {
  /** @throws TypeError, RangeError; ClientCertError ERR_CLIENT_CERT_MALFORMED (a gridmap: with `path`, `line`), ERR_CLIENT_CERT_UNREADABLE (`path`) */
  constructor(options: AccountMapperOptions);
  /**
   * Rejects only for a caller's mistake (TypeError), and after close() (ERR_CLIENT_CERT_CLOSED).
   * @param options.account the account that is wanted: denied ('account_not_permitted') where the certificate is not for it
   */
  map(input: MapInput, options?: { account?: string }): Promise<MapOutcome>;
  stats(): AccountMapperStats;
  /** Looks at the file of the gridmap now. Never rejects: see stats(). */
  reload(): Promise<void>;
  /** May be called again. */
  close(): void;
  [Symbol.dispose](): void;
}

/**
 * The identity of an account (an access token of Windows): to be looked at, and to act with where the process may. What acts is a thread of the
 * package's own, for one operation; the process and its other threads never change.
 */
export class AccessToken {
  private constructor();
  /**
   * @param nameOrUid of an account that exists, is neither locked nor expired, and is not root unless `allowRoot`.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_NO_SUCH_ACCOUNT`, `ERR_CLIENT_CERT_ACCOUNT_DENIED`, `ERR_CLIENT_CERT_ACCOUNT_LOOKUP_FAILED`.
   */
  static forAccount(nameOrUid: string | number, options?: { allowRoot?: boolean }): Promise<AccessToken>;
  readonly name: string;
  readonly uid: number;
  /** The primary group. */
  readonly gid: number;
  /** All groups, the primary one, too. */
  readonly groups: readonly number[];
  /**
   * As of now. 'impersonation': root, or CAP_SETUID and CAP_SETGID. 'identification': the token says who it is; `fs` and `spawn` refuse with
   * `ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL`.
   */
  readonly impersonationLevel: 'identification' | 'impersonation';
  readonly closed: boolean;
  /** Files as the user. */
  readonly fs: ImpersonatedFs;
  /** For what `fs` creates: 0 to 0o777. Default: that of the process. */
  umask: number;
  /** A token of its own, to be closed by the caller. @throws {ClientCertError} `ERR_CLIENT_CERT_CLOSED` */
  duplicate(): AccessToken;
  /**
   * Starts a program as the user, for good: all groups, no capabilities, no descriptors but the first three, HOME, USER, LOGNAME, SHELL and PATH as
   * environment with `env` beside and over them. Where it cannot be started, 'error' is emitted, and the exit status is 127.
   *
   * @param options.cwd default '/'.
   * @throws {ClientCertError} `ERR_CLIENT_CERT_CLOSED`, `ERR_CLIENT_CERT_BAD_IMPERSONATION_LEVEL`, `ERR_CLIENT_CERT_UNSUPPORTED_PLATFORM`.
   */
  spawn(command: string, args?: readonly string[], options?: TokenSpawnOptions): ChildProcess;
  spawn(command: string, options?: TokenSpawnOptions): ChildProcess;
  /** May be called again. What is under way ends as it would have. */
  close(): void;
  [Symbol.dispose](): void;
  toJSON(): object;
}

export interface TokenSpawnOptions {
  cwd?: string | URL;
  env?: Record<string, string | undefined>;
  argv0?: string;
  /** Of three at most; not 'ipc'. */
  stdio?: 'pipe' | 'ignore' | 'inherit' | 'overlapped' | readonly ('pipe' | 'ignore' | 'inherit' | 'overlapped' | number | Stream | null | undefined)[];
  detached?: boolean;
  signal?: AbortSignal;
  timeout?: number;
  killSignal?: NodeJS.Signals | number;
}

/**
 * As node:fs/promises, as the user, with its errors (`code`, `errno`, `syscall`, `path`); and `ERR_CLIENT_CERT_IMPERSONATION_FAILED` where a thread could
 * not take the user's identity, or not return from it (`performed` says whether the operation was done).
 */
export interface ImpersonatedFs {
  /** The descriptor is the caller's to close, and not inherited by programs. */
  open(path: PathLike, flags?: string | number, mode?: number | string): Promise<number>;
  readFile(path: PathLike, options?: { encoding?: null | 'buffer'; flag?: string | number; signal?: AbortSignal } | null): Promise<Buffer>;
  readFile(path: PathLike, options: BufferEncoding | { encoding: BufferEncoding; flag?: string | number; signal?: AbortSignal }): Promise<string>;
  writeFile(
    path: PathLike,
    data: string | NodeJS.ArrayBufferView,
    options?: BufferEncoding | { encoding?: BufferEncoding | null; flag?: string | number; mode?: number | string; flush?: boolean; signal?: AbortSignal } | null,
  ): Promise<void>;
  stat(path: PathLike): Promise<Stats>;
  lstat(path: PathLike): Promise<Stats>;
  /** For the user, as everything here. @param mode of fs.constants F_OK, R_OK, W_OK, X_OK. */
  access(path: PathLike, mode?: number): Promise<void>;
  readdir(path: PathLike, options?: BufferEncoding | { encoding?: BufferEncoding | null; withFileTypes?: false } | null): Promise<string[]>;
  readdir(path: PathLike, options: 'buffer' | { encoding: 'buffer'; withFileTypes?: false }): Promise<Buffer[]>;
  readdir(path: PathLike, options: { encoding?: BufferEncoding | null; withFileTypes: true }): Promise<Dirent[]>;
  mkdir(path: PathLike, options?: number | string | { recursive?: false; mode?: number | string } | null): Promise<undefined>;
  /** The first folder that was missing. */
  mkdir(path: PathLike, options: { recursive: true; mode?: number | string }): Promise<string | undefined>;
  rmdir(path: PathLike): Promise<void>;
  unlink(path: PathLike): Promise<void>;
  rename(oldPath: PathLike, newPath: PathLike): Promise<void>;
}
