import { canonicalQuantity } from '@causeway/apis/meta/quantity';
import { element, forbidden } from '../field-error.ts';
import { type JsonObject, jsonEqual, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { podSpecErrors } from './pod-spec.ts';
import type { KindRules } from './rules.ts';

/**
 * Nothing runs Pods at home; they are stored, so that manifests apply and say why.
 *
 * Source: Kubernetes pkg/apis/core/validation, ValidatePod, ValidatePodUpdate; pkg/apis/core/v1 defaults.
 */
export const podRules: KindRules = {
  applyDefaults(object) {
    const spec = objectAt(object, 'spec');
    if (spec !== undefined) {
      applyPodSpecDefaults(spec);
      spec['enableServiceLinks'] ??= true;
      for (const container of containersOf(spec)) requestLimits(container);
      // Negative ones were once allowed, and mean at once.
      if ((numberAt(spec, 'terminationGracePeriodSeconds') ?? 0) < 0) spec['terminationGracePeriodSeconds'] = 1;
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
    if (before !== undefined && errors.length === 0 && !keepsTolerations(spec, before)) {
      errors.push(
        forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds'),
      );
    }
    return errors;
  },
  warnings: (object) =>
    objectsAt(objectAt(object, 'spec'), 'imagePullSecrets').flatMap((secret, index) =>
      textAt(secret, 'name') === '' ? [`${element('spec.imagePullSecrets', index)}.name: invalid empty name ""`] : [],
    ),
};

function keepsTolerations(spec: JsonObject, before: JsonObject): boolean {
  const withoutTime = ({ tolerationSeconds: _seconds, ...rest }: JsonObject): JsonObject => rest;
  const now = objectsAt(spec, 'tolerations').map(withoutTime);
  return objectsAt(before, 'tolerations').every((each) => now.some((other) => jsonEqual(other, withoutTime(each))));
}

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
    canonizeResources(objectAt(container, 'resources'));
    container['imagePullPolicy'] ??= pullPolicyOf(textAt(container, 'image'));
    if (spec['hostNetwork'] !== true) continue;
    for (const port of objectsAt(container, 'ports')) port['hostPort'] ??= port['containerPort'] ?? 0;
  }
}

function canonizeResources(resources: JsonObject | undefined): void {
  for (const list of ['limits', 'requests']) {
    const amounts = objectAt(resources, list);
    for (const [name, value] of Object.entries(amounts ?? {})) {
      if (amounts !== undefined && (typeof value === 'string' || typeof value === 'number')) {
        amounts[name] = canonicalQuantity(value) ?? value;
      }
    }
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

/** What of a Pod's spec cannot change after its creation. */
function frozenPart(spec: JsonObject): JsonObject {
  const { activeDeadlineSeconds: _a, tolerations: _t, terminationGracePeriodSeconds: _g, nodeName: _n, ...rest } = spec;
  for (const list of ['containers', 'initContainers']) {
    if (rest[list] !== undefined)
      rest[list] = objectsAt(spec, list).map(({ image: _image, ...container }) => container);
  }
  return rest;
}
