import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject, ObjectKey } from '@causeway/apis/meta/object';
import { ApiError } from '@causeway/protocols/kubernetes/api-error';

interface StoredEvent extends KubernetesObject {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly source: { readonly component: string };
}

/** The Events of an API server: unique names, merge patches of top-level members. */
export function eventStore() {
  const events = new Map<string, StoredEvent>();
  const api = {
    create: async (_kind: KindRef, object: KubernetesObject) => {
      if (events.has(object.metadata.name)) {
        throw new ApiError({ code: 409, reason: 'AlreadyExists', message: 'already exists' });
      }
      events.set(object.metadata.name, object as StoredEvent);
      return object;
    },
    get: async (_kind: KindRef, key: ObjectKey) => events.get(key.name),
    patch: async (_kind: KindRef, key: ObjectKey, patch: unknown) => {
      const event = { ...events.get(key.name), ...(patch as object) } as StoredEvent;
      events.set(key.name, event);
      return event;
    },
  };
  const read = () =>
    [...events.values()].map(({ type, reason, message, count, source }) => ({
      type,
      reason,
      message,
      count,
      component: source.component,
    }));
  return { api, read };
}
