import type { KubernetesObject } from '@causeway/apis/meta/object';
import { expect, test } from 'vitest';
import { routeTie } from './route-order.ts';

const at = (creationTimestamp: string, namespace: string, name: string): KubernetesObject => ({
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'HTTPRoute',
  metadata: { creationTimestamp, namespace, name },
});

test('GW-17 of what is equal the oldest route comes first, then namespace and name, then rule and match', () => {
  const [early, late] = ['2026-01-02T03:04:05Z', '2026-01-02T03:04:06Z'] as const;
  const inOrder = [
    routeTie(at(early, 'z', 'z'), 15, 63),
    routeTie(at(late, 'a', 'web'), 2, 0),
    routeTie(at(late, 'a', 'web'), 2, 1),
    routeTie(at(late, 'a', 'web'), 10, 0),
    routeTie(at(late, 'a', 'web-1'), 0, 0),
    routeTie(at(late, 'b', 'a'), 0, 0),
  ];
  expect(inOrder.toReversed().toSorted()).toEqual(inOrder);
});
