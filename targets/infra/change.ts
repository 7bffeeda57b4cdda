/**
 * What the user of a workload changes in its objects. Whose an object is, and what it is called, no change says.
 *
 * Source: GW-05, GW-06; Envoy Gateway v1.7, KubernetesPatchSpec.
 */
import { isJsonObject, type JsonObject, type JsonValue } from '@causeway/apis/meta/json';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { ChangedObject, WorkloadIR } from '@causeway/ir/gateway';
import { applyMergePatch } from '@causeway/protocols/kubernetes/patch/merge-patch';
import { applyStrategicMergePatch, type MergeSchema } from '@causeway/protocols/kubernetes/patch/strategic-merge-patch';
import { CAPABILITIES, CONTAINER } from './deployment.ts';
import { ownedMetadata } from './rendered.ts';
import type { WorkloadKind } from './workload.ts';

type ChangedKind = Exclude<WorkloadKind, 'ClusterRole' | 'ClusterRoleBinding' | 'ConfigMap'>;

const CHANGED: Readonly<Record<ChangedKind, ChangedObject>> = {
  ServiceAccount: 'account',
  Service: 'service',
  Deployment: 'pods',
  DaemonSet: 'pods',
  HorizontalPodAutoscaler: 'scaling',
  PodDisruptionBudget: 'disruption',
};

function isChanged(kind: string): kind is ChangedKind {
  return Object.hasOwn(CHANGED, kind);
}

/** How Envoy Gateway calls the container of a data plane. */
const ENVOY = 'envoy';

/**
 * @param object of {@link WorkloadIR}, as it would be without changes
 * @throws PatchError when a change is no patch
 */
export function withChanges(object: KubernetesObject, workload: WorkloadIR): KubernetesObject {
  const { apiVersion, kind } = object;
  if (!isChanged(kind)) return object;
  const changes = (workload.changes ?? []).filter((each) => each.object === CHANGED[kind]);
  if (changes.length === 0) return object;
  const rendered = structuredClone(object) as unknown as JsonObject;
  const { metadata, ...changed } = changes.reduce<JsonObject>((before, { type, value }) => {
    const patch = asOurs(value);
    if (!isJsonObject(patch)) return before;
    const after =
      type === 'JSONMerge' ? applyMergePatch(before, patch) : applyStrategicMergePatch(MERGED[kind], before, patch);
    return isJsonObject(after) ? after : before;
  }, rendered);
  const { name, namespace } = object.metadata;
  return withOwnRights({
    ...changed,
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...ownedMetadata(workload, isJsonObject(metadata) ? (metadata as unknown as KubernetesObject['metadata']) : {}),
    },
  });
}

/** Containers by the name that ours has. What starts an Envoy there starts nothing here. */
function asOurs(value: unknown): JsonValue {
  const patch = structuredClone(value) as JsonValue;
  for (const container of containersIn(patch)) {
    if (container['name'] === ENVOY) container['name'] = CONTAINER;
    const { command } = container;
    if (container['name'] === CONTAINER && JSON.stringify(command ?? '').includes(ENVOY)) {
      delete container['command'];
      delete container['args'];
    }
  }
  return patch;
}

/** A list of capabilities replaces another: without its own the agent could not start nginx. */
function withOwnRights<T extends object>(object: T): T {
  for (const container of containersIn(object as unknown as JsonValue)) {
    const { securityContext } = container;
    if (container['name'] !== CONTAINER || !isJsonObject(securityContext)) continue;
    const { capabilities } = securityContext;
    const { add = [] } = isJsonObject(capabilities) ? capabilities : {};
    if (!isJsonObject(capabilities) || !Array.isArray(add)) continue;
    const further = add.filter((each) => typeof each === 'string' && !CAPABILITIES.includes(each));
    capabilities['add'] = [...CAPABILITIES, ...further];
  }
  return object;
}

function containersIn(object: JsonValue): readonly JsonObject[] {
  const found = ['spec', 'template', 'spec', 'containers'].reduce<JsonValue | undefined>(
    (value, name) => (isJsonObject(value) ? value[name] : undefined),
    object,
  );
  return Array.isArray(found) ? found.filter(isJsonObject) : [];
}

/** A list that is merged by this key of its elements. */
function by(key: string, items: MergeSchema = {}): MergeSchema {
  return { 'x-kubernetes-patch-strategy': 'merge', 'x-kubernetes-patch-merge-key': key, items };
}

const CONTAINER_LISTS: MergeSchema = {
  properties: {
    ports: by('containerPort'),
    env: by('name'),
    volumeMounts: by('mountPath'),
    volumeDevices: by('devicePath'),
  },
};

const POD_LISTS: MergeSchema = {
  properties: {
    containers: by('name', CONTAINER_LISTS),
    initContainers: by('name', CONTAINER_LISTS),
    volumes: { ...by('name'), 'x-kubernetes-patch-strategy': 'merge,retainKeys' },
    imagePullSecrets: by('name'),
    hostAliases: by('ip'),
    topologySpreadConstraints: by('topologyKey'),
    schedulingGates: by('name'),
    resourceClaims: { ...by('name'), 'x-kubernetes-patch-strategy': 'merge,retainKeys' },
  },
};

const POD_TEMPLATE: MergeSchema = {
  properties: { spec: POD_LISTS },
};

/** How lists are merged. A test compares it with the definitions of Kubernetes. */
export const MERGED: Readonly<Record<ChangedKind, MergeSchema>> = {
  ServiceAccount: { properties: { secrets: by('name') } },
  Service: { properties: { spec: { properties: { ports: by('port') } } } },
  Deployment: {
    properties: {
      spec: { properties: { strategy: { 'x-kubernetes-patch-strategy': 'retainKeys' }, template: POD_TEMPLATE } },
    },
  },
  DaemonSet: { properties: { spec: { properties: { template: POD_TEMPLATE } } } },
  HorizontalPodAutoscaler: {},
  PodDisruptionBudget: {
    properties: { spec: { properties: { selector: { 'x-kubernetes-patch-strategy': 'replace' } } } },
  },
};
