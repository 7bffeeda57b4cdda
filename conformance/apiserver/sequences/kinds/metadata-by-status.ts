import type { JsonObject } from '@causeway/apiserver/schema/json';
import type { Sequence } from '../../sequence.ts';
import {
  APPLY,
  DEPLOYMENTS,
  deployment,
  get,
  INGRESSES,
  ingress,
  MERGE_PATCH,
  PODS,
  patch,
  pod,
  post,
  SERVICES,
  sequence,
  service,
} from '../steps.ts';

const KINDS_WITH_STATUS: readonly (readonly [kind: string, path: string, made: JsonObject])[] = [
  ['Service', SERVICES, service('m')],
  ['Ingress', INGRESSES, ingress('m', { rules: [{ host: 'a.example.org' }] })],
  ['Pod', PODS, pod('m')],
  ['Deployment', DEPLOYMENTS, deployment('m')],
];

const CONDITION = { status: 'True', reason: 'Ready', message: '', lastTransitionTime: '2026-01-02T03:04:05Z' };

const STATUS_APPLIED: Readonly<Record<string, JsonObject>> = {
  Service: { conditions: [{ ...CONDITION, type: 'Ready' }] },
  Ingress: { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } },
  Pod: { phase: 'Running' },
  Deployment: { replicas: 2 },
};

/** Kinds whose metadata a write of the status changes as well; a Deployment but its labels, a Pod but its owners. */
export const METADATA_BY_STATUS: readonly Sequence[] = [
  ...KINDS_WITH_STATUS.map(([kind, path, made]) =>
    sequence(
      `${kind}/metadata by its status`,
      post(path, made),
      patch(`${path}/m/status`, MERGE_PATCH, {
        metadata: { labels: { by: 'status' }, annotations: { by: 'status' }, finalizers: ['example.org/by-status'] },
      }),
      patch(`${path}/m/status`, MERGE_PATCH, { metadata: { annotations: null, finalizers: null } }),
    ),
  ),
  ...KINDS_WITH_STATUS.map(([kind, path, made]) =>
    sequence(
      `${kind}/metadata applied with its status`,
      post(path, made),
      ...[{ labels: { by: 'status' }, annotations: { by: 'status' } }, { annotations: { by: 'other' } }, {}].map(
        (metadata) =>
          patch(`${path}/m/status?fieldManager=status&force=true`, APPLY, {
            apiVersion: made.apiVersion ?? '',
            kind,
            metadata: { name: 'm', ...metadata },
            status: STATUS_APPLIED[kind] ?? {},
          }),
      ),
      get(`${path}/m`),
    ),
  ),
];
