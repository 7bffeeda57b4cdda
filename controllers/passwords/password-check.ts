import { createHmac, randomBytes } from 'node:crypto';

/** Verifies one hash, elsewhere if it is slow. */
export type VerifyHash = (hash: string, password: Uint8Array) => Promise<boolean>;

export type Verdict = 'yes' | 'no' | 'busy';

export interface PasswordCheckOptions {
  readonly verify: VerifyHash;
  /** Milliseconds, of any clock that does not jump. */
  readonly now: () => number;
}

/** Spec ALB-93: right passwords are remembered. */
const RIGHT_MS = 5 * 60_000;
/** So that one wrong password in a loop costs one hash. */
const WRONG_MS = 10_000;
const REMEMBERED = 500;
/** Hashes that wait at once; who comes later is told to come again. */
const MAX_WAITING = 64;

/**
 * Verifies passwords with a memory of the last ones, right and wrong, and a limit to how many are under way: hashes are made to be
 * slow, and anybody may ask for one. Remembers no password, only a keyed hash of it.
 *
 * Source: design D15.
 */
export class PasswordCheck {
  readonly #options: PasswordCheckOptions;
  readonly #key = randomBytes(32);
  readonly #known = new Map<string, { readonly right: boolean; readonly until: number }>();
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(options: PasswordCheckOptions) {
    this.#options = options;
  }

  async verify(hash: string, password: Uint8Array): Promise<Verdict> {
    const { now, verify } = this.#options;
    const key = createHmac('sha256', this.#key).update(hash).update('\0').update(password).digest('base64');
    const known = this.#known.get(key);
    if (known !== undefined && now() < known.until) return known.right ? 'yes' : 'no';
    let pending = this.#underWay.get(key);
    if (pending === undefined) {
      if (this.#underWay.size >= MAX_WAITING) return 'busy';
      pending = verify(hash, password).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, pending);
    }
    const right = await pending;
    this.#remember(key, right);
    return right ? 'yes' : 'no';
  }

  /** Right ones are forgotten for wrong ones only when there is no other room. */
  #remember(key: string, right: boolean): void {
    this.#known.delete(key);
    if (this.#known.size >= REMEMBERED) {
      const now = this.#options.now();
      for (const [old, { right: wasRight, until }] of this.#known)
        if (!wasRight || until <= now) this.#known.delete(old);
      const [oldest] = this.#known.keys();
      if (this.#known.size >= REMEMBERED && oldest !== undefined) {
        if (!right) return;
        this.#known.delete(oldest);
      }
    }
    this.#known.set(key, { right, until: this.#options.now() + (right ? RIGHT_MS : WRONG_MS) });
  }
}
