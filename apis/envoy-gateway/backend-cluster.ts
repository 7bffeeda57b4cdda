/** Backends of a policy itself, or of a data plane: who is asked, or told. Source: Envoy Gateway v1.7, BackendCluster. */

import { duration } from '../gateway-api/names.ts';
import { backendReference } from '../gateway-api/object-reference.ts';
import { array, integer, object, optional, string, type TypeOf, type ValidationRule } from '../meta/schema.ts';
import { dns } from './dns.ts';

const OTHERS = { preserveUnknown: true } as const;

const backendSettings = object(
  'How it is reached.',
  {
    retry: optional(
      object(
        'Whether it is asked again.',
        {
          numRetries: optional(integer('How often.', { minimum: 0, format: 'int32' })),
          perRetry: optional(
            object(
              'Each time.',
              {
                timeout: optional(duration('How long.')),
                backOff: optional(
                  object('How long is waited before; twice as long with each.', {
                    baseInterval: optional(duration('At least.')),
                    maxInterval: optional(duration('At most; absent: ten times as long.')),
                  }),
                ),
              },
              OTHERS,
            ),
          ),
          retryOn: optional(
            object(
              'After what.',
              {
                triggers: optional(array('Kinds of failures.', string('Kind.'))),
                httpStatusCodes: optional(array('After these.', integer('Status.'))),
              },
              OTHERS,
            ),
          ),
        },
        OTHERS,
      ),
    ),
    dns: optional(dns),
    timeout: optional(
      object(
        'How long things may take; 0s is without limit.',
        {
          tcp: optional(object('Connections.', { connectTimeout: optional(duration('Until one is there.')) }, OTHERS)),
          http: optional(object('Requests.', { requestTimeout: optional(duration('Until the answer.')) }, OTHERS)),
        },
        OTHERS,
      ),
    ),
  },
  OTHERS,
);

export type BackendSettings = TypeOf<typeof backendSettings>;

/** Fields of it. */
export function backendCluster(description: string) {
  return {
    backendRef: optional(backendReference),
    backendRefs: optional(array(description, backendReference, { maxItems: 16 })),
    backendSettings: optional(backendSettings),
  };
}

const GROUP = 'gateway.envoyproxy.io';

function all(condition: string): string {
  return `has(self.backendRefs) ? self.backendRefs.all(f, ${condition}) : true`;
}

/** Of what answers requests with others. */
export const ASKED: readonly ValidationRule[] = [
  {
    message: 'backendRef or backendRefs needs to be set',
    rule: 'has(self.backendRef) || (has(self.backendRefs) && self.backendRefs.size() > 0)',
  },
  {
    message: 'BackendRefs only supports Service, ServiceImport, and Backend kind.',
    rule: all("f.kind in ['Service', 'ServiceImport', 'Backend']"),
  },
  {
    message: `BackendRefs only supports Core, multicluster.x-k8s.io, and ${GROUP} groups.`,
    rule: all(`f.group in ['', 'multicluster.x-k8s.io', '${GROUP}']`),
  },
];

/** Of what takes telemetry. */
export const TOLD: readonly ValidationRule[] = [
  { message: 'BackendRefs must be used, backendRef is not supported.', rule: '!has(self.backendRef)' },
  {
    message: 'BackendRefs only support Service and Backend kind.',
    rule: all("f.kind in ['Service', 'Backend']"),
  },
  {
    message: `BackendRefs only support Core and ${GROUP} group.`,
    rule: all(`f.group in ['', '${GROUP}']`),
  },
];

/** Of what takes telemetry and may be named by its host. */
export const TOLD_AT_HOST: readonly ValidationRule[] = [
  {
    message: 'host or backendRefs needs to be set',
    rule: 'has(self.host) || (has(self.backendRefs) && self.backendRefs.size() > 0)',
  },
  ...TOLD,
];

/** Settings of retries of what is asked for keys and tokens, of which not all have a meaning there. */
export const RETRIES_OF_ASKED: readonly ValidationRule[] = [
  {
    message: 'Retry timeout is not supported.',
    rule: '!has(self.backendSettings) || !has(self.backendSettings.retry) || !has(self.backendSettings.retry.perRetry) || !has(self.backendSettings.retry.perRetry.timeout)',
  },
  {
    message: 'HTTPStatusCodes is not supported.',
    rule: '!has(self.backendSettings) || !has(self.backendSettings.retry) || !has(self.backendSettings.retry.retryOn) || !has(self.backendSettings.retry.retryOn.httpStatusCodes)',
  },
];
