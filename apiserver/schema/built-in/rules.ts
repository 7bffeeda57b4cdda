import type { FieldError } from '../field-error.ts';
import type { JsonObject } from '../json.ts';
import type { NameCheck } from '../names.ts';
import { configMapRules } from './config-map.ts';
import { customResourceDefinitionRules } from './custom-resource-definition.ts';
import { deploymentRules } from './deployment.ts';
import { endpointSliceRules } from './endpoint-slice.ts';
import { endpointsRules } from './endpoints.ts';
import { ingressRules } from './ingress.ts';
import { ingressClassRules } from './ingress-class.ts';
import { leaseRules } from './lease.ts';
import { namespaceRules } from './namespace.ts';
import { podRules } from './pod.ts';
import { bindingRules, clusterRoleRules, roleRules } from './rbac.ts';
import { secretRules } from './secret.ts';
import { serviceRules } from './service.ts';

/** What a kind does beyond its schema. See ObjectSchema for when each is called. */
export interface KindRules {
  /** The form of its objects' names; a DNS subdomain unless said otherwise. */
  readonly checkName?: NameCheck;
  readonly prepare?: (object: JsonObject, old: JsonObject | undefined) => void;
  /** Defaults that depend on other fields. */
  readonly applyDefaults?: (object: JsonObject) => void;
  /** Called with objects that fit their schema. */
  readonly validate?: (object: JsonObject, old: JsonObject | undefined) => readonly FieldError[];
}

/** By `groupKindText`. */
export const RULES: Readonly<Record<string, KindRules>> = {
  ConfigMap: configMapRules,
  Endpoints: endpointsRules,
  Namespace: namespaceRules,
  Pod: podRules,
  Secret: secretRules,
  Service: serviceRules,
  'CustomResourceDefinition.apiextensions.k8s.io': customResourceDefinitionRules,
  'Deployment.apps': deploymentRules,
  'EndpointSlice.discovery.k8s.io': endpointSliceRules,
  'Ingress.networking.k8s.io': ingressRules,
  'IngressClass.networking.k8s.io': ingressClassRules,
  'Lease.coordination.k8s.io': leaseRules,
  'ClusterRoleBinding.rbac.authorization.k8s.io': bindingRules({ namespaced: false }),
  'ClusterRole.rbac.authorization.k8s.io': clusterRoleRules,
  'RoleBinding.rbac.authorization.k8s.io': bindingRules({ namespaced: true }),
  'Role.rbac.authorization.k8s.io': roleRules,
};
