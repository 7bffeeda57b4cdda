import { ANNOTATION_FURTHER_METADATA, LABEL_SERVICE_NAME } from '@causeway/apis/gateway/labels';
import { operatorLabels } from '@causeway/apis/gateway/operator-labels';
import type { KubernetesObject, ObjectMeta } from '@causeway/apis/meta/object';
import type { WorkloadIR } from '@causeway/ir/gateway';

/** A Kubernetes type with the metadata that each of our objects has. */
export type Rendered<T> = Omit<T, 'apiVersion' | 'kind' | 'metadata'> & KubernetesObject;

export type Owner = Pick<WorkloadIR, 'namespace' | 'name' | 'clusterPrefix'>;

/** Names of the objects of one ALB. Source: spec ALB 11.1. */
export function namesOf({ name, clusterPrefix = '' }: Owner) {
  return {
    deployment: name,
    service: name,
    portInfo: `${name}-port-info`,
    serviceAccount: `${name}-serviceaccount`,
    clusterRole: `${clusterPrefix}${name}-clusterrole`,
    clusterRoleBinding: `${clusterPrefix}${name}-clusterrolebind`,
  };
}

export function metadata(workload: WorkloadIR, name: string, scope: 'namespace' | 'cluster' = 'namespace'): ObjectMeta {
  const { namespace, labels = {}, annotations = {} } = workload;
  const further = [...Object.keys(labels), ...Object.keys(annotations)].sort();
  return {
    name,
    ...(scope === 'cluster' ? {} : { namespace }),
    labels: { ...labels, ...operatorLabels(workload) },
    ...(further.length === 0
      ? {}
      : { annotations: { ...annotations, [ANNOTATION_FURTHER_METADATA]: JSON.stringify(further) } }),
  };
}

/** Finds the pods of an ALB. */
export function selectorOf({ name }: Owner): Record<string, string> {
  return { [LABEL_SERVICE_NAME]: `alb2-${name}` };
}
