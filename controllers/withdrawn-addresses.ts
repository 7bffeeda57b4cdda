import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { ALB2 } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import { addressesOf } from '@causeway/translate/gateway/alb-address';
import { peek } from './peek.ts';

/** An Ingress status that was computed before the address changed has been written, and has been seen, after this long. */
const SETTLED_MS = 30_000;

/**
 * Which addresses that an ALB had before still stand in the status of some Ingress. They are remembered in the status of
 * the ALB2 until they are withdrawn everywhere (amendment to ALB-25); then they are forgotten, so that the list does not
 * grow for ever.
 */
export class WithdrawnAddresses {
  readonly #snapshot: Snapshot;
  /** By ALB and address: since when it is not the ALB's any more, as far as this process knows. */
  readonly #since = new Map<string, number>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /**
   * @param published the ALB's addresses of today and before
   * @returns those to be remembered, and when to ask again
   */
  stillPublished(
    alb: ALB2,
    published: readonly string[],
    now: Date,
  ): { readonly published: readonly string[]; readonly lookAgainMs?: number } {
    const id = (address: string) => `${objectKeyText(keyOf(alb))} ${address}`;
    const current = new Set(addressesOf(alb));
    for (const address of current) this.#since.delete(id(address));
    const former = published.filter((address) => !current.has(address));
    if (former.length === 0) return { published };
    const shown = peek(this.#snapshot, (view) => {
      const others = view.all('ALB2').filter((other) => objectKeyText(keyOf(other)) !== objectKeyText(keyOf(alb)));
      const theirs = new Set(others.flatMap(addressesOf));
      const entries = view.all('Ingress').flatMap(({ status }) => status?.loadBalancer?.ingress ?? []);
      // What another ALB shows is for that one to withdraw.
      return new Set(entries.map(({ ip, hostname }) => ip ?? hostname ?? '').filter((address) => !theirs.has(address)));
    });
    const kept: string[] = [];
    for (const address of former) {
      const since = this.#since.get(id(address)) ?? now.getTime();
      this.#since.set(id(address), since);
      if (shown.has(address) || now.getTime() - since < SETTLED_MS) kept.push(address);
      else this.#since.delete(id(address));
    }
    return {
      published: published.filter((address) => current.has(address) || kept.includes(address)),
      ...(kept.length === 0 ? {} : { lookAgainMs: SETTLED_MS }),
    };
  }
}
