import { isIPv4 } from 'node:net';
import type { ApiObject } from '../../object.ts';
import { isExternal, needsHealthCheck } from '../../schema/built-in/service.ts';
import { clusterAddressErrors } from '../../schema/built-in/service-addresses.ts';
import { element, type FieldError, invalid } from '../../schema/field-error.ts';
import { type JsonObject, jsonEqual, objectAt, objectsAt, textAt, textsAt } from '../../schema/json.ts';
import { invalidObject } from '../../status-error.ts';
import type { Strategy } from '../strategy.ts';
import { Allotments } from './allotments.ts';
import { allotHealthCheckPort, allotNodePorts, nodePortAllotments, nodePortsOf } from './node-ports.ts';

/** 10.96.0.0/16 without its first 10 addresses (10.96.0.1 is the API in a real cluster) and its last. */
const FIRST_ADDRESS = 0x0a60_000a;
const LAST_ADDRESS = 0x0a60_fffe;
const SERVICE = { group: '', kind: 'Service' } as const;

/**
 * What the API server allots to a Service: the cluster IP and node ports, which nothing implements at home but which tools and
 * the translators expect, and the fields derived from them. As in Kubernetes, what cannot be allotted is refused before anything
 * else is looked at.
 *
 * Source: Kubernetes pkg/registry/core/service, strategy.go and storage/{storage,alloc}.go.
 */
export function serviceStrategy(): Strategy {
  const addresses = new Allotments(FIRST_ADDRESS, LAST_ADDRESS, addressesOf);
  const nodePorts = nodePortAllotments();
  return {
    hasGeneration: false,
    answersDeleted: true,
    allowsUnconditionalUpdate: true,
    createsOnUpdate: true,

    prepare(object, old, { collection }) {
      const spec = objectAt(object, 'spec');
      if (spec === undefined) return;
      const services = collection('', 'services');
      const before = objectAt(old, 'spec');
      spec.type ??= 'ClusterIP';
      spec.sessionAffinity ??= 'None';
      object.status = { loadBalancer: {}, ...objectAt(object, 'status') };
      if (before !== undefined) {
        dropOfOtherType(object, spec, before);
        keepAddresses(spec, before);
      }
      if (textAt(spec, 'clusterIP') !== '' && textsAt(spec, 'clusterIPs').length === 0) {
        spec.clusterIPs = [textAt(spec, 'clusterIP')];
      }
      if (spec.type === 'ExternalName') {
        if (spec.clusterIP === '') delete spec.clusterIP;
        delete spec.internalTrafficPolicy;
        return;
      }
      const refuse = (errors: readonly FieldError[]): void => {
        if (errors.length > 0) throw invalidObject(SERVICE, object.metadata.name, errors);
      };
      refuse(prepareFamilies(spec, before));
      const kept = textAt(before, 'clusterIP');
      const given = textAt(spec, 'clusterIP');
      if (given === '') {
        spec.clusterIP = addressText(addresses.allot(object, services));
        spec.clusterIPs = [spec.clusterIP];
      } else if (given !== 'None' && (kept === '' || before?.type === 'ExternalName')) {
        const number = addressNumber(given);
        const problem = isInRange(number)
          ? addresses.isFree(number, object, services)
            ? undefined
            : 'provided IP is already allocated'
          : 'the provided network does not match the current range';
        if (problem !== undefined) {
          refuse([invalid('spec.clusterIPs', [given], `failed to allocate IP ${given}: ${problem}`)]);
        }
      }
      refuse(allotNodePorts(object, spec, before, nodePorts, services));
      if (needsHealthCheck(spec)) allotHealthCheckPort(object, spec, before, nodePorts, services);
    },
  };
}

/**
 * Fields that the type of before wanted and this one does not, unless the client changed them. Source: dropTypeDependentFields.
 */
function dropOfOtherType(object: ApiObject, spec: JsonObject, before: JsonObject): void {
  const dropSame = (key: string): void => {
    if (jsonEqual(spec[key], before[key])) delete spec[key];
  };
  const named = spec.type === 'ExternalName';
  if (before.type !== 'ExternalName' && named) {
    if (jsonEqual(spec.clusterIP, before.clusterIP) && jsonEqual(spec.clusterIPs, before.clusterIPs)) {
      delete spec.clusterIP;
      delete spec.clusterIPs;
    }
    dropSame('ipFamilies');
    dropSame('ipFamilyPolicy');
  }
  const known = new Set(nodePortsOf({ spec: before }));
  const knowsAll = nodePortsOf({ spec: { ports: spec.ports ?? [] } }).every((port) => known.has(port));
  if (hasNodePorts(before) && !hasNodePorts(spec) && knowsAll) {
    for (const port of objectsAt(spec, 'ports')) delete port['nodePort'];
  }
  if (needsHealthCheck(before) && !needsHealthCheck(spec)) dropSame('healthCheckNodePort');
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    dropSame('allocateLoadBalancerNodePorts');
    dropSame('loadBalancerClass');
  }
  if (isExternal(before) && !isExternal(spec)) dropSame('externalTrafficPolicy');
  if (spec.type !== 'LoadBalancer') object.status = { ...objectAt(object, 'status'), loadBalancer: {} };
}

function hasNodePorts(spec: JsonObject): boolean {
  return spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

/** What a client left out stays as it is. Source: patchAllocatedValues, normalizeClusterIPs. */
function keepAddresses(spec: JsonObject, before: JsonObject): void {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return;
  const kept = textAt(before, 'clusterIP');
  if (textAt(spec, 'clusterIP') === '' && kept !== '') spec.clusterIP = kept;
  const all = textsAt(spec, 'clusterIPs');
  if (all.length === 0) spec.clusterIPs = [...textsAt(before, 'clusterIPs')];
  if (spec.clusterIP !== kept && jsonEqual(spec.clusterIPs, before.clusterIPs)) {
    spec.clusterIPs = [textAt(spec, 'clusterIP')];
  }
}

/** Families and policy of what has addresses: IPv4 is all there is. Source: initIPFamilyFields. */
function prepareFamilies(spec: JsonObject, before: JsonObject | undefined): readonly FieldError[] {
  const headless = spec.clusterIP === 'None';
  const selects = Object.keys(objectAt(spec, 'selector') ?? {}).length > 0;
  const free = headless && !selects;
  spec.ipFamilyPolicy ??= before?.ipFamilyPolicy ?? (free ? 'RequireDualStack' : 'SingleStack');
  const errors = [...clusterAddressErrors(spec)];
  if (errors.length > 0) return errors;
  const families = textsAt(spec, 'ipFamilies');
  if (spec.ipFamilyPolicy === 'SingleStack') {
    const why = (what: string): string =>
      `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`;
    if (textsAt(spec, 'clusterIPs').length === 2) {
      errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why('cluster IPs')));
    }
    if (families.length === 2) errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why('IP families')));
  }
  if (errors.length > 0) return errors;
  if (free) {
    const [first = 'IPv4', second = first === 'IPv4' ? 'IPv6' : 'IPv4'] = families;
    spec.ipFamilies = spec.ipFamilyPolicy === 'SingleStack' ? [first] : [first, second];
    return [];
  }
  // Headless, it needs no addresses: its endpoints may have both families.
  if (headless) {
    if (families.length === 0) spec.ipFamilies = ['IPv4'];
    return [];
  }
  if (spec.ipFamilyPolicy === 'RequireDualStack') {
    const why = 'this cluster is not configured for dual-stack services';
    errors.push(invalid('spec.ipFamilyPolicy', spec.ipFamilyPolicy, why));
  }
  for (const [index, family] of families.entries()) {
    if (family === 'IPv4') continue;
    errors.push(invalid(element('spec.ipFamilies', index), family, 'not configured on this cluster'));
  }
  if (errors.length === 0 && families.length === 0) spec.ipFamilies = ['IPv4'];
  return errors;
}

function addressesOf(service: JsonObject): readonly number[] {
  const address = textAt(objectAt(service, 'spec'), 'clusterIP');
  return isIPv4(address) ? [addressNumber(address)] : [];
}

function isInRange(address: number): boolean {
  return address >= FIRST_ADDRESS - 9 && address <= LAST_ADDRESS;
}

/** NaN of IPv6. */
function addressNumber(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
}

function addressText(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
}
