import { isIP } from 'node:net';
import { child, element, type FieldError, invalid, required } from '../field-error.ts';
import { addressErrors } from '../ip-address.ts';
import { type JsonObject, jsonEqual, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dns1035Label, dnsSubdomain, portNameProblems, portNumber, wildcardSubdomain } from '../names.ts';
import type { KindRules } from './rules.ts';
import { typedReferenceErrors } from './typed-reference.ts';

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';
const NOT_AN_ADDRESS = 'must be a DNS name, not an IP address';

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
    const checksSecrets = old === undefined || secretsOf(objectAt(old, 'spec')).every(isSecretName);
    for (const [index, tls] of objectsAt(spec, 'tls').entries()) {
      errors.push(...tlsErrors(tls, element('spec.tls', index), checksSecrets));
    }
    return [...errors, ...classErrors(object, spec, old), ...statusErrors(object, old)];
  },
  warnings(object, old) {
    const isDeprecated =
      old === undefined &&
      objectAt(objectAt(object, 'metadata'), 'annotations')?.[CLASS_ANNOTATION] !== undefined &&
      objectAt(object, 'spec')?.['ingressClassName'] === undefined;
    return isDeprecated
      ? [`annotation ${JSON.stringify(CLASS_ANNOTATION)} is deprecated, please use 'spec.ingressClassName' instead`]
      : [];
  },
};

function tlsErrors(tls: JsonObject, path: string, checksSecrets: boolean): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [at, host] of listAt(tls, 'hosts').entries()) {
    const problem = typeof host === 'string' ? hostProblem(host) : undefined;
    if (problem !== undefined) errors.push(invalid(element(child(path, 'hosts'), at), host, problem));
  }
  const secret = textAt(tls, 'secretName');
  const problem = secret === '' || !checksSecrets ? undefined : dnsSubdomain(secret);
  if (problem !== undefined) errors.push(invalid(child(path, 'secretName'), secret, problem));
  return errors;
}

/** Names that were wrong when nobody looked may stay so. */
function secretsOf(spec: JsonObject | undefined): readonly string[] {
  return objectsAt(spec, 'tls').map((tls) => textAt(tls, 'secretName'));
}

function isSecretName(name: string): boolean {
  return name === '' || dnsSubdomain(name) === undefined;
}

/** Source: Kubernetes pkg/apis/networking/validation, ValidateIngressLoadBalancerStatus. */
function statusErrors(object: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const status = object['status'];
  if (old === undefined || jsonEqual(status, old['status'])) return [];
  const before = new Set(publishedAt(old).map((each) => textAt(each, 'ip')));
  const errors: FieldError[] = [];
  for (const [index, each] of publishedAt(object).entries()) {
    const path = element('status.loadBalancer.ingress', index);
    const [ip, hostname] = [textAt(each, 'ip'), textAt(each, 'hostname')];
    if (ip !== '' && !before.has(ip)) errors.push(...addressErrors(ip, child(path, 'ip')));
    if (hostname === '') continue;
    const problem = dnsSubdomain(hostname);
    if (problem !== undefined) errors.push(invalid(child(path, 'hostname'), hostname, problem));
    if (isIP(hostname) !== 0) errors.push(invalid(child(path, 'hostname'), hostname, NOT_AN_ADDRESS));
  }
  return errors;
}

function publishedAt(object: JsonObject): readonly JsonObject[] {
  return objectsAt(objectAt(objectAt(object, 'status'), 'loadBalancer'), 'ingress');
}

function classErrors(object: JsonObject, spec: JsonObject, old: JsonObject | undefined): readonly FieldError[] {
  const name = textAt(spec, 'ingressClassName');
  const annotation = objectAt(objectAt(object, 'metadata'), 'annotations')?.[CLASS_ANNOTATION];
  const errors: FieldError[] = [];
  const problem = name === '' ? undefined : dnsSubdomain(name);
  if (problem !== undefined) errors.push(invalid('spec.ingressClassName', name, problem));
  if (old === undefined && name !== '' && annotation !== undefined && annotation !== name) {
    const field = `annotations.${CLASS_ANNOTATION}`;
    errors.push(invalid(field, annotation, 'must match `ingressClassName` when both are specified'));
  }
  return errors;
}

function ruleErrors(rule: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const host = textAt(rule, 'host');
  if (host !== '') {
    const problem = isIP(host) === 0 ? hostProblem(host) : NOT_AN_ADDRESS;
    if (problem !== undefined) errors.push(invalid(child(path, 'host'), host, problem));
  }
  const http = objectAt(rule, 'http');
  if (http === undefined) return errors;
  const paths = objectsAt(http, 'paths');
  const pathsField = `${path}.http.paths`;
  if (paths.length === 0) errors.push(required(pathsField));
  for (const [index, each] of paths.entries()) {
    const field = element(pathsField, index);
    if (textAt(each, 'pathType') === '') {
      errors.push(required(child(field, 'pathType'), 'pathType must be specified'));
      continue;
    }
    errors.push(...pathErrors(each, field), ...backendErrors(objectAt(each, 'backend') ?? {}, child(field, 'backend')));
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
    return [invalid(field, '', 'cannot set both resource and service backends')];
  }
  if (resource !== undefined) return typedReferenceErrors(resource, child(field, 'resource'));
  if (service === undefined) return [invalid(field, '', 'resource or service backend is required')];
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
  if (number !== 0 && name !== '') return [invalid(backend, '', 'cannot set both port name & port number')];
  if (name !== '') {
    return portNameProblems(name).map((problem) => invalid(child(field, 'name'), name, problem));
  }
  if (number === 0) return [required(backend, 'port name or number is required')];
  const problem = portNumber(number);
  return problem === undefined ? [] : [invalid(child(field, 'number'), number, problem)];
}
