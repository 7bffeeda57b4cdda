/** Objects that no API may take, with what the user is told. Data only. */
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { KindName } from '@causeway/resources/kinds';
import { ALB_NAMESPACE } from '../../acceptance/installation.ts';
import { ALB } from '../lab.ts';

export interface BadInput {
  readonly name: string;
  readonly object: KubernetesObject & { readonly kind: KindName };
  /** The field and what is wrong with it, as the answer of the API says. */
  readonly says: string;
}

/** What is there before: Frontends of the ALB that stand by. */
export const WEB = 'web';
export const LAYER_4 = 'layer4';

const LABELS = { 'alb2.cpaas.io/name': ALB };

export function object(kind: KindName, apiVersion: string, namespace: string, rest: object): BadInput['object'] {
  return { apiVersion, kind, metadata: { name: 'refused', namespace }, ...rest };
}

/** A Rule that is right but for these fields of its spec. */
export function rule(name: string, spec: object, says: string, labels: object = {}): BadInput {
  const metadata = {
    name: 'refused',
    namespace: ALB_NAMESPACE,
    labels: { ...LABELS, 'alb2.cpaas.io/frontend': WEB, ...labels },
  };
  const valid = { dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }], priority: -100 };
  return {
    name,
    object: object('Rule', 'crd.alauda.io/v1', ALB_NAMESPACE, { metadata, spec: { ...valid, ...spec } }),
    says,
  };
}

/** A Frontend that is right but for these fields of its spec. */
export function frontend(name: string, spec: object, says: string, meta: object = {}): BadInput {
  const metadata = { name: 'refused', namespace: ALB_NAMESPACE, labels: LABELS, ...meta };
  const valid = { port: 18_099, protocol: 'http' };
  return {
    name,
    object: object('Frontend', 'crd.alauda.io/v1', ALB_NAMESPACE, { metadata, spec: { ...valid, ...spec } }),
    says,
  };
}

/** An ALB2 that is right but for these settings. */
export function alb2(name: string, config: object, says: string, spec: object = {}): BadInput {
  const valid = { type: 'nginx', config: { projects: ['ALL_ALL'], ...config } };
  return {
    name,
    object: object('ALB2', 'crd.alauda.io/v2beta1', ALB_NAMESPACE, { spec: { ...valid, ...spec } }),
    says,
  };
}
