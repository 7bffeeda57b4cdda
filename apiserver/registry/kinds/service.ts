import { isIPv4 } from 'node:net';
import type { ApiObject } from '../../object.ts';
import { element, type FieldError, invalid } from '../../schema/field-error.ts';
import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import type { Collection } from '../../storage/collection.ts';
import type { Strategy } from '../strategy.ts';
import { Allotments } from './allotments.ts';

/** 10.96.0.0/16 without its first 10 addresses (10.96.0.1 is the API in a real cluster) and its last. */
const FIRST_ADDRESS = 0x0a60_000a;
const LAST_ADDRESS = 0x0a60_fffe;
const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;

/**
 * What the API server allots to a Service: the cluster IP and node ports, which nothing implements at home but which tools and
 * the translators expect, and the fields derived from them.
 *
 * Source: Kubernetes pkg/registry/core/service.
 */
export function serviceStrategy(): Strategy {
  const addresses = new Allotments(FIRST_ADDRESS, LAST_ADDRESS, addressesOf);
  const nodePorts = new Allotments(FIRST_NODE_PORT, LAST_NODE_PORT, nodePortsOf);
  return {
    hasGeneration: false,
    answersDeleted: true,
    allowsUnconditionalUpdate: true,

    prepare(object, old, { collection }) {
      const spec = objectAt(object, 'spec');
      if (spec === undefined) return;
      const services = collection('', 'services');
      spec.type ??= 'ClusterIP';
      spec.sessionAffinity ??= 'None';
      for (const port of objectsAt(spec, 'ports')) {
        port.protocol ??= 'TCP';
        port.targetPort ??= port.port ?? 0;
      }
      object.status = { loadBalancer: {}, ...objectAt(object, 'status') };
      if (spec.type === 'ExternalName') {
        prepareExternalName(spec);
        return;
      }
      prepareClusterAddress(object, spec, objectAt(old, 'spec'), addresses, services);
      prepareNodePorts(object, spec, objectAt(old, 'spec'), nodePorts, services);
    },

    validate(object, old, { collection }) {
      const services = collection('', 'services');
      return [...validateAddress(object, old, addresses, services), ...validateNodePorts(object, nodePorts, services)];
    },
  };
}

function prepareExternalName(spec: JsonObject): void {
  if (spec.clusterIP !== '' && spec.clusterIP !== undefined) return;
  delete spec.clusterIP;
  delete spec.clusterIPs;
  delete spec.internalTrafficPolicy;
}

function prepareClusterAddress(
  object: ApiObject,
  spec: JsonObject,
  before: JsonObject | undefined,
  addresses: Allotments,
  services: Collection,
): void {
  if (textAt(spec, 'clusterIP') === '' && typeof listAt(spec, 'clusterIPs')[0] === 'string')
    spec.clusterIP = listAt(spec, 'clusterIPs')[0] ?? '';
  if (textAt(spec, 'clusterIP') === '') {
    const kept = before?.type === 'ExternalName' ? '' : textAt(before, 'clusterIP');
    spec.clusterIP = kept === '' ? addressText(addresses.allot(object, services)) : kept;
  }
  if (!Array.isArray(spec.clusterIPs) || spec.clusterIPs.length === 0) spec.clusterIPs = [spec.clusterIP ?? ''];
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
  spec.internalTrafficPolicy ??= 'Cluster';
}

function prepareNodePorts(
  object: ApiObject,
  spec: JsonObject,
  before: JsonObject | undefined,
  nodePorts: Allotments,
  services: Collection,
): void {
  if (spec.type !== 'NodePort' && spec.type !== 'LoadBalancer') return;
  spec.externalTrafficPolicy ??= 'Cluster';
  if (spec.type === 'LoadBalancer') spec.allocateLoadBalancerNodePorts ??= true;
  if (spec.allocateLoadBalancerNodePorts === false) return;
  const taken = new Set<number>();
  for (const port of objectsAt(spec, 'ports')) {
    const same = objectsAt(before, 'ports').find((each) => each.port === port.port && each.protocol === port.protocol);
    const nodePort =
      (numberAt(port, 'nodePort') || undefined) ??
      numberAt(same, 'nodePort') ??
      nodePorts.allot(object, services, taken);
    port.nodePort = nodePort;
    taken.add(nodePort);
  }
}

function validateAddress(
  object: ApiObject,
  old: ApiObject | undefined,
  addresses: Allotments,
  services: Collection,
): readonly FieldError[] {
  const spec = objectAt(object, 'spec');
  const address = textAt(spec, 'clusterIP');
  const before = objectAt(old, 'spec');
  const wasExternal = before?.type === 'ExternalName';
  const kept = textAt(before, 'clusterIP');
  if (spec?.type === 'ExternalName' || address === '' || address === kept) return [];
  const value = [address];
  if (kept !== '' && !wasExternal) return [invalid('spec.clusterIPs[0]', value, 'may not change once set')];
  if (address === 'None') return [];
  if (!isIPv4(address)) return [];
  const number = addressNumber(address);
  if (number < FIRST_ADDRESS - 9 || number > LAST_ADDRESS) {
    return [
      invalid(
        'spec.clusterIPs',
        value,
        'failed to allocate IP: the provided IP is not in the valid range 10.96.0.0/16',
      ),
    ];
  }
  const free = addresses.isFree(number, object, services);
  return free ? [] : [invalid('spec.clusterIPs', value, 'failed to allocate IP: provided IP is already allocated')];
}

function validateNodePorts(object: ApiObject, nodePorts: Allotments, services: Collection): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, port] of objectsAt(objectAt(object, 'spec'), 'ports').entries()) {
    const nodePort = numberAt(port, 'nodePort');
    if (nodePort === undefined || nodePort === 0) continue;
    const field = `${element('spec.ports', index)}.nodePort`;
    if (nodePort < FIRST_NODE_PORT || nodePort > LAST_NODE_PORT) {
      errors.push(
        invalid(field, nodePort, 'provided port is not in the valid range. The range of valid ports is 30000-32767'),
      );
    } else if (!nodePorts.isFree(nodePort, object, services)) {
      errors.push(invalid(field, nodePort, 'provided port is already allocated'));
    }
  }
  return errors;
}

function addressesOf(service: JsonObject): readonly number[] {
  const address = textAt(objectAt(service, 'spec'), 'clusterIP');
  return isIPv4(address) ? [addressNumber(address)] : [];
}

function nodePortsOf(service: JsonObject): readonly number[] {
  return objectsAt(objectAt(service, 'spec'), 'ports').flatMap((port) => numberAt(port, 'nodePort') ?? []);
}

function addressNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
}
