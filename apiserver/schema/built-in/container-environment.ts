import { child, element, type FieldError, invalid, notSupported, required } from '../field-error.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../json.ts';
import { configKey, dnsSubdomain, qualifiedName } from '../names.ts';

/* Environment variables of a container. Source: Kubernetes pkg/apis/core/validation, ValidateEnv, ValidateEnvFrom. */

const VARIABLE = /^[ -<>-~]+$/;
const VARIABLE_SENTENCE =
  "a valid environment variable name must consist only of printable ASCII characters other than '='";

/** Fields of its Pod that a variable may hold. */
const POD_FIELDS = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const KEYED_POD_FIELD = /^metadata\.(?:annotations|labels)\['(?<key>[^']*)'\]$/;

const CONTAINER_RESOURCES = [
  'limits.cpu',
  'limits.ephemeral-storage',
  'limits.memory',
  'requests.cpu',
  'requests.ephemeral-storage',
  'requests.memory',
];

/** Where a value comes from: what is wrong with each source. */
const SOURCES: Readonly<Record<string, (source: JsonObject, path: string) => readonly FieldError[]>> = {
  fieldRef: podFieldErrors,
  resourceFieldRef: resourceFieldErrors,
  configMapKeyRef: keyErrors,
  secretKeyRef: keyErrors,
};

/** @param path of the container */
export function environmentErrors(container: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, variable] of objectsAt(container, 'env').entries()) {
    const at = element(child(path, 'env'), index);
    const name = textAt(variable, 'name');
    if (name === '') errors.push(required(child(at, 'name')));
    else if (!VARIABLE.test(name)) errors.push(invalid(child(at, 'name'), name, VARIABLE_SENTENCE));
    const from = objectAt(variable, 'valueFrom');
    if (from !== undefined) errors.push(...valueErrors(variable, from, child(at, 'valueFrom')));
  }
  const list = child(path, 'envFrom');
  for (const [index, source] of objectsAt(container, 'envFrom').entries()) {
    const at = element(list, index);
    const prefix = textAt(source, 'prefix');
    if (prefix !== '' && !VARIABLE.test(prefix)) errors.push(invalid(child(at, 'prefix'), prefix, VARIABLE_SENTENCE));
    const named = ['configMapRef', 'secretRef'].filter((key) => objectAt(source, key) !== undefined);
    for (const key of named) errors.push(...nameErrors(objectAt(source, key), `${at}.${key}.name`));
    // About the list, not the item, as Kubernetes does.
    if (named.length === 0) errors.push(invalid(list, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (named.length > 1) errors.push(invalid(list, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

function valueErrors(variable: JsonObject, from: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  let count = 0;
  for (const [key, check] of Object.entries(SOURCES)) {
    const source = objectAt(from, key);
    if (source === undefined) continue;
    count++;
    errors.push(...check(source, child(path, key)));
  }
  if (count === 0) {
    const kinds = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
    errors.push(invalid(path, '', kinds));
  } else if (textAt(variable, 'value') !== '') {
    errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (count > 1) errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  return errors;
}

function podFieldErrors(source: JsonObject, path: string): readonly FieldError[] {
  const field = textAt(source, 'fieldPath');
  const at = child(path, 'fieldPath');
  if (field === '') return [required(at)];
  const key = KEYED_POD_FIELD.exec(field)?.groups?.['key'];
  if (key !== undefined) {
    const problem = qualifiedName(field.startsWith('metadata.annotations') ? key.toLowerCase() : key);
    return problem === undefined ? [] : [invalid(path, key, problem)];
  }
  if (field === 'metadata.labels' || field === 'metadata.annotations') return [notSupported(at, field, POD_FIELDS)];
  // The old name of `spec.nodeName`.
  if (POD_FIELDS.includes(field) || field === 'spec.host') return [];
  return [invalid(at, field, `error converting fieldPath: field label not supported: ${field}`)];
}

function resourceFieldErrors(source: JsonObject, path: string): readonly FieldError[] {
  const resource = textAt(source, 'resource');
  const at = child(path, 'resource');
  if (resource === '') return [required(at)];
  const isKnown = CONTAINER_RESOURCES.includes(resource) || /^(?:limits|requests)\.hugepages-/.test(resource);
  return isKnown ? [] : [notSupported(at, resource, CONTAINER_RESOURCES)];
}

function keyErrors(source: JsonObject, path: string): readonly FieldError[] {
  const name = textAt(source, 'name');
  const problem = dnsSubdomain(name);
  // An empty name was allowed once, and is still.
  const errors = problem === undefined || name === '' ? [] : [invalid(child(path, 'name'), name, problem)];
  const key = textAt(source, 'key');
  const keyProblem = key === '' ? undefined : configKey(key);
  if (key === '') errors.push(required(child(path, 'key')));
  else if (keyProblem !== undefined) errors.push(invalid(child(path, 'key'), key, keyProblem));
  return errors;
}

function nameErrors(source: JsonObject | undefined, path: string): readonly FieldError[] {
  const name = textAt(source, 'name');
  if (name === '') return [required(path)];
  const problem = dnsSubdomain(name);
  return problem === undefined ? [] : [invalid(path, name, problem)];
}
