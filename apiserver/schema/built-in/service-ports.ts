import {
  child,
  duplicate,
  element,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../field-error.ts';
import { type JsonObject, type JsonValue, numberAt, objectsAt, textAt } from '../json.ts';
import { dnsLabel, portNameProblems, portNumber, qualifiedName } from '../names.ts';

/* Ports of a Service. Source: Kubernetes pkg/apis/core/validation, validateServicePort, ValidateService. */

export const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];

/** Each for itself, and their names together. */
export function portErrors(spec: JsonObject): readonly FieldError[] {
  const errors: FieldError[] = [];
  const ports = objectsAt(spec, 'ports');
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const path = element('spec.ports', index);
    errors.push(...nameErrors(textAt(port, 'name'), child(path, 'name'), names, ports.length > 1));
    const number = numberAt(port, 'port') ?? 0;
    const problem = portNumber(number);
    if (problem !== undefined) errors.push(invalid(child(path, 'port'), number, problem));
    const protocol = textAt(port, 'protocol');
    if (protocol === '') errors.push(required(child(path, 'protocol')));
    else if (!PROTOCOLS.includes(protocol)) errors.push(notSupported(child(path, 'protocol'), protocol, PROTOCOLS));
    errors.push(...portReferenceErrors(port['targetPort'], child(path, 'targetPort')));
    const appProtocol = port['appProtocol'];
    const unqualified = typeof appProtocol === 'string' ? qualifiedName(appProtocol) : undefined;
    if (unqualified !== undefined) errors.push(invalid(child(path, 'appProtocol'), appProtocol, unqualified));
  }
  return errors;
}

function nameErrors(name: string, path: string, names: Set<string>, isNeeded: boolean): readonly FieldError[] {
  if (name === '') return isNeeded ? [required(path)] : [];
  const problem = dnsLabel(name);
  const errors = problem === undefined ? [] : [invalid(path, name, problem)];
  if (names.has(name)) errors.push(duplicate(path, name));
  names.add(name);
  return errors;
}

/** The number or the name of a container's port. */
export function portReferenceErrors(target: JsonValue | undefined, path: string): readonly FieldError[] {
  if (typeof target === 'number') {
    const problem = portNumber(target);
    return problem === undefined ? [] : [invalid(path, target, problem)];
  }
  if (typeof target !== 'string') return [];
  return portNameProblems(target).map((problem) => invalid(path, target, problem));
}

/** Node ports where there are none, then what two ports of the Service both have. */
export function portConflictErrors(spec: JsonObject): readonly FieldError[] {
  const ports = objectsAt(spec, 'ports');
  const errors: FieldError[] = [];
  if (textAt(spec, 'type') === 'ClusterIP') {
    for (const [index, port] of ports.entries()) {
      if (!numberAt(port, 'nodePort')) continue;
      const field = child(element('spec.ports', index), 'nodePort');
      errors.push(forbidden(field, "may not be used when `type` is 'ClusterIP'"));
    }
  }
  const nodePorts = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const nodePort = numberAt(port, 'nodePort') ?? 0;
    if (nodePort === 0) continue;
    const key = `${textAt(port, 'protocol')} ${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(child(element('spec.ports', index), 'nodePort'), nodePort));
    nodePorts.add(key);
  }
  const numbers = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const { protocol = '', port: number = 0 } = port;
    const key = `${String(protocol)} ${String(number)}`;
    if (numbers.has(key)) errors.push(duplicate(element('spec.ports', index), { port: number, protocol }));
    numbers.add(key);
  }
  return errors;
}
