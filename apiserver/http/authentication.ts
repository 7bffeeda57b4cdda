import { createHash, timingSafeEqual, type X509Certificate } from 'node:crypto';
import type { AccountToken, AccountTokens } from '../access/account-tokens.ts';
import { ISSUER } from '../access/account-tokens.ts';
import { ANONYMOUS, AUTHENTICATED, type Identity } from '../access/identity.ts';
import { subjectOfCertificate } from '../pki/subject.ts';
import { unauthorized } from '../status-error.ts';
import type { HttpRequest } from './exchange.ts';

export interface AuthenticatorOptions {
  /** Bearer tokens that do not end. */
  readonly tokens: ReadonlyMap<string, Identity>;
  readonly accountTokens: AccountTokens;
  /** Whether the account, and what its token is bound to, still exist. */
  readonly exists: (token: AccountToken) => boolean;
  readonly now: () => Date;
}

/** A token that was good is good for so long, as far as its signature goes. */
const REMEMBERED_MS = 10_000;
const REMEMBERED = 4096;

interface Remembered {
  readonly token: AccountToken;
  readonly until: number;
}

/**
 * Finds out who makes a request: bearer tokens and client certificates.
 *
 * Source: Kubernetes, "Authenticating".
 */
export class Authenticator {
  readonly #options: AuthenticatorOptions;
  /** Tokens are kept as hashes and compared in constant time. */
  readonly #known: readonly { readonly hash: Buffer; readonly identity: Identity }[];
  /** By token and audiences. */
  readonly #remembered = new Map<string, Remembered>();

  constructor(options: AuthenticatorOptions) {
    this.#options = options;
    this.#known = [...options.tokens].map(([token, identity]) => ({ hash: hashOf(token), identity }));
  }

  /** @throws StatusError 401 when the credentials are wrong; without any the request is anonymous */
  async identify(request: HttpRequest): Promise<Identity> {
    const { authorization } = request.headers;
    if (authorization === undefined || authorization === '') return certifiedIdentity(request.socket) ?? ANONYMOUS;
    const token = /^Bearer +([^ ]+)$/i.exec(authorization)?.[1];
    const identity = token === undefined ? undefined : await this.identityOf(token);
    if (identity === undefined) throw unauthorized();
    return identity;
  }

  async identityOf(token: string): Promise<Identity | undefined> {
    const hash = hashOf(token);
    const known = this.#known.find((each) => timingSafeEqual(each.hash, hash));
    if (known !== undefined) return known.identity;
    return (await this.accountTokenOf(token))?.identity;
  }

  /** @param audiences for one of which it must be; this server unless given */
  async accountTokenOf(token: string, audiences: readonly string[] = [ISSUER]): Promise<AccountToken | undefined> {
    // A JWT has two dots; nothing else is worth the work.
    if (token.split('.').length !== 3) return undefined;
    const now = this.#options.now();
    const key = `${token} ${audiences.join(' ')}`;
    const remembered = this.#remembered.get(key);
    if (remembered !== undefined && remembered.until > now.getTime()) return this.#ifExists(remembered.token);
    const read = await this.#options.accountTokens.read(token, audiences, now);
    if (read === undefined) return undefined;
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, { token: read, until: now.getTime() + REMEMBERED_MS });
    return this.#ifExists(read);
  }

  #ifExists(token: AccountToken): AccountToken | undefined {
    return this.#options.exists(token) ? token : undefined;
  }
}

/** Part of a TLS connection; a certificate that the server's authority did not sign leaves `authorized` false. */
interface TlsPeer {
  readonly authorized?: boolean;
  getPeerX509Certificate?(): X509Certificate | undefined;
}

/** The subject of a client certificate: CN is the user, each O a group. */
export function certifiedIdentity(socket: TlsPeer): Identity | undefined {
  if (socket.authorized !== true) return undefined;
  const certificate = socket.getPeerX509Certificate?.();
  if (certificate === undefined) return undefined;
  // Certificates are signed at the request of others: they are read as the request was, and what cannot be read is nobody.
  const { name, groups } = subjectOfCertificate(certificate.raw);
  return name === '' ? undefined : { username: name, uid: '', groups: [...groups, AUTHENTICATED] };
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
