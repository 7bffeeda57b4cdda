import { child, element, type FieldError, invalid, notSupported, required } from '../field-error.ts';
import { addressErrors, endpointAddressErrors } from '../ip-address.ts';
import { type JsonObject, jsonEqual, numberAt, objectsAt, textAt } from '../json.ts';
import { dnsLabel, dnsSubdomain, portNumber, qualifiedNameProblems } from '../names.ts';
import type { KindRules } from './rules.ts';

const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** Source: Kubernetes pkg/apis/core/validation, ValidateEndpoints; loopback addresses are allowed at home (design, section 3). */
export const endpointsRules: KindRules = {
  validate(object, old) {
    if (old !== undefined && jsonEqual(old['subsets'], object['subsets'])) return [];
    const errors: FieldError[] = [];
    for (const [index, subset] of objectsAt(object, 'subsets').entries()) {
      const path = element('subsets', index);
      const lists = ['addresses', 'notReadyAddresses'];
      if (lists.every((list) => objectsAt(subset, list).length === 0)) {
        errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
      }
      for (const list of lists) {
        for (const [at, address] of objectsAt(subset, list).entries()) {
          errors.push(...addressErrorsOf(address, element(child(path, list), at)));
        }
      }
      const ports = objectsAt(subset, 'ports');
      for (const [at, port] of ports.entries()) {
        errors.push(...portErrors(port, ports.length > 1, element(child(path, 'ports'), at)));
      }
    }
    return errors;
  },
};

function addressErrorsOf(address: JsonObject, path: string): readonly FieldError[] {
  const ip = textAt(address, 'ip');
  const errors = [...addressErrors(ip, child(path, 'ip'))];
  const host = textAt(address, 'hostname');
  const hostProblem = host === '' ? undefined : dnsLabel(host);
  if (hostProblem !== undefined) errors.push(invalid(child(path, 'hostname'), host, hostProblem));
  const node = address['nodeName'];
  const nodeProblem = typeof node === 'string' ? dnsSubdomain(node) : undefined;
  if (nodeProblem !== undefined) errors.push(invalid(child(path, 'nodeName'), node, nodeProblem));
  return [...errors, ...endpointAddressErrors(ip, child(path, 'ip'))];
}

function portErrors(port: JsonObject, mustHaveName: boolean, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(port, 'name');
  if (name === '' && mustHaveName) errors.push(required(child(path, 'name')));
  const nameProblem = name === '' ? undefined : dnsLabel(name);
  if (nameProblem !== undefined) errors.push(invalid(child(path, 'name'), name, nameProblem));
  const number = numberAt(port, 'port') ?? 0;
  const problem = portNumber(number);
  if (problem !== undefined) errors.push(invalid(child(path, 'port'), number, problem));
  const protocol = textAt(port, 'protocol');
  if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(child(path, 'protocol'), protocol, PROTOCOLS));
  const application = port['appProtocol'];
  for (const each of typeof application === 'string' ? qualifiedNameProblems(application) : []) {
    errors.push(invalid(child(path, 'appProtocol'), application, each));
  }
  return errors;
}
