import { ANNOTATION_FURTHER_METADATA, LABEL_SERVICE_NAME } from '@causeway/apis/gateway/labels';
import { operatorLabels } from '@causeway/apis/gateway/operator-labels';
import type { KubernetesObject, ObjectMeta } from '@causeway/apis/meta/object';
import type { WorkloadIR } from '@causeway/ir/gateway';

/** A Kubernetes type with the metadata that each of our objects has. */
export type Rendered<T> = Omit<T, 'apiVersion' | 'kind' | 'metadata'> & KubernetesObject;

export type Owner = Pick<WorkloadIR, 'namespace' | 'name' | 'clusterPrefix' | 'objectNames' | 'place'>;

/** Names of the objects of one ALB. Source: spec ALB 11.1. */
export function namesOf(owner: Owner) {
  const { clusterPrefix = '', objectNames = {} } = owner;
  const { name } = owner.place ?? owner;
  return {
    pods: objectNames.pods ?? name,
    scaling: objectNames.scaling ?? name,
    disruption: objectNames.disruption ?? name,
    service: objectNames.service ?? name,
    portInfo: `${name}-port-info`,
    serviceAccount: objectNames.account ?? `${name}-serviceaccount`,
    clusterRole: `${clusterPrefix}${name}-clusterrole`,
    clusterRoleBinding: `${clusterPrefix}${name}-clusterrolebind`,
  };
}

export function metadata(workload: WorkloadIR, name: string, scope: 'namespace' | 'cluster' = 'namespace'): ObjectMeta {
  const { labels = {}, annotations = {} } = workload;
  const { namespace } = workload.place ?? workload;
  return {
    name,
    ...(scope === 'cluster' ? {} : { namespace }),
    ...ownedMetadata(workload, { labels, annotations }),
  };
}

/** Labels and annotations of an object of a workload, with those by which we know it, and know which of them are its user's. */
export function ownedMetadata(
  owner: Owner,
  { labels = {}, annotations = {} }: Pick<ObjectMeta, 'annotations' | 'labels'>,
): Pick<ObjectMeta, 'annotations' | 'labels'> {
  const own = operatorLabels(owner);
  const { [ANNOTATION_FURTHER_METADATA]: _, ...users } = annotations;
  const further = [...Object.keys(labels).filter((name) => own[name] === undefined), ...Object.keys(users)].sort();
  return {
    labels: { ...labels, ...own },
    ...(further.length === 0
      ? {}
      : { annotations: { ...users, [ANNOTATION_FURTHER_METADATA]: JSON.stringify(further) } }),
  };
}

/** Finds the pods of an ALB. */
export function selectorOf({ name }: Owner): Record<string, string> {
  return { [LABEL_SERVICE_NAME]: `alb2-${name}` };
}
