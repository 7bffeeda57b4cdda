import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import {
  CONTAINER,
  core,
  get,
  grouped,
  MERGE_PATCH,
  METADATA_ONLY,
  object,
  patch,
  post,
  remove,
  sequence,
  TABLE,
} from '../steps.ts';

/** Kinds that are kept and run by nobody. */
export const DATA_SEQUENCES: readonly Sequence[] = [
  ...(
    [
      [
        'StatefulSet',
        'apps/v1',
        'statefulsets',
        {
          serviceName: 's',
          selector: { matchLabels: { app: 'a' } },
          template: { metadata: { labels: { app: 'a' } }, spec: { containers: [CONTAINER] } },
        },
      ],
      [
        'DaemonSet',
        'apps/v1',
        'daemonsets',
        {
          selector: { matchLabels: { app: 'a' } },
          template: { metadata: { labels: { app: 'a' } }, spec: { containers: [CONTAINER] } },
        },
      ],
      [
        'ReplicaSet',
        'apps/v1',
        'replicasets',
        {
          selector: { matchLabels: { app: 'a' } },
          template: { metadata: { labels: { app: 'a' } }, spec: { containers: [CONTAINER] } },
        },
      ],
      ['Job', 'batch/v1', 'jobs', { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER] } } }],
      [
        'CronJob',
        'batch/v1',
        'cronjobs',
        {
          schedule: '* * * * *',
          jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER] } } } },
        },
      ],
      [
        'PodDisruptionBudget',
        'policy/v1',
        'poddisruptionbudgets',
        { minAvailable: 1, selector: { matchLabels: { app: 'a' } } },
      ],
      [
        'HorizontalPodAutoscaler',
        'autoscaling/v2',
        'horizontalpodautoscalers',
        { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' } },
      ],
      [
        'NetworkPolicy',
        'networking.k8s.io/v1',
        'networkpolicies',
        { podSelector: {}, ingress: [{ from: [{ podSelector: { matchLabels: { a: 'b' } } }], ports: [{ port: 80 }] }] },
      ],
    ] as const
  ).map(([kind, groupVersion, plural, spec]) =>
    sequence(
      `data/${kind}`,
      post(grouped(groupVersion, plural), object(groupVersion, kind, 'a', { spec: spec as JsonObject })),
      get(grouped(groupVersion, plural), { accept: TABLE }),
      patch(grouped(groupVersion, plural, '/a'), MERGE_PATCH, { metadata: { labels: { a: 'b' } } }),
      get(grouped(groupVersion, plural, '/a'), { accept: METADATA_ONLY }),
      remove(grouped(groupVersion, plural, '/a'), { propagationPolicy: 'Background' }),
    ),
  ),
  sequence(
    'data/PersistentVolumeClaim',
    post(
      core('persistentvolumeclaims'),
      object('v1', 'PersistentVolumeClaim', 'a', {
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      }),
    ),
    post(core('persistentvolumeclaims'), object('v1', 'PersistentVolumeClaim', 'b', { spec: {} })),
    get(core('persistentvolumeclaims'), { accept: TABLE }),
  ),
];
