import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Installation } from '../acceptance/installation.ts';

const EVENT: KindRef = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

interface StoredEvent extends KubernetesObject {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

/** What kubectl describe shows of an object: `Warning InvalidField spec.dslx: ...`. */
export async function eventsOf(home: Installation, kind: string, name: string): Promise<readonly string[]> {
  return (await eventsByObject(home)).get(`${kind}/${name}`) ?? [];
}

/** The same for every object, by `Kind/name`. */
export async function eventsByObject(home: Installation): Promise<ReadonlyMap<string, readonly string[]>> {
  const { items } = await home.api.list(EVENT);
  const texts = new Map<string, string[]>();
  for (const { involvedObject, type, reason, message } of items as StoredEvent[]) {
    const key = `${involvedObject.kind}/${involvedObject.name}`;
    texts.set(key, [...(texts.get(key) ?? []), `${type} ${reason} ${message}`]);
  }
  return texts;
}
