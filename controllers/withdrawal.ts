import { keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { isWithdrawn } from '@causeway/targets/status/load-balancer-addresses';
import { translateIngressStatus } from '@causeway/translate/gateway/ingress-status';

/** What is deleted goes without having withdrawn everything when nothing was withdrawn for this long (ALB-127). */
const WITHDRAWAL_MS = 10_000;

/** How far the objects that are being deleted are: what of each is still published, and since when it is no less. */
export class Withdrawals {
  readonly #progress = new Map<string, { readonly left: number; readonly since: number }>();

  /**
   * @param owner of what is withdrawn
   * @param left how much of it is still published
   * @returns whether it is worth waiting for the rest
   */
  isUnderWay(owner: string, left: number, now: Date): boolean {
    const before = this.#progress.get(owner);
    const since = before !== undefined && left >= before.left ? before.since : now.getTime();
    this.#progress.set(owner, { left: before === undefined ? left : Math.min(left, before.left), since });
    return left > 0 && now.getTime() - since < WITHDRAWAL_MS;
  }

  forget(owner: string): void {
    this.#progress.delete(owner);
  }
}

/** Whether the status of an Ingress shows an address by which it is not reached any more. */
export function isYetWithdrawn(view: View): (ingress: Ingress) => boolean {
  return (ingress) => {
    const entries = ingress.status?.loadBalancer?.ingress ?? [];
    if (entries.length === 0) return false;
    const { withdrawn } = translateIngressStatus(view, keyOf(ingress));
    return entries.some((entry) => isWithdrawn(entry, withdrawn));
  };
}
