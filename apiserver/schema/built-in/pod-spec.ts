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
import { addressErrors } from '../ip-address.ts';
import { type JsonObject, numberAt, objectAt, objectsAt, textAt, textsAt } from '../json.ts';
import { labelsErrors } from '../labels.ts';
import { dnsLabel, dnsSubdomain, labelValue, qualifiedName, qualifiedNameProblems } from '../names.ts';
import { containersErrors } from './container.ts';
import { labelSelectorErrors } from './label-selector.ts';

/** Volumes may have one of these; in the order in which Kubernetes looks. */
const VOLUME_SOURCES = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'persistentVolumeClaim',
  'rbd',
  'cinder',
  'cephfs',
  'flocker',
  'downwardAPI',
  'fc',
  'configMap',
  'azureFile',
  'vsphereVolume',
  'photonPersistentDisk',
  'portworxVolume',
  'azureDisk',
  'storageos',
  'projected',
  'scaleIO',
  'csi',
  'ephemeral',
  'image',
];
const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const OPERATORS = ['Equal', 'Exists'];
const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];
const EMPTY = 'can not be empty';

/** What is wrong with a Pod's spec. Source: Kubernetes pkg/apis/core/validation, ValidatePodSpec, in its order. */
export function podSpecErrors(spec: JsonObject, path: string): readonly FieldError[] {
  const names = new Set(objectsAt(spec, 'volumes').map((volume) => textAt(volume, 'name')));
  return [
    ...volumeErrors(spec, child(path, 'volumes')),
    ...containersErrors(spec, path, names),
    ...hostNetworkErrors(spec, path),
    ...choiceErrors(spec, path, 'restartPolicy', RESTART_POLICIES),
    ...choiceErrors(spec, path, 'dnsPolicy', DNS_POLICIES),
    ...labelsErrors(objectAt(spec, 'nodeSelector'), child(path, 'nodeSelector')),
    ...affinityErrors(objectAt(spec, 'affinity'), child(path, 'affinity')),
    ...dnsErrors(spec, child(path, 'dnsConfig')),
    ...spreadErrors(spec, child(path, 'topologySpreadConstraints')),
    ...nameErrors(spec, path),
    ...tolerationErrors(spec, child(path, 'tolerations')),
    ...hostAliasErrors(spec, child(path, 'hostAliases')),
  ];
}

function choiceErrors(spec: JsonObject, path: string, key: string, choices: readonly string[]): readonly FieldError[] {
  const value = textAt(spec, key);
  return value === '' || choices.includes(value) ? [] : [notSupported(child(path, key), value, choices)];
}

function volumeErrors(spec: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  for (const [index, volume] of objectsAt(spec, 'volumes').entries()) {
    const at = element(path, index);
    const [, ...more] = VOLUME_SOURCES.filter((key) => volume[key] !== undefined);
    errors.push(...more.map((key) => forbidden(child(at, key), 'may not specify more than 1 volume type')));
    const name = textAt(volume, 'name');
    const problem = name === '' ? undefined : dnsLabel(name);
    if (name === '') errors.push(required(child(at, 'name')));
    else if (problem !== undefined) errors.push(invalid(child(at, 'name'), name, problem));
    else if (taken.has(name)) errors.push(duplicate(child(at, 'name'), name));
    taken.add(name);
  }
  return errors;
}

function hostNetworkErrors(spec: JsonObject, path: string): readonly FieldError[] {
  if (spec['hostNetwork'] !== true) return [];
  return objectsAt(spec, 'containers').flatMap((container, index) =>
    objectsAt(container, 'ports').flatMap((port, at) => {
      const number = numberAt(port, 'hostPort') ?? 0;
      if (number === (numberAt(port, 'containerPort') ?? 0)) return [];
      const field = `${path}.containers[${index}].ports[${at}].hostPort`;
      return [invalid(field, number, 'must match `containerPort` when `hostNetwork` is true')];
    }),
  );
}

function affinityErrors(affinity: JsonObject | undefined, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const kind of ['podAffinity', 'podAntiAffinity']) {
    const given = objectAt(affinity, kind);
    const hard = 'requiredDuringSchedulingIgnoredDuringExecution';
    for (const [index, term] of objectsAt(given, hard).entries()) {
      errors.push(...affinityTermErrors(term, `${path}.${kind}.${hard}[${index}]`));
    }
    const soft = 'preferredDuringSchedulingIgnoredDuringExecution';
    for (const [index, weighed] of objectsAt(given, soft).entries()) {
      const at = `${path}.${kind}.${soft}[${index}]`;
      const weight = numberAt(weighed, 'weight') ?? 0;
      if (weight < 1 || weight > 100) errors.push(invalid(child(at, 'weight'), weight, 'must be in the range 1-100'));
      errors.push(...affinityTermErrors(objectAt(weighed, 'podAffinityTerm') ?? {}, child(at, 'podAffinityTerm')));
    }
  }
  return errors;
}

function affinityTermErrors(term: JsonObject, path: string): readonly FieldError[] {
  const key = textAt(term, 'topologyKey');
  const at = child(path, 'topologyKey');
  return [
    ...labelSelectorErrors(objectAt(term, 'labelSelector'), child(path, 'labelSelector')),
    ...labelSelectorErrors(objectAt(term, 'namespaceSelector'), child(path, 'namespaceSelector')),
    ...(key === '' ? [required(at, EMPTY)] : []),
    ...qualifiedNameProblems(key).map((problem) => invalid(at, key, problem)),
  ];
}

function dnsErrors(spec: JsonObject, path: string): readonly FieldError[] {
  const config = objectAt(spec, 'dnsConfig');
  const servers = textsAt(config, 'nameservers');
  const at = child(path, 'nameservers');
  if (textAt(spec, 'dnsPolicy') === 'None') {
    if (config === undefined) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
    if (servers.length === 0) return [required(at, why)];
  }
  return [
    ...(servers.length > 3 ? [invalid(at, [...servers], 'must not have more than 3 nameservers')] : []),
    ...servers.flatMap((server, index) => addressErrors(server, element(at, index))),
    ...objectsAt(config, 'options').flatMap((option, index) =>
      textAt(option, 'name') === '' ? [required(`${path}.options[${index}]`, 'must not be empty')] : [],
    ),
  ];
}

function spreadErrors(spec: JsonObject, path: string): readonly FieldError[] {
  return objectsAt(spec, 'topologySpreadConstraints').flatMap((constraint, index) => {
    const at = element(path, index);
    const skew = numberAt(constraint, 'maxSkew') ?? 0;
    const action = textAt(constraint, 'whenUnsatisfiable');
    return [
      ...(skew > 0 ? [] : [invalid(child(at, 'maxSkew'), skew, 'must be greater than zero')]),
      ...(textAt(constraint, 'topologyKey') === '' ? [required(child(at, 'topologyKey'), EMPTY)] : []),
      ...(UNSATISFIABLE.includes(action) ? [] : [notSupported(child(at, 'whenUnsatisfiable'), action, UNSATISFIABLE)]),
      ...labelSelectorErrors(objectAt(constraint, 'labelSelector'), child(at, 'labelSelector')),
    ];
  });
}

/** Names that the Pod has or refers to, and its deadline. */
function nameErrors(spec: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const check = (key: string, form: (text: string) => string | undefined): void => {
    const name = textAt(spec, key);
    const problem = name === '' ? undefined : form(name);
    if (problem !== undefined) errors.push(invalid(child(path, key), name, problem));
  };
  check('serviceAccountName', dnsSubdomain);
  check('nodeName', dnsSubdomain);
  const deadline = numberAt(spec, 'activeDeadlineSeconds');
  if (deadline !== undefined && (deadline < 1 || deadline > 2_147_483_647)) {
    errors.push(invalid(child(path, 'activeDeadlineSeconds'), deadline, 'must be between 1 and 2147483647, inclusive'));
  }
  check('hostname', dnsLabel);
  check('subdomain', dnsLabel);
  return errors;
}

function tolerationErrors(spec: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, toleration] of objectsAt(spec, 'tolerations').entries()) {
    const at = element(path, index);
    const [key, operator, value, effect] = ['key', 'operator', 'value', 'effect'].map((each) =>
      textAt(toleration, each),
    );
    const field = child(at, 'operator');
    const problem = key === undefined || key === '' ? undefined : qualifiedName(key);
    if (problem !== undefined) errors.push(invalid(child(at, 'key'), key, problem));
    if (key === '' && operator !== 'Exists') {
      const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(field, operator, why));
    }
    if (toleration['tolerationSeconds'] !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(child(at, 'effect'), effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operator === 'Exists') {
      if (value !== '') errors.push(invalid(field, value, "value must be empty when `operator` is 'Exists'"));
    } else if (operator === 'Equal' || operator === '') {
      const valueProblem = labelValue(value ?? '');
      if (valueProblem !== undefined) errors.push(invalid(field, value, valueProblem));
    } else errors.push(notSupported(field, operator ?? '', OPERATORS));
    if (effect !== undefined && effect !== '' && !EFFECTS.includes(effect)) {
      errors.push(notSupported(child(at, 'effect'), effect, EFFECTS));
    }
  }
  return errors;
}

function hostAliasErrors(spec: JsonObject, path: string): readonly FieldError[] {
  return objectsAt(spec, 'hostAliases').flatMap((alias, index) => {
    const at = element(path, index);
    return [
      ...addressErrors(textAt(alias, 'ip'), child(at, 'ip')),
      ...textsAt(alias, 'hostnames').flatMap((host, place) => {
        const problem = dnsSubdomain(host);
        return problem === undefined ? [] : [invalid(`${at}.hostnames[${place}]`, host, problem)];
      }),
    ];
  });
}
