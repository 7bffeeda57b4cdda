import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import { DEPLOYMENTS, deployment, get, MERGE_PATCH, patch, post, put, sequence } from '../steps.ts';

const DEPLOYMENT_SPECS: readonly (readonly [string, JsonObject])[] = [
  ['plain', {}],
  ['replicas', { replicas: -1 }],
  ['no selector', { selector: null }],
  ['empty selector', { selector: {} }],
  ['selector that does not match', { selector: { matchLabels: { app: 'b' } } }],
  ['expressions', { selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] } }],
  [
    'bad expressions',
    {
      selector: {
        matchLabels: { app: 'a' },
        matchExpressions: [
          { key: 'app', operator: 'Like', values: ['a'] },
          { key: 'app', operator: 'In' },
          { key: 'app', operator: 'Exists', values: ['x'] },
        ],
      },
    },
  ],
  ['recreate', { strategy: { type: 'Recreate' } }],
  ['recreate with rolling update', { strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }],
  ['unknown strategy', { strategy: { type: 'Slowly' } }],
  ['surge', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }],
  ['percent', { strategy: { rollingUpdate: { maxSurge: '150%', maxUnavailable: '150%' } } }],
  ['no percent', { strategy: { rollingUpdate: { maxSurge: 'x' } } }],
  ['seconds', { minReadySeconds: -1, progressDeadlineSeconds: 0, revisionHistoryLimit: -1 }],
];

/** Deployments and their scale. */
export const DEPLOYMENT_SEQUENCES: readonly Sequence[] = [
  ...DEPLOYMENT_SPECS.map(([what, spec]) => sequence(`Deployment/${what}`, post(DEPLOYMENTS, deployment('d', spec)))),
  sequence(
    'Deployment/scale',
    post(DEPLOYMENTS, deployment('d')),
    get(`${DEPLOYMENTS}/d/scale`),
    put(`${DEPLOYMENTS}/d/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd', namespace: '<<ns>>' },
      spec: { replicas: 3 },
    }),
    patch(`${DEPLOYMENTS}/d/scale`, MERGE_PATCH, { spec: { replicas: -3 } }),
    put(`${DEPLOYMENTS}/d/scale`, {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'e' },
      spec: { replicas: 3 },
    }),
    get(`${DEPLOYMENTS}/none/scale`),
  ),
  sequence(
    'Deployment/changes',
    post(DEPLOYMENTS, deployment('d')),
    patch(`${DEPLOYMENTS}/d`, MERGE_PATCH, { spec: { replicas: 2 } }),
    patch(`${DEPLOYMENTS}/d`, MERGE_PATCH, { metadata: { labels: { a: 'b' } } }),
    patch(`${DEPLOYMENTS}/d`, MERGE_PATCH, { spec: { selector: { matchLabels: { app: 'z' } } } }),
    patch(`${DEPLOYMENTS}/d`, MERGE_PATCH, { status: { replicas: 9 } }),
    patch(`${DEPLOYMENTS}/d/status`, MERGE_PATCH, { status: { replicas: 9 } }),
  ),
];
