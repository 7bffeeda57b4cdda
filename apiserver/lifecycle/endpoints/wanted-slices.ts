import { isIPv6 } from 'node:net';
import { type ApiObject, asApiObject } from '../../object.ts';
import { type JsonObject, jsonEqual, listAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import {
  addressIn,
  hostnameIn,
  isReady,
  isTerminating,
  portGroups,
  publishesNotReady,
  targetReference,
} from './pod-endpoints.ts';
import { HEADLESS } from './wanted-endpoints.ts';

export const SERVICE_NAME = 'kubernetes.io/service-name';
export const SLICE_MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
export const SLICE_CONTROLLER = 'endpointslice-controller.k8s.io';
export const MIRROR_CONTROLLER = 'endpointslicemirroring-controller.k8s.io';

/** Endpoints that belong together: one family, one set of ports; they may be in several slices. */
export interface SliceGroup {
  readonly addressType: string;
  readonly ports: readonly JsonObject[];
  readonly endpoints: readonly JsonObject[];
}

/** What all slices of a Service have in common. */
export interface SliceSet {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly owner: ApiObject;
  readonly service: string;
  readonly namespace: string;
  /** Endpoints in one slice at most. */
  readonly size: number;
  readonly groups: readonly SliceGroup[];
}

const SLICE_SIZE = 100;
const MIRROR_SIZE = 1000;

/**
 * The slices of a Service with a selector, a group for each family and each set of ports. Without Pods there is one empty group for each
 * family: who watches slices sees that the Service has none, not that nobody has looked.
 *
 * Source: Kubernetes staging endpointslice, reconciler.go and utils.go.
 *
 * @param pods those that are endpoints
 */
export function slicesOfPods(service: ApiObject, pods: readonly ApiObject[]): SliceSet {
  const spec = objectAt(service, 'spec');
  const given = listAt(spec, 'ipFamilies').map(String);
  const families = given.length > 0 ? given : [isIPv6(textAt(spec, 'clusterIP')) ? 'IPv6' : 'IPv4'];
  const { name, namespace = '', labels = {} } = service.metadata;
  const groups = families.flatMap((addressType): readonly SliceGroup[] => {
    const reachable = pods.filter((pod) => addressIn(pod, addressType) !== undefined);
    if (reachable.length === 0) return [{ addressType, ports: [], endpoints: [] }];
    return portGroups(service, reachable).map(({ ports, pods: served }) => ({
      addressType,
      ports,
      endpoints: served.map((pod) => endpointOf(service, pod, addressType)),
    }));
  });
  const headless = textAt(spec, 'clusterIP') === 'None' ? { [HEADLESS]: '' } : {};
  return {
    labels: { ...labels, ...headless, [SERVICE_NAME]: name, [SLICE_MANAGED_BY]: SLICE_CONTROLLER },
    annotations: {},
    owner: service,
    service: name,
    namespace,
    size: SLICE_SIZE,
    groups,
  };
}

function endpointOf(service: ApiObject, pod: ApiObject, addressType: string): JsonObject {
  const serving = isReady(pod);
  const terminating = isTerminating(pod);
  const nodeName = textAt(objectAt(pod, 'spec'), 'nodeName');
  const hostname = hostnameIn(service, pod);
  return {
    addresses: [addressIn(pod, addressType) ?? ''],
    conditions: { ready: publishesNotReady(service) || (serving && !terminating), serving, terminating },
    ...(hostname === '' ? {} : { hostname }),
    targetRef: targetReference(pod),
    ...(nodeName === '' ? {} : { nodeName }),
  };
}

/** Kept back from mirrored slices. */
const OWN_ANNOTATIONS: ReadonlySet<string> = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  'endpoints.kubernetes.io/last-change-trigger-time',
]);
export const SKIP_MIRROR = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';

/** Endpoints that somebody wrote, not a lock and not taken out. */
export function isMirrored({ metadata }: ApiObject): boolean {
  return metadata.labels?.[SKIP_MIRROR] !== 'true' && metadata.annotations?.[LEADER] === undefined;
}

/**
 * The slices that say what the Endpoints of a Service without a selector say.
 *
 * Source: Kubernetes pkg/controller/endpointslicemirroring.
 */
export function slicesOfEndpoints(endpoints: ApiObject): SliceSet {
  const { name, namespace = '', labels = {}, annotations = {} } = endpoints.metadata;
  const groups = new Map<string, { addressType: string; ports: readonly JsonObject[]; endpoints: JsonObject[] }>();
  for (const subset of objectsAt(endpoints, 'subsets')) {
    const ports = objectsAt(subset, 'ports').map((port): JsonObject => ({ name: textAt(port, 'name'), ...port }));
    for (const list of ['addresses', 'notReadyAddresses']) {
      for (const { ip = '', ...rest } of objectsAt(subset, list)) {
        const addressType = isIPv6(String(ip)) ? 'IPv6' : 'IPv4';
        const id = `${addressType} ${JSON.stringify(ports)}`;
        const group = groups.get(id) ?? { addressType, ports, endpoints: [] };
        groups.set(id, group);
        group.endpoints.push({ addresses: [ip], conditions: { ready: list === 'addresses' }, ...rest });
      }
    }
  }
  const kept = Object.entries(annotations).filter(([key]) => !OWN_ANNOTATIONS.has(key));
  return {
    labels: { ...labels, [SERVICE_NAME]: name, [SLICE_MANAGED_BY]: MIRROR_CONTROLLER },
    annotations: Object.fromEntries(kept),
    owner: endpoints,
    service: name,
    namespace,
    size: MIRROR_SIZE,
    groups: [...groups.values()],
  };
}

/** What is to be done so that `present` becomes what is wanted. */
export interface SliceChanges {
  readonly create: readonly ApiObject[];
  readonly update: readonly ApiObject[];
  readonly remove: readonly ApiObject[];
}

/** Endpoints stay in the slices they are in; new ones fill what has room. */
export function sliceChanges(wanted: SliceSet, present: readonly ApiObject[]): SliceChanges {
  const create: ApiObject[] = [];
  const update: ApiObject[] = [];
  const kept = new Set<ApiObject>();
  for (const { addressType, ports, endpoints } of wanted.groups) {
    const slices = present.filter(
      (slice) => textAt(slice, 'addressType') === addressType && jsonEqual([...objectsAt(slice, 'ports')], [...ports]),
    );
    const left = new Map(endpoints.map((endpoint) => [identityOf(endpoint), endpoint]));
    const filled = slices.map((slice) => ({ slice, endpoints: taken(left, objectsAt(slice, 'endpoints')) }));
    const rest = [...left.values()];
    for (const each of filled) {
      each.endpoints.push(...rest.splice(0, Math.max(0, wanted.size - each.endpoints.length)));
    }
    // One slice remains, even an empty one.
    const remaining = filled.filter(
      (each, index) => each.endpoints.length > 0 || (endpoints.length === 0 && index === 0),
    );
    for (const { slice, endpoints: held } of remaining) {
      kept.add(slice);
      const next = sliceOf(wanted, { addressType, ports, endpoints: held }, slice);
      if (!jsonEqual(next, slice)) update.push(next);
    }
    while (rest.length > 0)
      create.push(sliceOf(wanted, { addressType, ports, endpoints: rest.splice(0, wanted.size) }));
    if (endpoints.length === 0 && remaining.length === 0)
      create.push(sliceOf(wanted, { addressType, ports, endpoints }));
  }
  return { create, update, remove: present.filter((slice) => !kept.has(slice)) };
}

/** Those of `held` that are still wanted, as they are wanted; takes them out of `left`. */
function taken(left: Map<string, JsonObject>, held: readonly JsonObject[]): JsonObject[] {
  return held.flatMap((endpoint) => {
    const id = identityOf(endpoint);
    const wanted = left.get(id);
    left.delete(id);
    return wanted === undefined ? [] : [wanted];
  });
}

function identityOf(endpoint: JsonObject): string {
  return `${listAt(endpoint, 'addresses').join()} ${textAt(objectAt(endpoint, 'targetRef'), 'uid')}`;
}

function sliceOf(wanted: SliceSet, group: SliceGroup, present?: ApiObject): ApiObject {
  const { apiVersion, kind, metadata } = wanted.owner;
  const { name, uid = '' } = metadata;
  const slice = asApiObject({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    ...present,
    metadata: {
      name: '',
      generateName: `${wanted.service}-`,
      namespace: wanted.namespace,
      ownerReferences: [{ apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true }],
      ...present?.metadata,
      labels: { ...wanted.labels },
      ...(Object.keys(wanted.annotations).length === 0 ? {} : { annotations: { ...wanted.annotations } }),
    },
    addressType: group.addressType,
    endpoints: [...group.endpoints],
    ports: [...group.ports],
  });
  if (typeof slice === 'string') throw new TypeError(slice);
  return slice;
}
