import { ANNOTATION_FURTHER_METADATA } from '@causeway/apis/gateway/labels';
import { operatorLabels } from '@causeway/apis/gateway/operator-labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, GatewayClass, Service } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { classWorkloadOf, mergedPlaneOf } from '../class/merged-class.ts';
import { gatewayPlaneOf, hasOwnPlane } from '../plane/data-plane.ts';
import { classLabels, classPorts, gatewayLabels, gatewayPorts, gatewayWorkloadOf } from './gateway-workload.ts';
import { translateClassPlane } from './plane-instance.ts';

/** What stands for a Gateway, or a GatewayClass whose Gateways share a data plane, where that is a process of the machine. */
export interface HomeServiceTranslation {
  /** Absent: there must be none. */
  readonly service?: Service;
  /** Where it is reached, sorted. */
  readonly addresses: readonly string[];
}

/**
 * Gateway -> a Service with its ports, labels and annotations, for those who read Services: `kubectl get service`, DNS, monitoring. It selects no pods, and no traffic
 * depends on it.
 *
 * Source: Gateway API v1, GatewayInfrastructure.
 */
export function translateHomeService(view: View, key: ObjectKey): HomeServiceTranslation {
  const gateway = view.get('Gateway', key);
  const isServed =
    gateway !== undefined && gateway.metadata.deletionTimestamp === undefined && hasOwnPlane(view, gateway);
  if (!isServed) return { addresses: [] };
  const labels = gatewayLabels(gateway);
  const { annotations = {} } = gateway.spec.infrastructure ?? {};
  const further = [...Object.keys(labels), ...Object.keys(annotations)].sort();
  return {
    addresses: addressesAt(view, gatewayPlaneOf(key)),
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        ...gatewayWorkloadOf(key),
        labels,
        annotations: { ...annotations, [ANNOTATION_FURTHER_METADATA]: JSON.stringify(further) },
        ownerReferences: [ownerOf(gateway)],
      },
      spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: gatewayPorts(view, gateway) },
    },
  };
}

/** The same of a GatewayClass whose Gateways share a data plane, with the ports of all of them. */
export function translateClassHomeService(view: View, key: ObjectKey): HomeServiceTranslation {
  const found = view.get('GatewayClass', key);
  const plane = found && mergedPlaneOf(view, found);
  if (found === undefined || plane === undefined || translateClassPlane(view, key) === undefined)
    return { addresses: [] };
  const labels = { ...classLabels(key), ...operatorLabels(classWorkloadOf(key)) };
  return {
    addresses: addressesAt(view, plane),
    service: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        namespace: plane.namespace,
        name: classWorkloadOf(key).name,
        labels,
        annotations: { [ANNOTATION_FURTHER_METADATA]: JSON.stringify(Object.keys(classLabels(key))) },
        ownerReferences: [ownerOf(found)],
      },
      spec: { type: 'LoadBalancer', allocateLoadBalancerNodePorts: false, ports: classPorts(view, key) },
    },
  };
}

function addressesAt(view: View, plane: ObjectKey): readonly string[] {
  const instances = view.by('Instance', 'alb', objectKeyText(plane));
  const addresses = instances.flatMap(({ status }) => [status?.address ?? [], status?.furtherAddresses ?? []].flat());
  return [...new Set(addresses)].sort();
}

/** The Services that were made for a GatewayClass. */
export function homeServicesOfClass(view: View, key: ObjectKey): readonly Service[] {
  return view.by('Service', 'workload', objectKeyText(classWorkloadOf(key)));
}

/** Whether a Service was made for a Gateway of this name; others are not touched. */
export function isHomeServiceOf({ metadata }: Service, gateway: ObjectKey): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ kind, name, controller }) => kind === 'Gateway' && name === gateway.name && controller === true,
  );
}

function ownerOf({ apiVersion, kind, metadata: { name, uid = '' } }: Gateway | GatewayClass) {
  return { apiVersion, kind, name, uid, controller: true };
}
