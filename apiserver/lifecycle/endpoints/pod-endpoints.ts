import { isIPv6 } from 'node:net';
import type { ApiObject } from '../../object.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';

/** Ports of endpoints, in the form of EndpointSlices, and the Pods that serve all of them. */
export interface PortGroup {
  readonly ports: readonly JsonObject[];
  readonly pods: readonly ApiObject[];
}

/** A Pod is behind a Service as long as it has an address and has not ended. */
export function isEndpoint(pod: ApiObject): boolean {
  const phase = textAt(objectAt(pod, 'status'), 'phase');
  return phase !== 'Failed' && phase !== 'Succeeded' && addressesOf(pod).length > 0;
}

export function addressesOf(pod: ApiObject): readonly string[] {
  const status = objectAt(pod, 'status');
  const all = objectsAt(status, 'podIPs').map((each) => textAt(each, 'ip'));
  const first = textAt(status, 'podIP');
  return (all.length > 0 ? all : [first]).filter((address) => address !== '');
}

/** The address of a Pod in a family. */
export function addressIn(pod: ApiObject, family: string): string | undefined {
  return addressesOf(pod).find((address) => (isIPv6(address) ? 'IPv6' : 'IPv4') === family);
}

export function isReady(pod: ApiObject): boolean {
  return objectsAt(objectAt(pod, 'status'), 'conditions').some(
    ({ type, status }) => type === 'Ready' && status === 'True',
  );
}

export function isTerminating(pod: ApiObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/**
 * The Pods of a Service by the ports that they serve: a named target port may be another number in each, or absent in some.
 *
 * Source: Kubernetes staging endpointslice, getEndpointPorts; pkg/api/v1/pod, FindPort.
 */
export function portGroups(service: ApiObject, pods: readonly ApiObject[]): readonly PortGroup[] {
  const groups = new Map<string, { readonly ports: readonly JsonObject[]; readonly pods: ApiObject[] }>();
  for (const pod of pods) {
    const ports = endpointPorts(service, pod);
    const id = JSON.stringify(ports);
    const group = groups.get(id) ?? { ports, pods: [] };
    groups.set(id, group);
    group.pods.push(pod);
  }
  return [...groups.values()];
}

function endpointPorts(service: ApiObject, pod: ApiObject): readonly JsonObject[] {
  return objectsAt(objectAt(service, 'spec'), 'ports').flatMap((port) => {
    const protocol = textAt(port, 'protocol') || 'TCP';
    const number = targetNumber(port, protocol, pod);
    if (number === undefined) return [];
    const appProtocol = textAt(port, 'appProtocol');
    const name = textAt(port, 'name');
    return [{ name, port: number, protocol, ...(appProtocol === '' ? {} : { appProtocol }) }];
  });
}

function targetNumber(port: JsonObject, protocol: string, pod: ApiObject): number | undefined {
  const { targetPort = port['port'] } = port;
  if (typeof targetPort === 'number') return targetPort;
  const spec = objectAt(pod, 'spec');
  const sidecars = objectsAt(spec, 'initContainers').filter((each) => each['restartPolicy'] === 'Always');
  for (const container of [...objectsAt(spec, 'containers'), ...sidecars]) {
    for (const each of objectsAt(container, 'ports')) {
      const isIt = each['name'] === targetPort && (textAt(each, 'protocol') || 'TCP') === protocol;
      if (isIt) return numberAt(each, 'containerPort');
    }
  }
  return undefined;
}

export function targetReference({ metadata }: ApiObject): JsonObject {
  const { namespace = '', name, uid = '' } = metadata;
  return { kind: 'Pod', namespace, name, uid };
}

/** A Pod that says it belongs to the Service has a name of its own in its domain. */
export function hostnameIn(service: ApiObject, pod: ApiObject): string {
  const spec = objectAt(pod, 'spec');
  return textAt(spec, 'subdomain') === service.metadata.name ? textAt(spec, 'hostname') : '';
}

export function publishesNotReady(service: ApiObject): boolean {
  return objectAt(service, 'spec')?.['publishNotReadyAddresses'] === true;
}
