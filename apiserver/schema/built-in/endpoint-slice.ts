import { isIPv4, isIPv6 } from 'node:net';
import { child, duplicate, element, type FieldError, invalid, required, tooMany } from '../field-error.ts';
import { type JsonObject, listAt, numberAt, objectsAt, textAt } from '../json.ts';
import { dnsLabel, dnsSubdomain, portNumber } from '../names.ts';
import type { KindRules } from './rules.ts';

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;

/**
 * Source: Kubernetes pkg/apis/discovery/validation. One difference, on purpose: a real server refuses loopback and link-local
 * addresses; at home loopback addresses are how backends on this machine are named (design, section 3).
 */
export const endpointSliceRules: KindRules = {
  applyDefaults(object) {
    for (const port of objectsAt(object, 'ports')) port['name'] ??= '';
    object['endpoints'] ??= [];
  },
  validate(object, old) {
    const type = textAt(object, 'addressType');
    const errors: FieldError[] = [];
    if (type === '') errors.push(required('addressType'));
    if (old !== undefined && textAt(old, 'addressType') !== type) {
      errors.push(invalid('addressType', type, 'field is immutable'));
    }
    return [...errors, ...endpointErrors(object, type), ...portErrors(object)];
  },
};

function endpointErrors(object: JsonObject, type: string): readonly FieldError[] {
  const endpoints = objectsAt(object, 'endpoints');
  if (endpoints.length > MAX_ENDPOINTS) return [tooMany('endpoints', endpoints.length, MAX_ENDPOINTS)];
  const errors: FieldError[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const path = child(element('endpoints', index), 'addresses');
    const addresses = listAt(endpoint, 'addresses');
    if (addresses.length === 0) errors.push(required(path, 'must contain at least 1 address'));
    if (addresses.length > MAX_ADDRESSES) errors.push(tooMany(path, addresses.length, MAX_ADDRESSES));
    for (const [at, address] of addresses.entries()) {
      if (typeof address !== 'string') continue;
      const problem = addressProblem(address, type);
      if (problem !== undefined) errors.push(invalid(element(path, at), address, problem));
    }
  }
  return errors;
}

function addressProblem(address: string, type: string): string | undefined {
  switch (type) {
    case 'IPv4':
      if (!isIPv4(address)) return 'must be a valid IPv4 address';
      if (address === '0.0.0.0') return 'may not be unspecified (0.0.0.0)';
      return address.startsWith('169.254.')
        ? 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'
        : undefined;
    case 'IPv6':
      if (!isIPv6(address)) return 'must be a valid IPv6 address';
      return /^fe[89ab]/i.test(address) ? 'may not be in the link-local range (169.254.0.0/16, fe80::/10)' : undefined;
    case 'FQDN':
      return dnsSubdomain(address.replace(/\.$/, ''));
    default:
      return undefined;
  }
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
    const number = numberAt(port, 'port');
    const numberProblem = number === undefined ? undefined : portNumber(number);
    if (number !== undefined && numberProblem !== undefined) {
      errors.push(invalid(child(path, 'port'), number, numberProblem));
    }
  }
  return errors;
}
