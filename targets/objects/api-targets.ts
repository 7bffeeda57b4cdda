import { ALB2Kind } from '@causeway/apis/gateway/alb2';
import { FrontendKind } from '@causeway/apis/gateway/frontend';
import { IngressNginxKind } from '@causeway/apis/gateway/ingress-nginx';
import { InstanceKind } from '@causeway/apis/gateway/instance';
import { RuleKind } from '@causeway/apis/gateway/rule';
import { GatewayKind } from '@causeway/apis/gateway-api/gateway';
import { GatewayClassKind } from '@causeway/apis/gateway-api/gateway-class';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import type { WorkloadKind } from '../infra/workload.ts';
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
  readonly gatewayClasses: DerivedObjects;
  readonly gateways: DerivedObjects;
  readonly services: DerivedObjects;
  /** What data planes consist of on a cluster, by kind. */
  readonly workloads: Readonly<Record<WorkloadKind, DerivedObjects>>;
  readonly instances: DerivedObjects;
  /** Of ALB2s. */
  readonly finalizers: Finalizers;
  /** Of IngressNginx objects. */
  readonly nginxFinalizers: Finalizers;
  readonly gatewayFinalizers: Finalizers;
  readonly gatewayClassFinalizers: Finalizers;
  readonly status: StatusWriter;
  readonly events: EventWriter;
}

export function apiTargets(api: KubernetesClient): ApiTargets {
  const changed = (kind: KindRef) => new DerivedObjects(api, kind, { fieldValidation: 'Strict' });
  return {
    albs: new DerivedObjects(api, ALB2Kind.names),
    frontends: new DerivedObjects(api, FrontendKind.names),
    rules: new DerivedObjects(api, RuleKind.names),
    instances: new DerivedObjects(api, InstanceKind.names),
    ingressClasses: new DerivedObjects(api, INGRESS_CLASS),
    gatewayClasses: new DerivedObjects(api, GatewayClassKind.names),
    gateways: new DerivedObjects(api, GatewayKind.names),
    services: new DerivedObjects(api, SERVICE),
    workloads: {
      ServiceAccount: changed(core('ServiceAccount', 'serviceaccounts')),
      ConfigMap: new DerivedObjects(api, core('ConfigMap', 'configmaps')),
      Service: changed(SERVICE),
      Deployment: changed({ ...core('Deployment', 'deployments'), group: 'apps' }),
      DaemonSet: changed({ ...core('DaemonSet', 'daemonsets'), group: 'apps' }),
      HorizontalPodAutoscaler: changed({
        ...core('HorizontalPodAutoscaler', 'horizontalpodautoscalers'),
        group: 'autoscaling',
        version: 'v2',
      }),
      PodDisruptionBudget: changed({ ...core('PodDisruptionBudget', 'poddisruptionbudgets'), group: 'policy' }),
      ClusterRole: new DerivedObjects(api, rbac('ClusterRole', 'clusterroles')),
      ClusterRoleBinding: new DerivedObjects(api, rbac('ClusterRoleBinding', 'clusterrolebindings')),
    },
    finalizers: new Finalizers(api, ALB2Kind.names),
    nginxFinalizers: new Finalizers(api, IngressNginxKind.names),
    gatewayFinalizers: new Finalizers(api, GatewayKind.names),
    gatewayClassFinalizers: new Finalizers(api, GatewayClassKind.names),
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

const SERVICE = core('Service', 'services');

function core(kind: string, plural: string): KindRef {
  return { group: '', version: 'v1', kind, plural, namespaced: true };
}

function rbac(kind: string, plural: string): KindRef {
  return { group: 'rbac.authorization.k8s.io', version: 'v1', kind, plural, namespaced: false };
}
