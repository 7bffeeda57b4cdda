import type { KindRef } from '@causeway/apis/meta/kind';
import { ApiError } from '@causeway/protocols/kubernetes/api-error';
import { expect, test } from 'vitest';
import { type ObjectWithStatus, type Status, StatusWriter } from './status-writer.ts';

const KIND: KindRef = { group: 'g', version: 'v1', kind: 'K', plural: 'ks', namespaced: true };

/** One stored object with optimistic locking, as the API does it. */
function api(stored: ObjectWithStatus) {
  let current = stored;
  let writes = 0;
  return {
    get: async () => current,
    patch: async (_kind: KindRef, _key: unknown, patch: unknown) => {
      const { metadata, status } = patch as ObjectWithStatus;
      if (metadata.resourceVersion !== current.metadata.resourceVersion) {
        throw new ApiError({ code: 409, reason: 'Conflict', message: 'the object has been modified' });
      }
      writes++;
      const resourceVersion = String(Number(current.metadata.resourceVersion) + 1);
      // Shallow: these cases remove nothing.
      current = {
        ...current,
        metadata: { ...current.metadata, resourceVersion },
        status: { ...current.status, ...status },
      };
      return current;
    },
    read: () => ({ status: current.status, writes }),
  };
}

function object(resourceVersion: string, status: Status = {}): ObjectWithStatus {
  return { apiVersion: 'g/v1', kind: 'K', metadata: { name: 'o', namespace: 'ns', uid: 'u', resourceVersion }, status };
}

test('writes nothing when only the times of looking differ', async () => {
  const stored = object('1', { state: 'Running', detail: { probeTimeStr: 'then' } });
  const server = api(stored);
  const written = await new StatusWriter(server).put(KIND, stored, () => ({
    state: 'Running',
    detail: { probeTimeStr: 'now' },
  }));
  expect(written).toBe(false);
  expect(server.read().writes).toBe(0);
});

test('an old copy is read anew, so that entries of others survive', async () => {
  const server = api(object('2', { mine: 0, theirs: 1 }));
  const old = object('1', { mine: 0 });
  const written = await new StatusWriter(server).put(KIND, old, (status) => ({ ...status, mine: 5 }));
  expect(written).toBe(true);
  expect(server.read()).toEqual({ status: { mine: 5, theirs: 1 }, writes: 1 });
});

test('an object made anew under the same name is not touched', async () => {
  const server = api({ ...object('2', {}), metadata: { ...object('2').metadata, uid: 'another' } });
  expect(await new StatusWriter(server).put(KIND, object('1'), () => ({ mine: 1 }))).toBe(false);
  expect(server.read().writes).toBe(0);
});
