import { isIP } from 'node:net';
import { child, element, type FieldError, invalid, required } from '../field-error.ts';
import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dns1035Label, dnsSubdomain, portNameProblems, portNumber, wildcardSubdomain } from '../names.ts';
import type { KindRules } from './rules.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** Source: Kubernetes pkg/apis/networking/validation, ValidateIngress. */
export const ingressRules: KindRules = {
  applyDefaults(object) {
    object['status'] ??= { loadBalancer: {} };
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors: FieldError[] = [];
    const rules = objectsAt(spec, 'rules');
    const backend = objectAt(spec, 'defaultBackend');
    if (rules.length === 0 && backend === undefined) {
      errors.push(invalid('spec', [], 'either `defaultBackend` or `rules` must be specified'));
    }
    if (backend !== undefined) errors.push(...backendErrors(backend, 'spec.defaultBackend'));
    for (const [index, rule] of rules.entries()) errors.push(...ruleErrors(rule, element('spec.rules', index)));
    for (const [index, tls] of objectsAt(spec, 'tls').entries()) {
      const path = child(element('spec.tls', index), 'hosts');
      for (const [at, host] of listAt(tls, 'hosts').entries()) {
        const problem = typeof host === 'string' ? hostProblem(host) : undefined;
        if (problem !== undefined) errors.push(invalid(element(path, at), host, problem));
      }
    }
    return [...errors, ...classErrors(object, spec, old)];
  },
};

function classErrors(object: JsonObject, spec: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const name = textAt(spec, 'ingressClassName');
  const annotation = textAt(objectAt(objectAt(object, 'metadata'), 'annotations'), CLASS_ANNOTATION);
  const errors: FieldError[] = [];
  if (old === undefined && name !== '' && annotation !== '') {
    const field = `annotations.${CLASS_ANNOTATION}`;
    errors.push(invalid(field, annotation, 'can not be set when the class field is also set'));
  }
  const problem = name === '' ? undefined : dnsSubdomain(name);
  if (problem !== undefined) errors.push(invalid('spec.ingressClassName', name, problem));
  return errors;
}

function ruleErrors(rule: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const host = textAt(rule, 'host');
  if (host !== '') {
    const problem = isIP(host) === 0 ? hostProblem(host) : 'must be a DNS name, not an IP address';
    if (problem !== undefined) errors.push(invalid(child(path, 'host'), host, problem));
  }
  const http = objectAt(rule, 'http');
  if (http === undefined) return errors;
  const paths = objectsAt(http, 'paths');
  const pathsField = `${path}.http.paths`;
  if (paths.length === 0) errors.push(required(pathsField));
  for (const [index, each] of paths.entries()) {
    const field = element(pathsField, index);
    errors.push(...pathErrors(each, field));
    const backend = objectAt(each, 'backend');
    if (backend !== undefined) errors.push(...backendErrors(backend, child(field, 'backend')));
  }
  return errors;
}

function hostProblem(host: string): string | undefined {
  return host.includes('*') ? wildcardSubdomain(host) : dnsSubdomain(host);
}

function pathErrors(each: JsonObject, field: string): readonly FieldError[] {
  const type = textAt(each, 'pathType');
  const path = textAt(each, 'path');
  const at = child(field, 'path');
  if (type === 'ImplementationSpecific') {
    return path === '' || path.startsWith('/') ? [] : [invalid(at, path, 'must be an absolute path')];
  }
  if (type !== 'Exact' && type !== 'Prefix') return []; // the schema has reported it
  if (!path.startsWith('/')) return [invalid(at, path, 'must be an absolute path')];
  const errors: FieldError[] = [];
  for (const sequence of ['//', '/./', '/../', '%2f', '%2F']) {
    if (path.includes(sequence)) errors.push(invalid(at, path, `must not contain '${sequence}'`));
  }
  for (const suffix of ['/..', '/.']) {
    if (path.endsWith(suffix)) errors.push(invalid(at, path, `cannot end with '${suffix}'`));
  }
  return errors;
}

function backendErrors(backend: JsonObject, field: string): readonly FieldError[] {
  const service = objectAt(backend, 'service');
  const resource = objectAt(backend, 'resource');
  if (service !== undefined && resource !== undefined) {
    return [invalid(field, null, 'cannot set both resource and service backends')];
  }
  if (service === undefined) {
    return resource === undefined ? [required(field, 'resource or service backend is required')] : [];
  }
  const errors: FieldError[] = [];
  const name = textAt(service, 'name');
  const nameField = `${field}.service.name`;
  const nameProblem = dns1035Label(name);
  if (name === '') errors.push(required(nameField));
  else if (nameProblem !== undefined) errors.push(invalid(nameField, name, nameProblem));
  return [...errors, ...backendPortErrors(objectAt(service, 'port'), field)];
}

function backendPortErrors(port: JsonObject | undefined, backend: string): readonly FieldError[] {
  const number = numberAt(port, 'number') ?? 0;
  const name = textAt(port, 'name');
  const field = `${backend}.service.port`;
  if (number !== 0 && name !== '') return [invalid(backend, null, 'cannot set both port name & port number')];
  if (name !== '') {
    return portNameProblems(name).map((problem) => invalid(child(field, 'name'), name, problem));
  }
  if (number === 0) return [required(backend, 'port name or number is required')];
  const problem = portNumber(number);
  return problem === undefined ? [] : [invalid(child(field, 'number'), number, problem)];
}
