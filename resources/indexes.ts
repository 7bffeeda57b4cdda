import { LABEL_ALB, LABEL_FRONTEND } from '@causeway/apis/gateway/labels';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { KindMap, KindName } from './kinds.ts';

/**
 * Secondary indexes: by kind and name, the values under which an object is
 * found. Values that name an object are written `namespace/name`.
 */
export const INDEXES = {
  ALB2: {},
  Frontend: {
    /** Owning ALB. */
    alb: (frontend: KindMap['Frontend']) => labelled(frontend, LABEL_ALB),
    /** `<alb>:<port>`: how ALB finds a Frontend, whatever its name (spec ALB 2.2). */
    albPort: (frontend: KindMap['Frontend']) =>
      labelled(frontend, LABEL_ALB).map((alb) => `${alb}:${frontend.spec.port}`),
    /** Ingress it was made from. */
    ingress: (frontend: KindMap['Frontend']) => sourceIngress(frontend),
  },
  Rule: {
    /** Owning ALB. */
    alb: (rule: KindMap['Rule']) => labelled(rule, LABEL_ALB),
    /** Owning Frontend. */
    frontend: (rule: KindMap['Rule']) => labelled(rule, LABEL_FRONTEND),
    /** Owning Frontend, only Rules that bring a certificate. */
    frontendCertificate: (rule: KindMap['Rule']) =>
      (rule.spec.certificate_name ?? '') === '' ? [] : labelled(rule, LABEL_FRONTEND),
    /** Ingress it was made from. */
    ingress: (rule: KindMap['Rule']) => sourceIngress(rule),
  },
  Instance: {
    /** ALB it serves. */
    alb: (instance: KindMap['Instance']) => labelled(instance, LABEL_ALB),
  },
  Ingress: {},
  IngressClass: {},
  Service: {},
  EndpointSlice: {
    /** Service whose endpoints it holds. */
    service: (slice: KindMap['EndpointSlice']) => labelled(slice, 'kubernetes.io/service-name'),
  },
  Secret: {},
  Namespace: {},
} as const satisfies { readonly [K in KindName]: Readonly<Record<string, (object: KindMap[K]) => readonly string[]>> };

export type IndexName<K extends KindName> = keyof (typeof INDEXES)[K] & string;

function labelled(object: KubernetesObject, label: string): readonly string[] {
  const value = object.metadata.labels?.[label];
  return value === undefined || value === '' ? [] : [`${object.metadata.namespace ?? ''}/${value}`];
}

function sourceIngress(object: KindMap['Frontend'] | KindMap['Rule']): readonly string[] {
  const { source } = object.spec;
  return source?.type === 'ingress' ? [`${source.namespace}/${source.name}`] : [];
}
