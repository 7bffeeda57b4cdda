import { child, duplicate, element, type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { type JsonObject, jsonEqual, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dnsLabel, type NameCheck, portNameProblems, portNumber } from '../names.ts';
import type { KindRules } from './rules.ts';

/**
 * Nothing runs Pods at home; they are stored, so that manifests apply and say why. Only what users get wrong most is checked.
 *
 * Source: Kubernetes pkg/apis/core/validation, ValidatePodSpec; pkg/apis/core/v1 defaults.
 */
export const podRules: KindRules = {
  applyDefaults(object) {
    const spec = objectAt(object, 'spec');
    if (spec !== undefined) {
      applyPodSpecDefaults(spec);
      spec['enableServiceLinks'] ??= true;
      for (const container of containersOf(spec)) requestLimits(container);
    }
    object['status'] = { phase: 'Pending', qosClass: 'BestEffort', ...objectAt(object, 'status') };
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...podSpecErrors(spec, 'spec')];
    const before = objectAt(old, 'spec');
    if (errors.length === 0 && before !== undefined && !jsonEqual(frozenPart(spec), frozenPart(before))) {
      errors.push(
        forbidden(
          'spec',
          'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
        ),
      );
    }
    return errors;
  },
};

/** Defaults of a Pod's spec that depend on other fields; also for templates. */
export function applyPodSpecDefaults(spec: JsonObject): void {
  const account = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount');
  if (account !== '') {
    spec['serviceAccountName'] = account;
    spec['serviceAccount'] = account;
  }
  for (const volume of objectsAt(spec, 'volumes')) {
    if (Object.keys(volume).every((key) => key === 'name')) volume['emptyDir'] = {};
  }
  for (const container of [...containersOf(spec), ...objectsAt(spec, 'ephemeralContainers')]) {
    container['imagePullPolicy'] ??= pullPolicyOf(textAt(container, 'image'));
    if (spec['hostNetwork'] !== true) continue;
    for (const port of objectsAt(container, 'ports')) port['hostPort'] ??= port['containerPort'] ?? 0;
  }
}

function containersOf(spec: JsonObject): readonly JsonObject[] {
  return [...objectsAt(spec, 'initContainers'), ...objectsAt(spec, 'containers')];
}

/** What is limited is requested too, unless the container says how much. */
function requestLimits(container: JsonObject): void {
  const resources = objectAt(container, 'resources');
  const limits = objectAt(resources, 'limits');
  if (resources === undefined || limits === undefined) return;
  resources['requests'] = { ...structuredClone(limits), ...objectAt(resources, 'requests') };
}

/** `Always` for `:latest` or no tag: the image behind the name may change. */
function pullPolicyOf(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  const tagged = name.includes('@') || (name.includes(':') && !name.endsWith(':latest'));
  return tagged ? 'IfNotPresent' : 'Always';
}

export function podSpecErrors(spec: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const volumes = named(objectsAt(spec, 'volumes'), `${path}.volumes`, dnsLabel);
  errors.push(...volumes.errors);
  const containers = objectsAt(spec, 'containers');
  if (containers.length === 0) errors.push(required(`${path}.containers`));
  const taken = new Set<string>();
  for (const list of ['initContainers', 'containers']) {
    const field = child(path, list);
    errors.push(...named(objectsAt(spec, list), field, dnsLabel, taken).errors);
    for (const [index, container] of objectsAt(spec, list).entries()) {
      errors.push(...containerErrors(container, element(field, index), volumes.names));
    }
  }
  return errors;
}

function containerErrors(container: JsonObject, path: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (textAt(container, 'image') === '') errors.push(required(child(path, 'image')));
  for (const [index, port] of objectsAt(container, 'ports').entries()) {
    const at = element(child(path, 'ports'), index);
    const number = numberAt(port, 'containerPort') ?? 0;
    const problem = portNumber(number);
    if (number === 0) errors.push(required(child(at, 'containerPort')));
    else if (problem !== undefined) errors.push(invalid(child(at, 'containerPort'), number, problem));
    const name = textAt(port, 'name');
    if (name !== '') errors.push(...portNameProblems(name).map((each) => invalid(child(at, 'name'), name, each)));
  }
  for (const [index, variable] of objectsAt(container, 'env').entries()) {
    if (textAt(variable, 'name') === '') errors.push(required(`${path}.env[${index}].name`));
  }
  for (const [index, mount] of objectsAt(container, 'volumeMounts').entries()) {
    const name = textAt(mount, 'name');
    if (!volumes.has(name)) {
      const field = `${path}.volumeMounts[${index}].name`;
      errors.push({ reason: 'FieldValueNotFound', field, message: `Not found: ${JSON.stringify(name)}` });
    }
  }
  return errors;
}

/** Checks the names in a list; `taken` are names that are used already. */
function named(
  list: readonly JsonObject[],
  path: string,
  check: NameCheck,
  taken: Set<string> = new Set(),
): { readonly errors: readonly FieldError[]; readonly names: ReadonlySet<string> } {
  const errors: FieldError[] = [];
  for (const [index, each] of list.entries()) {
    const field = child(element(path, index), 'name');
    const name = textAt(each, 'name');
    const problem = name === '' ? undefined : check(name);
    if (name === '') errors.push(required(field));
    else if (problem !== undefined) errors.push(invalid(field, name, problem));
    else if (taken.has(name)) errors.push(duplicate(field, name));
    taken.add(name);
  }
  return { errors, names: taken };
}

/** What of a Pod's spec cannot change after its creation. */
function frozenPart(spec: JsonObject): JsonObject {
  const { activeDeadlineSeconds: _a, tolerations: _t, terminationGracePeriodSeconds: _g, nodeName: _n, ...rest } = spec;
  for (const list of ['containers', 'initContainers']) {
    if (rest[list] !== undefined)
      rest[list] = objectsAt(spec, list).map(({ image: _image, ...container }) => container);
  }
  return rest;
}
