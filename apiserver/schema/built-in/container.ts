import { parseQuantity } from '@causeway/apis/meta/quantity';
import {
  child,
  duplicate,
  element,
  type FieldError,
  forbidden,
  invalid,
  keyed,
  notSupported,
  required,
} from '../field-error.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts';
import { dnsLabel, portNameProblems, portNumber, qualifiedName } from '../names.ts';
import { environmentErrors } from './container-environment.ts';
import { handlerErrors, probeErrors } from './container-handler.ts';
import { PROTOCOLS } from './service-ports.ts';

/* Containers of a Pod. Source: Kubernetes pkg/apis/core/validation, validateContainers, validateInitContainers, in their order. */

const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'];
const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const HIGHEST_USER = 2_147_483_647;

/** @param volumes names of the Pod's volumes */
export function containersErrors(spec: JsonObject, path: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const list = child(path, 'containers');
  const containers = objectsAt(spec, 'containers');
  const errors: FieldError[] = [];
  if (containers.length === 0) errors.push(required(list));
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const at = element(list, index);
    errors.push(...containerErrors(container, at, volumes), ...repeatedNameErrors(container, at, names));
    errors.push(...lifeErrors(container, at));
    if (container['restartPolicy'] !== undefined) {
      errors.push(forbidden(child(at, 'restartPolicy'), 'may not be set for non-init containers'));
    }
  }
  errors.push(...hostPortErrors(containers, list));
  const before = child(path, 'initContainers');
  for (const [index, container] of objectsAt(spec, 'initContainers').entries()) {
    const at = element(before, index);
    errors.push(...containerErrors(container, at, volumes), ...repeatedNameErrors(container, at, names));
    errors.push(...hostPortErrors([container], before), ...initErrors(container, at));
  }
  return errors;
}

function repeatedNameErrors(container: JsonObject, path: string, names: Set<string>): readonly FieldError[] {
  const name = textAt(container, 'name');
  if (name === '') return [];
  if (names.has(name)) return [duplicate(child(path, 'name'), name)];
  names.add(name);
  return [];
}

/** Init containers run once, unless they are sidecars. */
function initErrors(container: JsonObject, path: string): readonly FieldError[] {
  const policy = container['restartPolicy'];
  if (policy === 'Always') return lifeErrors(container, path);
  const errors: FieldError[] = [];
  if (policy !== undefined) errors.push(notSupported(child(path, 'restartPolicy'), policy, ['Always']));
  for (const key of ['lifecycle', ...PROBES]) {
    if (container[key] === undefined) continue;
    errors.push(forbidden(child(path, key), 'may not be set for init containers without restartPolicy=Always'));
  }
  return errors;
}

/** Hooks and probes. */
function lifeErrors(container: JsonObject, path: string): readonly FieldError[] {
  const lifecycle = objectAt(container, 'lifecycle');
  const errors: FieldError[] = [];
  for (const key of ['postStart', 'preStop']) {
    const hook = objectAt(lifecycle, key);
    if (hook !== undefined) errors.push(...handlerErrors(hook, `${path}.lifecycle.${key}`));
  }
  for (const key of PROBES) {
    const probe = objectAt(container, key);
    if (probe !== undefined) errors.push(...probeErrors(probe, child(path, key)));
  }
  return errors;
}

/** What holds for containers of every sort. */
function containerErrors(container: JsonObject, path: string, volumes: ReadonlySet<string>): readonly FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(container, 'name');
  const problem = name === '' ? undefined : dnsLabel(name);
  if (name === '') errors.push(required(child(path, 'name')));
  else if (problem !== undefined) errors.push(invalid(child(path, 'name'), name, problem));
  if (textAt(container, 'image') === '') errors.push(required(child(path, 'image')));
  const message = textAt(container, 'terminationMessagePolicy');
  if (message !== '' && !MESSAGE_POLICIES.includes(message)) {
    errors.push(notSupported(child(path, 'terminationMessagePolicy'), message, MESSAGE_POLICIES));
  }
  errors.push(...portErrors(container, child(path, 'ports')), ...environmentErrors(container, path));
  for (const [index, mount] of objectsAt(container, 'volumeMounts').entries()) {
    const volume = textAt(mount, 'name');
    if (volumes.has(volume)) continue;
    const field = `${path}.volumeMounts[${index}].name`;
    errors.push({ reason: 'FieldValueNotFound', field, message: `Not found: ${JSON.stringify(volume)}` });
  }
  const pull = textAt(container, 'imagePullPolicy');
  if (pull !== '' && !PULL_POLICIES.includes(pull)) {
    errors.push(notSupported(child(path, 'imagePullPolicy'), pull, PULL_POLICIES));
  }
  const resources = objectAt(container, 'resources');
  if (resources !== undefined) errors.push(...resourceErrors(resources, child(path, 'resources')));
  const security = objectAt(container, 'securityContext');
  if (security !== undefined) errors.push(...securityErrors(security, child(path, 'securityContext')));
  return errors;
}

function portErrors(container: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, port] of objectsAt(container, 'ports').entries()) {
    const at = element(path, index);
    const name = textAt(port, 'name');
    const problems = name === '' ? [] : portNameProblems(name);
    errors.push(...problems.map((problem) => invalid(child(at, 'name'), name, problem)));
    if (names.has(name)) errors.push(duplicate(child(at, 'name'), name));
    else if (name !== '' && problems.length === 0) names.add(name);
    const number = numberAt(port, 'containerPort') ?? 0;
    if (number === 0) errors.push(required(child(at, 'containerPort')));
    for (const key of ['containerPort', 'hostPort']) {
      const value = numberAt(port, key) ?? 0;
      const problem = value === 0 ? undefined : portNumber(value);
      if (problem !== undefined) errors.push(invalid(child(at, key), value, problem));
    }
    const protocol = textAt(port, 'protocol');
    if (protocol !== '' && !PROTOCOLS.includes(protocol)) {
      errors.push(notSupported(child(at, 'protocol'), protocol, PROTOCOLS));
    }
  }
  return errors;
}

/** A port of the node serves one container. */
function hostPortErrors(containers: readonly JsonObject[], path: string): readonly FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap((container, index) =>
    objectsAt(container, 'ports').flatMap((port, at) => {
      const number = numberAt(port, 'hostPort') ?? 0;
      if (number === 0) return [];
      const key = `${textAt(port, 'protocol')}/${textAt(port, 'hostIP')}/${number}`;
      if (taken.has(key)) return [duplicate(`${path}[${index}].ports[${at}].hostPort`, key)];
      taken.add(key);
      return [];
    }),
  );
}

const STANDARD_RESOURCES: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Source: validateResourceRequirements, validateContainerResourceName. */
function resourceErrors(resources: JsonObject, path: string): readonly FieldError[] {
  const limits = objectAt(resources, 'limits') ?? {};
  const errors: FieldError[] = [];
  for (const list of ['limits', 'requests']) {
    for (const [name, value] of Object.entries(objectAt(resources, list) ?? {})) {
      const field = keyed(child(path, list), name);
      errors.push(...resourceNameErrors(name, field));
      const amount = parseQuantity(String(value)) ?? 0;
      if (amount < 0) errors.push(invalid(field, String(value), 'must be greater than or equal to 0'));
      const limit = list === 'requests' ? limits[name] : undefined;
      if (limit === undefined || amount <= (parseQuantity(String(limit)) ?? 0)) continue;
      const detail = `must be less than or equal to ${name} limit of ${String(limit)}`;
      errors.push(invalid(child(path, 'requests'), String(value), detail));
    }
  }
  return errors;
}

function resourceNameErrors(name: string, field: string): readonly FieldError[] {
  const problem = qualifiedName(name);
  // Kubernetes prints the name as it is.
  const wrong = (detail: string): FieldError => ({
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${name}: ${detail}`,
  });
  const errors = problem === undefined ? [] : [wrong(problem)];
  if (name.includes('/') || STANDARD_RESOURCES.has(name) || name.startsWith('hugepages-')) return errors;
  const why = 'must be a standard resource type or fully qualified';
  return [...errors, wrong(why), wrong('must be a standard resource for containers')];
}

function securityErrors(security: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['runAsUser', 'runAsGroup']) {
    const id = numberAt(security, key);
    if (id === undefined || (id >= 0 && id <= HIGHEST_USER)) continue;
    errors.push(invalid(child(path, key), id, `must be between 0 and ${HIGHEST_USER}, inclusive`));
  }
  if (security['allowPrivilegeEscalation'] !== false) return errors;
  const contradicts = 'cannot set `allowPrivilegeEscalation` to false and';
  if (security['privileged'] === true) {
    errors.push(invalid(path, security, `${contradicts} \`privileged\` to true`));
  }
  if (textsAt(objectAt(security, 'capabilities'), 'add').includes('CAP_SYS_ADMIN')) {
    errors.push(invalid(path, security, `${contradicts} \`capabilities.Add\` CAP_SYS_ADMIN`));
  }
  return errors;
}
