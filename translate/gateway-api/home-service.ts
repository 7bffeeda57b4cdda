import { ANNOTATION_FURTHER_METADATA } from '@causeway/apis/gateway/labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, Service } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { hasOwnPlane } from './class.ts';
import { gatewayPlaneOf } from './data-plane.ts';
import { gatewayLabels, gatewayPorts, gatewayWorkloadOf } from './gateway-workload.ts';

/** What stands for a Gateway where its data plane is a process of the machine. */
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
  const instances = view.by('Instance', 'alb', objectKeyText(gatewayPlaneOf(key)));
  const addresses = instances.flatMap(({ status }) => [status?.address ?? [], status?.furtherAddresses ?? []].flat());
  const labels = gatewayLabels(gateway);
  const { annotations = {} } = gateway.spec.infrastructure ?? {};
  const further = [...Object.keys(labels), ...Object.keys(annotations)].sort();
  return {
    addresses: [...new Set(addresses)].sort(),
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

/** Whether a Service was made for a Gateway of this name; others are not touched. */
export function isHomeServiceOf({ metadata }: Service, gateway: ObjectKey): boolean {
  return (metadata.ownerReferences ?? []).some(
    ({ kind, name, controller }) => kind === 'Gateway' && name === gateway.name && controller === true,
  );
}

function ownerOf({ apiVersion, kind, metadata: { name, uid = '' } }: Gateway) {
  return { apiVersion, kind, name, uid, controller: true };
}
