import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Instance } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { DerivedObjects, type ObjectWriter } from '@causeway/targets/objects/derived-objects';
import { expect, test } from 'vitest';
import { instanceExpiryController } from './instance-expiry.ts';

const key = { namespace: 'ns', name: 'alb-node-1' };

function instance(heartbeatTime: string): Instance {
  return {
    apiVersion: 'causeway.dev/v1alpha1',
    kind: 'Instance',
    metadata: { ...key, uid: 'u1' },
    spec: {},
    status: { heartbeatTime },
  };
}

test('ALB-125: an Instance goes when its heartbeat has stood still for two minutes of our clock, not before', async () => {
  const snapshot = new Snapshot();
  const deleted: string[] = [];
  const api = {
    delete: async (_kind: unknown, { name }: { readonly name: string }) => {
      deleted.push(name);
    },
  } as unknown as ObjectWriter & KubernetesObject;
  const kind = { group: 'causeway.dev', version: 'v1alpha1', kind: 'Instance', plural: 'instances', namespaced: true };
  let seconds = 0;
  const look = instanceExpiryController(snapshot, new DerivedObjects(api, kind), () => new Date(seconds * 1_000));
  const lookAt = async (at: number) => {
    seconds = at;
    return look(key, new AbortController().signal);
  };

  // A heartbeat of a clock that is far behind is as good as any.
  snapshot.put('Instance', instance('2001-01-01T00:00:00Z'));
  expect(await lookAt(0)).toEqual({ requeueAfterMs: 30_000 });
  await lookAt(90);
  snapshot.put('Instance', instance('2001-01-01T00:00:30Z'));
  await lookAt(120);
  await lookAt(239);
  expect(deleted).toEqual([]);
  await lookAt(240);
  expect(deleted).toEqual(['alb-node-1']);
  snapshot.remove('Instance', key);
  expect(await lookAt(241)).toEqual({});
});
