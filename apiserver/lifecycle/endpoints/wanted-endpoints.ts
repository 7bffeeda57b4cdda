import type { ApiObject } from '../../object.ts';
import { type JsonObject, objectAt, textAt } from '../../schema/json.ts';
import {
  addressesOf,
  hostnameIn,
  isReady,
  isTerminating,
  portGroups,
  publishesNotReady,
  targetReference,
} from './pod-endpoints.ts';

export const HEADLESS = 'service.kubernetes.io/headless';
export const ENDPOINTS_MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
export const ENDPOINTS_CONTROLLER = 'endpoint-controller';

/** As in a cluster; what is above is left out, and said so. */
const MAX_ADDRESSES = 1000;
const OVER_CAPACITY = 'endpoints.kubernetes.io/over-capacity';

/**
 * The Endpoints of a Service with a selector: name and labels of the Service, and its Pods by the ports that they serve.
 *
 * Source: Kubernetes pkg/controller/endpoint, syncService.
 *
 * @param pods those that are endpoints
 */
export function wantedEndpoints(service: ApiObject, pods: readonly ApiObject[]): ApiObject {
  const everybody = publishesNotReady(service);
  const counted = pods.filter((pod) => everybody || !isTerminating(pod)).slice(0, MAX_ADDRESSES);
  const { name, namespace = '', labels = {} } = service.metadata;
  const headless = textAt(objectAt(service, 'spec'), 'clusterIP') === 'None' ? { [HEADLESS]: '' } : {};
  const subsets = portGroups(service, counted).map(({ ports, pods: served }) =>
    subsetOf(service, ports, served, everybody),
  );
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: {
      name,
      namespace,
      labels: { ...labels, [ENDPOINTS_MANAGED_BY]: ENDPOINTS_CONTROLLER, ...headless },
      ...(pods.length > MAX_ADDRESSES ? { annotations: { [OVER_CAPACITY]: 'truncated' } } : {}),
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

function subsetOf(
  service: ApiObject,
  ports: readonly JsonObject[],
  pods: readonly ApiObject[],
  everybody: boolean,
): JsonObject {
  const addresses: JsonObject[] = [];
  const notReadyAddresses: JsonObject[] = [];
  for (const pod of pods) {
    const [ip = ''] = addressesOf(pod);
    const nodeName = textAt(objectAt(pod, 'spec'), 'nodeName');
    const hostname = hostnameIn(service, pod);
    const address = {
      ip,
      ...(hostname === '' ? {} : { hostname }),
      ...(nodeName === '' ? {} : { nodeName }),
      targetRef: targetReference(pod),
    };
    (everybody || isReady(pod) ? addresses : notReadyAddresses).push(address);
  }
  const named = ports.map(({ name, ...port }) => (name === '' || name === undefined ? port : { name, ...port }));
  return {
    ...(addresses.length === 0 ? {} : { addresses }),
    ...(notReadyAddresses.length === 0 ? {} : { notReadyAddresses }),
    ...(named.length === 0 ? {} : { ports: named }),
  };
}
