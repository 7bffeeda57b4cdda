import { createHash, timingSafeEqual } from 'node:crypto';

/** Who makes a request. */
export interface Identity {
  readonly username: string;
  readonly uid: string;
  readonly groups: readonly string[];
}

export const ADMINISTRATOR: Identity = {
  username: 'admin',
  uid: '',
  groups: ['system:masters', 'system:authenticated'],
};

/** Knows the bearer tokens and whom they belong to. Tokens are kept as hashes and compared in constant time. */
export class Authenticator {
  readonly #known: readonly { readonly hash: Buffer; readonly identity: Identity }[];

  constructor(tokens: ReadonlyMap<string, Identity>) {
    this.#known = [...tokens].map(([token, identity]) => ({ hash: hashOf(token), identity }));
  }

  /** @param header the Authorization header */
  identify(header: string | undefined): Identity | undefined {
    const token = /^Bearer +([^ ]+)$/i.exec(header ?? '')?.[1];
    return token === undefined ? undefined : this.identityOf(token);
  }

  identityOf(token: string): Identity | undefined {
    const hash = hashOf(token);
    return this.#known.find((known) => timingSafeEqual(known.hash, hash))?.identity;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
