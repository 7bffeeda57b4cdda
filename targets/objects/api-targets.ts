import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import { FrontendKind } from '@causeway/apis/gateway/frontend';
import { InstanceKind } from '@causeway/apis/gateway/instance';
import { RuleKind } from '@causeway/apis/gateway/rule';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { EventWriter } from '../status/events.ts';
import { StatusWriter } from '../status/status-writer.ts';
import { DerivedObjects } from './derived-objects.ts';
import { Finalizers } from './finalizers.ts';

/** Everything controllers write to the API, by what it is for. */
export interface ApiTargets {
  /** Only their labels: users make them. */
  readonly albs: DerivedObjects;
  readonly frontends: DerivedObjects;
  readonly rules: DerivedObjects;
  readonly ingressClasses: DerivedObjects;
  readonly services: DerivedObjects;
  readonly instances: DerivedObjects;
  /** Of ALB2s. */
  readonly finalizers: Finalizers;
  readonly status: StatusWriter;
  readonly events: EventWriter;
}

export function apiTargets(api: KubernetesClient): ApiTargets {
  return {
    albs: new DerivedObjects(api, ALB2Kind.names),
    frontends: new DerivedObjects(api, FrontendKind.names),
    rules: new DerivedObjects(api, RuleKind.names),
    instances: new DerivedObjects(api, InstanceKind.names),
    ingressClasses: new DerivedObjects(api, INGRESS_CLASS),
    services: new DerivedObjects(api, SERVICE),
    finalizers: new Finalizers(api, ALB2Kind.names),
    status: new StatusWriter(api),
    events: new EventWriter(api),
  };
}

const INGRESS_CLASS: KindRef = {
  group: 'networking.k8s.io',
  version: 'v1',
  kind: 'IngressClass',
  plural: 'ingressclasses',
  namespaced: false,
};

const SERVICE: KindRef = { group: '', version: 'v1', kind: 'Service', plural: 'services', namespaced: true };
