import { isIPv4, isIPv6 } from 'node:net';
import {
  child,
  duplicate,
  element,
  type FieldError,
  invalid,
  notSupported,
  required,
  tooMany,
} from '../field-error.ts';
import { addressErrors, canonicalAddress, canonicalAddressErrors, endpointAddressErrors } from '../ip-address.ts';
import { type JsonObject, jsonEqual, listAt, objectsAt, textAt } from '../json.ts';
import { dnsLabel, dnsSubdomain, qualifiedNameProblems } from '../names.ts';
import type { KindRules } from './rules.ts';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** Source: Kubernetes pkg/apis/discovery/validation and pkg/registry/discovery/endpointslice; loopback addresses are allowed at home. */
export const endpointSliceRules: KindRules = {
  applyDefaults(object) {
    for (const port of objectsAt(object, 'ports')) port['name'] ??= '';
    object['endpoints'] ??= [];
  },
  validate(object, old) {
    const type = textAt(object, 'addressType');
    const errors: FieldError[] = [];
    if (type === '') errors.push(required('addressType'));
    errors.push(...portErrors(object));
    const ofEndpoints = endpointErrors(object, type);
    // What was allowed once may stay.
    if (ofEndpoints.length > 0 && !jsonEqual(old?.['endpoints'], object['endpoints'])) errors.push(...ofEndpoints);
    if (old !== undefined && textAt(old, 'addressType') !== type) {
      errors.push(invalid('addressType', type, 'field is immutable'));
    }
    return errors;
  },
  warnings(object, old) {
    const type = textAt(object, 'addressType');
    if (type === 'FQDN' && old === undefined) return ['spec.addressType: FQDN endpoints are deprecated'];
    return type === 'IPv6' ? formWarnings(object) : [];
  },
};

/** Addresses that were there before anybody looked at their form. */
function formWarnings(object: JsonObject): readonly string[] {
  const warnings: string[] = [];
  for (const [index, endpoint] of objectsAt(object, 'endpoints').entries()) {
    const path = child(element('endpoints', index), 'addresses');
    for (const [at, address] of listAt(endpoint, 'addresses').entries()) {
      if (typeof address !== 'string' || !isIPv6(address)) continue;
      const canonical = canonicalAddress(address);
      if (canonical === address) continue;
      const form = `should be in RFC 5952 canonical format (${JSON.stringify(canonical)})`;
      warnings.push(`${element(path, at)}: IPv6 address ${JSON.stringify(address)} ${form}`);
    }
  }
  return warnings;
}

function endpointErrors(object: JsonObject, type: string): readonly FieldError[] {
  const endpoints = objectsAt(object, 'endpoints');
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)];
  const errors: FieldError[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const at = element('endpoints', index);
    const path = child(at, 'addresses');
    const addresses = listAt(endpoint, 'addresses');
    if (addresses.length === 0) errors.push(required(path, 'must contain at least 1 address'));
    if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(path, addresses.length, MAX_ADDRESSES));
    for (const [which, address] of addresses.entries()) {
      if (typeof address === 'string') errors.push(...endpointErrorsOf(address, type, path, which));
    }
    const node = textAt(endpoint, 'nodeName');
    const nodeProblem = node === '' ? undefined : dnsSubdomain(node);
    if (nodeProblem !== undefined) errors.push(invalid(child(at, 'nodeName'), node, nodeProblem));
    const host = endpoint['hostname'];
    const hostProblem = typeof host === 'string' ? dnsLabel(host) : undefined;
    if (hostProblem !== undefined) errors.push(invalid(child(at, 'hostname'), host, hostProblem));
  }
  return errors;
}

function endpointErrorsOf(address: string, type: string, list: string, index: number): readonly FieldError[] {
  const path = element(list, index);
  switch (type) {
    case 'IPv4': {
      const malformed = addressErrors(address, path);
      if (malformed.length > 0) return malformed;
      const family = isIPv4(address) ? [] : [invalid(list, address, 'must be an IPv4 address')];
      return [...family, ...endpointAddressErrors(address, path)];
    }
    case 'IPv6': {
      const malformed = canonicalAddressErrors(address, path);
      if (malformed.length > 0) return malformed;
      const family = isIPv6(address) ? [] : [invalid(list, address, 'must be an IPv6 address')];
      return [...family, ...endpointAddressErrors(address, path)];
    }
    case 'FQDN':
      return qualifiedDomainErrors(address.replace(/\.$/, ''), path);
    default:
      return [];
  }
}

/** Source: apimachinery pkg/util/validation, IsFullyQualifiedDomainName. */
function qualifiedDomainErrors(name: string, path: string): readonly FieldError[] {
  if (name === '') return [required(path)];
  const problem = dnsSubdomain(name);
  if (problem !== undefined) return [invalid(path, name, problem)];
  const labels = name.split('.');
  if (labels.length < 2) {
    return [invalid(path, name, 'should be a domain with at least two segments separated by dots')];
  }
  const tooLong = labels.find((label) => dnsLabel(label) !== undefined);
  return tooLong === undefined ? [] : [invalid(path, tooLong, dnsLabel(tooLong) ?? '')];
}

function portErrors(object: JsonObject): readonly FieldError[] {
  const ports = objectsAt(object, 'ports');
  if (ports.length > MAX_PORTS) return [tooMany('ports', ports.length, MAX_PORTS)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = element('ports', index);
    const name = textAt(port, 'name');
    const problem = name === '' ? undefined : dnsLabel(name);
    if (problem !== undefined) errors.push(invalid(child(path, 'name'), name, problem));
    if (names.has(name)) errors.push(duplicate(child(path, 'name'), name));
    names.add(name);
    const protocol = textAt(port, 'protocol');
    if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(child(path, 'protocol'), protocol, PROTOCOLS));
    const application = port['appProtocol'];
    for (const each of typeof application === 'string' ? qualifiedNameProblems(application) : []) {
      errors.push(invalid(child(path, 'appProtocol'), application, each));
    }
  }
  return errors;
}
