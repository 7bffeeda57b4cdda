import { randomInt } from 'node:crypto';
import { noRuntimeCondition } from '../../home/no-container-runtime.ts';
import type { ApiObject } from '../../object.ts';
import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
} from '../../schema/json.ts';
import { forbidden } from '../../status-error.ts';
import { entryKey, objectOf } from '../../storage/entry.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';

const PODS = { group: '', plural: 'pods' } as const;
const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Of a token that is renewed when it has lived an hour. */
const TOKEN_SECONDS = 3607;
const TOLERATION_SECONDS = 300;
const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** A Pod is stored, stays Pending, and says why. */
export const podStrategy: Strategy = {
  hasGeneration: true,
  answersDeleted: true,
  deletesGracefully: true,
  allowsUnconditionalUpdate: true,
  fixedByStatus: ['ownerReferences'],

  /** Source: Kubernetes' admission plugins ServiceAccount, Priority and DefaultTolerationSeconds. */
  admit(object, context) {
    const spec = objectAt(object, 'spec');
    if (spec === undefined) return;
    takePriority(object, spec, context);
    takeTolerations(spec);
    takeAccount(object, spec, context);
  },

  prepare(object, old, { now, leavesWorkloads }) {
    if (old !== undefined) {
      const spec = objectAt(object, 'spec');
      if (spec !== undefined) takeTolerations(spec);
      return;
    }
    object.status = {
      phase: 'Pending',
      qosClass: qosClass(objectAt(object, 'spec') ?? {}),
      ...(leavesWorkloads ? {} : { conditions: [noRuntimeCondition('PodScheduled', now)] }),
    };
  },
};

/** @throws StatusError 403 when there is no such account */
function takeAccount(object: ApiObject, spec: JsonObject, { collection }: StrategyContext): void {
  const { name: pod, namespace = '' } = object.metadata;
  const name = textAt(spec, 'serviceAccountName') || textAt(spec, 'serviceAccount') || 'default';
  spec['serviceAccountName'] = name;
  spec['serviceAccount'] = name;
  const entry = collection('', 'serviceaccounts').head(entryKey(namespace, name));
  if (entry === undefined) {
    // Every namespace gets this one, right after it was made.
    if (name === 'default') return;
    const key = `${namespace}/${name}`;
    throw forbidden(
      PODS,
      pod,
      `error looking up service account ${key}: serviceaccount ${JSON.stringify(name)} not found`,
    );
  }
  const account = objectOf(entry);
  if (objectsAt(spec, 'imagePullSecrets').length === 0 && objectsAt(account, 'imagePullSecrets').length > 0) {
    spec['imagePullSecrets'] = structuredClone([...objectsAt(account, 'imagePullSecrets')]);
  }
  const mounts = spec['automountServiceAccountToken'] ?? account['automountServiceAccountToken'] ?? true;
  if (mounts === true) mountToken(spec);
}

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Gives every container that has nothing there a token of the account, the certificate authority and the namespace. */
function mountToken(spec: JsonObject): void {
  const without = ['initContainers', 'containers']
    .flatMap((list) => objectsAt(spec, list))
    .filter((container) => !objectsAt(container, 'volumeMounts').some((mount) => mount['mountPath'] === TOKEN_PATH));
  if (without.length === 0) return;
  let name = 'kube-api-access-';
  for (let index = 0; index < 5; index++) name += ALPHABET.charAt(randomInt(ALPHABET.length));
  for (const container of without) {
    const mounts: JsonValue[] = [...objectsAt(container, 'volumeMounts')];
    container['volumeMounts'] = [...mounts, { name, readOnly: true, mountPath: TOKEN_PATH }];
  }
  const sources: JsonValue[] = [
    { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
    { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
    {
      downwardAPI: {
        items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
      },
    },
  ];
  spec['volumes'] = [...objectsAt(spec, 'volumes'), { name, projected: { defaultMode: 420, sources } }];
}

/** @throws StatusError 403 when there is no such class */
function takePriority(object: ApiObject, spec: JsonObject, { collection }: StrategyContext): void {
  const classes = collection('scheduling.k8s.io', 'priorityclasses');
  const name = textAt(spec, 'priorityClassName');
  const known = SYSTEM_PRIORITIES[name];
  if (known !== undefined) {
    spec['priority'] = known;
    spec['preemptionPolicy'] ??= 'PreemptLowerPriority';
    return;
  }
  const entry =
    name === ''
      ? classes.headRange('').find((each) => objectOf(each)['globalDefault'] === true)
      : classes.head(entryKey('', name));
  if (entry === undefined && name !== '') {
    throw forbidden(PODS, object.metadata.name, `no PriorityClass with name ${name} was found`);
  }
  const chosen = entry === undefined ? undefined : objectOf(entry);
  if (chosen !== undefined) spec['priorityClassName'] = chosen.metadata.name;
  spec['priority'] = numberAt(chosen, 'value') ?? 0;
  spec['preemptionPolicy'] ??= textAt(chosen, 'preemptionPolicy') || 'PreemptLowerPriority';
}

/** A Pod leaves a node that is gone after five minutes, unless it says otherwise. */
function takeTolerations(spec: JsonObject): void {
  const tolerations: JsonValue[] = [...objectsAt(spec, 'tolerations')];
  for (const key of ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']) {
    const isTolerated = tolerations.filter(isJsonObject).some((each) => {
      const effect = textAt(each, 'effect');
      return (effect === '' || effect === 'NoExecute') && (textAt(each, 'key') || key) === key;
    });
    if (isTolerated) continue;
    tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SECONDS });
  }
  spec['tolerations'] = tolerations;
}

/** Source: Kubernetes, "Pod Quality of Service Classes". */
function qosClass(spec: JsonObject): string {
  let guaranteed = true;
  let any = false;
  for (const container of [...objectsAt(spec, 'initContainers'), ...objectsAt(spec, 'containers')]) {
    const resources = objectAt(container, 'resources');
    const limits = objectAt(resources, 'limits') ?? {};
    const requests = { ...limits, ...objectAt(resources, 'requests') };
    for (const name of ['cpu', 'memory']) {
      any ||= limits[name] !== undefined || requests[name] !== undefined;
      guaranteed &&= limits[name] !== undefined && String(limits[name]) === String(requests[name]);
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
