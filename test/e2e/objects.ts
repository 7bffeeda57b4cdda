import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { KIND_REFS, type KindName } from '@causeway/resources/kinds';
import type { Home } from './home.ts';

export type Stored = KubernetesObject & { readonly spec?: unknown; readonly status?: unknown };

export interface StoredEvent extends KubernetesObject {
  readonly reason: string;
  readonly type: string;
  readonly message: string;
  readonly count: number;
  readonly source: { readonly component: string };
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

const EVENT: KindRef = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };

/** What a user does with kubectl. Namespaces default to that of applications for writing, of ALBs for reading. */
export function objectsOf(home: Home) {
  return {
    create: (kind: KindName, object: KubernetesObject): Promise<KubernetesObject> =>
      home.api.create(KIND_REFS[kind], object),
    read: (kind: KindName, name: string, namespace = 'kube-system'): Promise<Stored | undefined> =>
      home.api.get(KIND_REFS[kind], { namespace, name }),
    list: async (kind: KindName): Promise<readonly Stored[]> => (await home.api.list(KIND_REFS[kind])).items,
    patch: (kind: KindName, name: string, body: unknown, namespace = 'default'): Promise<KubernetesObject> =>
      home.api.patch(KIND_REFS[kind], { namespace, name }, body, { type: 'merge' }),
    remove: (kind: KindName, name: string, namespace = 'default'): Promise<void> =>
      home.api.delete(KIND_REFS[kind], { namespace, name }),
    eventsOf: async (kind: string, name: string): Promise<readonly StoredEvent[]> => {
      const { items } = await home.api.list(EVENT);
      return (items as StoredEvent[]).filter(
        ({ involvedObject }) => involvedObject.kind === kind && involvedObject.name === name,
      );
    },
  };
}
