import type { Sequence } from '../../sequence.ts';
import { core, creations, get, grouped, MERGE_PATCH, object, patch, post, remove, sequence } from '../steps.ts';

/** Namespaces, Leases, ServiceAccounts and Events. */
export const CORE_SEQUENCES: readonly Sequence[] = [
  creations('Lease/validation', grouped('coordination.k8s.io/v1', 'leases'), [
    object('coordination.k8s.io/v1', 'Lease', 'a', {}),
    object('coordination.k8s.io/v1', 'Lease', 'b', { spec: { leaseDurationSeconds: 0, leaseTransitions: -1 } }),
    object('coordination.k8s.io/v1', 'Lease', 'c', {
      spec: { renewTime: '2020-01-01T00:00:00.000000Z', acquireTime: 'x' },
    }),
    object('coordination.k8s.io/v1', 'Lease', 'd', {
      spec: { holderIdentity: 'me', renewTime: '2020-01-01T00:00:00.000000Z', leaseDurationSeconds: 15 },
    }),
  ]),
  creations('ServiceAccount/create', core('serviceaccounts'), [
    object('v1', 'ServiceAccount', 'a', { automountServiceAccountToken: false, imagePullSecrets: [{ name: 'x' }] }),
    object('v1', 'ServiceAccount', 'A'),
  ]),
  creations('Namespace/validation', '/api/v1/namespaces', [
    object('v1', 'Namespace', 'A'),
    object('v1', 'Namespace', 'a.b'),
    object('v1', 'Namespace', 'default'),
  ]),
  sequence(
    'Namespace/life',
    post('/api/v1/namespaces', object('v1', 'Namespace', '<<ns>>-x', {}, { labels: { a: 'b' } })),
    patch('/api/v1/namespaces/<<ns>>-x', MERGE_PATCH, { metadata: { labels: { 'kubernetes.io/metadata.name': 'z' } } }),
    patch('/api/v1/namespaces/<<ns>>-x', MERGE_PATCH, { spec: { finalizers: [] } }),
    get('/api/v1/namespaces/<<ns>>-x/status'),
    remove('/api/v1/namespaces/default'),
    remove('/api/v1/namespaces/kube-system'),
  ),
  creations('Event/core', core('events'), [
    object('v1', 'Event', 'a', {
      involvedObject: { kind: 'Pod', name: 'p', namespace: '<<ns>>' },
      reason: 'R',
      message: 'm',
      type: 'Normal',
      source: { component: 'c' },
    }),
    object('v1', 'Event', 'b', { involvedObject: { kind: 'Pod', name: 'p', namespace: 'other' } }),
    object('v1', 'Event', 'c', { involvedObject: { kind: 'Node', name: 'n' } }),
    object('v1', 'Event', 'd', {
      involvedObject: { kind: 'Pod', name: 'p', namespace: '<<ns>>' },
      eventTime: '2020-01-01T00:00:00.000000Z',
      reportingComponent: 'example.org/c',
      reportingInstance: 'i',
      action: 'A',
      reason: 'R',
      type: 'Normal',
    }),
    object('v1', 'Event', 'e', {
      involvedObject: { kind: 'Pod', name: 'p', namespace: '<<ns>>' },
      eventTime: '2020-01-01T00:00:00.000000Z',
    }),
  ]),
];
