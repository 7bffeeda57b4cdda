import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { calculateJwkThumbprint, errors, exportJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import { writePrivateFile } from '../pki/private-file.ts';
import { AUTHENTICATED, accountGroups, accountUsername, type Identity } from './identity.ts';

/** Who issues the tokens, and for whom they are unless they say otherwise: this API server. */
export const ISSUER = 'https://kubernetes.default.svc.cluster.local';

const ALGORITHM = 'ES256';
/** Keys of the claim that says what the token is bound to. */
const CLAIM = 'kubernetes.io';

export interface AccountReference {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

export interface TokenRequest {
  readonly account: AccountReference;
  /** Empty: this API server. */
  readonly audiences: readonly string[];
  readonly seconds: number;
  /** An object that must go on existing: a Pod or a Secret. */
  readonly bound?: { readonly kind: string; readonly name: string; readonly uid: string } | undefined;
}

export interface IssuedToken {
  readonly token: string;
  /** Its `jti`. */
  readonly id: string;
  readonly expires: Date;
}

/** What a good token says. */
export interface AccountToken {
  readonly identity: Identity;
  readonly account: AccountReference;
  readonly bound: TokenRequest['bound'];
  readonly audiences: readonly string[];
}

/** Signs and reads the tokens of ServiceAccounts. Source: Kubernetes, "Managing Service Accounts", "Bound service account tokens". */
export class AccountTokens {
  readonly #privateKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  /** The public key, as others read it. */
  readonly jwk: JWK;

  private constructor(privateKey: KeyObject, publicKey: KeyObject, jwk: JWK, keyId: string) {
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
    this.#keyId = keyId;
    this.jwk = { ...jwk, kid: keyId, alg: ALGORITHM, use: 'sig' };
  }

  /** @param file of the private key; made when it is absent */
  static async open(file: string): Promise<AccountTokens> {
    if (!existsSync(file)) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      writePrivateFile(file, privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
    }
    const privateKey = createPrivateKey(readFileSync(file, 'utf8'));
    const publicKey = createPublicKey(privateKey);
    const jwk = await exportJWK(publicKey);
    return new AccountTokens(privateKey, publicKey, jwk, await calculateJwkThumbprint(jwk));
  }

  async issue(request: TokenRequest, now: Date): Promise<IssuedToken> {
    const id = randomUUID();
    const { namespace, name, uid } = request.account;
    const issued = Math.floor(now.getTime() / 1000);
    const expires = issued + request.seconds;
    const bound =
      request.bound === undefined
        ? {}
        : { [request.bound.kind.toLowerCase()]: { name: request.bound.name, uid: request.bound.uid } };
    const token = await new SignJWT({ [CLAIM]: { namespace, serviceaccount: { name, uid }, ...bound } })
      .setProtectedHeader({ alg: ALGORITHM, kid: this.#keyId })
      .setIssuer(ISSUER)
      .setSubject(accountUsername(namespace, name))
      .setAudience(request.audiences.length === 0 ? [ISSUER] : [...request.audiences])
      .setIssuedAt(issued)
      .setNotBefore(issued)
      .setExpirationTime(expires)
      .setJti(id)
      .sign(this.#privateKey);
    return { token, id, expires: new Date(expires * 1000) };
  }

  /**
   * Whether what the token is bound to still exists, the caller finds out.
   *
   * @returns undefined when the token is none of ours, has ended, or is for others
   */
  async read(token: string, audiences: readonly string[], now: Date): Promise<AccountToken | undefined> {
    try {
      const { payload } = await jwtVerify(token, this.#publicKey, {
        issuer: ISSUER,
        audience: [...audiences],
        algorithms: [ALGORITHM],
        currentDate: now,
      });
      return accountTokenOf(payload[CLAIM], payload.aud, payload.jti);
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  }
}

function accountTokenOf(
  claim: unknown,
  audience: string | readonly string[] | undefined,
  id: string | undefined,
): AccountToken | undefined {
  const { namespace, serviceaccount, pod, secret } = record(claim);
  const { name, uid } = record(serviceaccount);
  if (typeof namespace !== 'string' || typeof name !== 'string' || typeof uid !== 'string') return undefined;
  const identity = {
    username: accountUsername(namespace, name),
    uid,
    groups: [...accountGroups(namespace), AUTHENTICATED],
    ...(id === undefined ? {} : { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${id}`] } }),
  };
  const audiences = typeof audience === 'string' ? [audience] : [...(audience ?? [])];
  return {
    identity,
    account: { namespace, name, uid },
    bound: boundTo('Pod', pod) ?? boundTo('Secret', secret),
    audiences,
  };
}

function boundTo(kind: string, value: unknown): TokenRequest['bound'] {
  const { name, uid } = record(value);
  return typeof name === 'string' && typeof uid === 'string' ? { kind, name, uid } : undefined;
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
