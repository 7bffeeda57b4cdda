import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import { addressesOf } from '@causeway/translate/gateway/alb-address';
import { ingressNginxSettings } from '@causeway/translate/gateway/ingress-nginx/settings';
import { nginxAddresses } from '@causeway/translate/gateway/ingress-status';

/** An Ingress status that was computed before the address changed has been written, and has been seen, after this long. */
const SETTLED_MS = 30_000;

/** What tells Ingresses addresses. */
export interface AddressOwner {
  readonly kind: 'ALB2' | 'IngressNginx';
  readonly key: ObjectKey;
  /** Its addresses of today. */
  readonly current: readonly string[];
}

/**
 * Which addresses that an ALB or an IngressNginx had before still stand in the status of some Ingress. They are remembered in its own status
 * until they are withdrawn everywhere (amendment to ALB-25); then they are forgotten, so that the list does not
 * grow for ever.
 */
export class WithdrawnAddresses {
  readonly #snapshot: Snapshot;
  /** By owner and address: since when it is not the owner's any more, as far as this process knows. */
  readonly #since = new Map<string, number>();

  constructor(snapshot: Snapshot) {
    this.#snapshot = snapshot;
  }

  /**
   * @param published the owner's addresses of today and before
   * @returns those to be remembered, and when to ask again
   */
  stillPublished(
    owner: AddressOwner,
    published: readonly string[],
    now: Date,
  ): { readonly published: readonly string[]; readonly lookAgainMs?: number } {
    const id = (address: string) => `${owner.kind} ${objectKeyText(owner.key)} ${address}`;
    const current = new Set(owner.current);
    for (const address of current) this.#since.delete(id(address));
    const former = published.filter((address) => !current.has(address));
    if (former.length === 0) return { published };
    const { present } = this.#snapshot;
    const theirs = new Set(othersAddresses(present, owner));
    const entries = present.all('Ingress').flatMap(({ status }) => status?.loadBalancer?.ingress ?? []);
    // What another one shows is for that one to withdraw.
    const shown = new Set(
      entries.map(({ ip, hostname }) => ip ?? hostname ?? '').filter((address) => !theirs.has(address)),
    );
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

function othersAddresses(view: View, { kind, key }: AddressOwner): readonly string[] {
  const isOther = (otherKind: AddressOwner['kind'], object: KubernetesObject) =>
    otherKind !== kind || objectKeyText(keyOf(object)) !== objectKeyText(key);
  const albs = view.all('ALB2').filter((alb) => isOther('ALB2', alb));
  const ofNginx = view.all('IngressNginx').filter((object) => isOther('IngressNginx', object));
  return [
    ...albs.flatMap(addressesOf),
    ...ofNginx.flatMap((object) => nginxAddresses(view, ingressNginxSettings(object))),
  ];
}
