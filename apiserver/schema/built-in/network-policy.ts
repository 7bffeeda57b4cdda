import { isNetwork, parseAddress } from '@causeway/apis/meta/address';
import { child, element, type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { portNameProblems, portNumber } from '../names.ts';
import { labelSelectorErrors } from './label-selector.ts';
import type { KindRules } from './rules.ts';

/** Source: Kubernetes pkg/apis/networking/validation, ValidateNetworkPolicySpec; v1, SetDefaults_NetworkPolicy. */
export const networkPolicyRules: KindRules = {
  judgesAbsence: /^spec\.(?:podSelector|.*\.ipBlock\.cidr)$/,
  applyDefaults(object) {
    const spec = objectAt(object, 'spec');
    if (spec === undefined || listAt(spec, 'policyTypes').length > 0) return;
    spec['policyTypes'] = listAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
  },
  validate(object) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...labelSelectorErrors(objectAt(spec, 'podSelector'), 'spec.podSelector')];
    for (const [direction, peers] of [
      ['ingress', 'from'],
      ['egress', 'to'],
    ] as const) {
      for (const [index, rule] of objectsAt(spec, direction).entries()) {
        const path = element(`spec.${direction}`, index);
        for (const [at, port] of objectsAt(rule, 'ports').entries()) {
          errors.push(...portErrors(port, element(child(path, 'ports'), at)));
        }
        for (const [at, peer] of objectsAt(rule, peers).entries()) {
          errors.push(...peerErrors(peer, element(child(path, peers), at)));
        }
      }
    }
    if (listAt(spec, 'policyTypes').length > 2) {
      errors.push(invalid('spec.policyTypes', spec['policyTypes'], 'may not specify more than two policyTypes'));
    }
    return errors;
  },
};

function portErrors(object: JsonObject, path: string): readonly FieldError[] {
  const { port } = object;
  const end = numberAt(object, 'endPort');
  const endPath = child(path, 'endPort');
  if (typeof port === 'number') {
    const errors: FieldError[] = [];
    const problem = portNumber(port);
    if (problem !== undefined) errors.push(invalid(child(path, 'port'), port, problem));
    if (end === undefined) return errors;
    if (end < port) errors.push(invalid(endPath, port, 'must be greater than or equal to `port`'));
    const endProblem = portNumber(end);
    return endProblem === undefined ? errors : [...errors, invalid(endPath, end, endProblem)];
  }
  if (typeof port === 'string') {
    return [
      ...(end === undefined ? [] : [invalid(endPath, end, 'may not be specified when `port` is non-numeric')]),
      ...portNameProblems(port).map((problem) => invalid(child(path, 'port'), port, problem)),
    ];
  }
  return end === undefined ? [] : [invalid(endPath, end, 'may not be specified when `port` is not specified')];
}

function peerErrors(peer: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const selectors = ['podSelector', 'namespaceSelector'].filter((key) => peer[key] !== undefined);
  for (const key of selectors) errors.push(...labelSelectorErrors(objectAt(peer, key), child(path, key)));
  const block = objectAt(peer, 'ipBlock');
  if (block !== undefined) errors.push(...blockErrors(block, child(path, 'ipBlock')));
  if (block === undefined && selectors.length === 0) return [...errors, required(path, 'must specify a peer')];
  if (block === undefined || selectors.length === 0) return errors;
  return [...errors, forbidden(path, 'may not specify both ipBlock and another peer')];
}

const NOT_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';

function blockErrors(block: JsonObject, path: string): readonly FieldError[] {
  const cidr = textAt(block, 'cidr');
  if (cidr === '') return [required(child(path, 'cidr'))];
  if (!isNetwork(cidr)) return [invalid(child(path, 'cidr'), cidr, NOT_CIDR)];
  const errors: FieldError[] = [];
  for (const [index, text] of listAt(block, 'except').entries()) {
    const field = element(child(path, 'except'), index);
    if (typeof text !== 'string' || !isNetwork(text)) errors.push(invalid(field, text, NOT_CIDR));
    else if (!isInside(text, cidr)) errors.push(invalid(field, text, 'must be a strict subset of `cidr`'));
  }
  return errors;
}

/** Whether a network has fewer addresses than another one, and only such that the other one has too. */
function isInside(inner: string, outer: string): boolean {
  const [innerBits, innerLength] = bitsOf(inner);
  const [outerBits, outerLength] = bitsOf(outer);
  return (
    innerBits.length === outerBits.length &&
    innerLength > outerLength &&
    innerBits.slice(0, outerLength) === outerBits.slice(0, outerLength)
  );
}

/** The bits of the address as text, and the length of the prefix. */
function bitsOf(network: string): readonly [string, number] {
  const [address = '', length] = network.split('/');
  return [(parseAddress(address) ?? []).map((byte) => byte.toString(2).padStart(8, '0')).join(''), Number(length)];
}
