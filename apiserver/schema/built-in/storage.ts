import { parseQuantity } from '@causeway/apis/meta/quantity';
import { child, type FieldError, forbidden, invalid, required } from '../field-error.ts';
import { type JsonObject, type JsonValue, jsonEqual, listAt, objectAt, textAt } from '../json.ts';
import { dnsSubdomain } from '../names.ts';
import { labelSelectorErrors } from './label-selector.ts';
import type { KindRules } from './rules.ts';

/** Source: Kubernetes pkg/apis/core/validation, ValidatePersistentVolumeClaimSpec and its update; core/v1 defaults. */
export const persistentVolumeClaimRules: KindRules = {
  applyDefaults(object) {
    object['status'] = { phase: 'Pending', ...objectAt(object, 'status') };
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...accessModeErrors(spec), ...labelSelectorErrors(objectAt(spec, 'selector'), 'spec.selector')];
    const requests = objectAt(objectAt(spec, 'resources'), 'requests');
    errors.push(...positiveErrors(requests?.['storage'], 'spec.resources[storage]'));
    errors.push(...classNameErrors(spec));
    const before = objectAt(old, 'spec');
    if (before === undefined) return errors;
    if (!jsonEqual(frozenClaim(spec, before), frozenClaim(before, before))) {
      errors.push(
        forbidden(
          'spec',
          'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims',
        ),
      );
    }
    const wanted = quantityOf(requests?.['storage']);
    const had = quantityOf(objectAt(objectAt(before, 'resources'), 'requests')?.['storage']);
    if (wanted !== undefined && had !== undefined && wanted < had) {
      errors.push(forbidden('spec.resources.requests.storage', 'field can not be less than previous value'));
    }
    return errors;
  },
};

/** Source: Kubernetes pkg/apis/core/validation, ValidatePersistentVolumeSpec and its update. */
export const persistentVolumeRules: KindRules = {
  applyDefaults(object) {
    object['status'] = { phase: 'Pending', ...objectAt(object, 'status') };
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...accessModeErrors(spec)];
    const capacity = objectAt(spec, 'capacity') ?? {};
    if (Object.keys(capacity).length === 0) errors.push(required('spec.capacity'));
    else errors.push(...positiveErrors(capacity['storage'], 'spec.capacity[storage]'));
    errors.push(...classNameErrors(spec));
    const sources = Object.keys(spec).filter((key) => !NO_SOURCES.has(key));
    if (sources.length === 0) errors.push(required('spec', 'must specify a volume type'));
    for (const extra of sources.slice(1)) {
      errors.push(forbidden(child('spec', extra), 'may not specify more than 1 volume type'));
    }
    const before = objectAt(old, 'spec');
    if (before !== undefined && sources.some((key) => !jsonEqual(spec[key], before[key]))) {
      errors.push(forbidden('spec.persistentvolumesource', 'spec.persistentvolumesource is immutable after creation'));
    }
    if (before !== undefined && !jsonEqual(spec['volumeMode'], before['volumeMode'])) {
      errors.push(invalid('volumeMode', spec['volumeMode'], 'field is immutable'));
    }
    return errors;
  },
};

/** Source: Kubernetes pkg/apis/storage/validation, ValidateStorageClass and its update. */
export const storageClassRules: KindRules = {
  validate(object, old) {
    const errors: FieldError[] = [];
    const provisioner = textAt(object, 'provisioner');
    if (provisioner === '') errors.push(required('provisioner'));
    if (old === undefined) return errors;
    for (const key of ['parameters', 'provisioner', 'reclaimPolicy']) {
      if (!jsonEqual(object[key], old[key])) errors.push(forbidden(key, `updates to ${key} are forbidden.`));
    }
    if (!jsonEqual(object['volumeBindingMode'], old['volumeBindingMode'])) {
      errors.push(invalid('volumeBindingMode', object['volumeBindingMode'], 'field is immutable'));
    }
    return errors;
  },
};

/** Fields of a PersistentVolume that are no volume. */
const NO_SOURCES: ReadonlySet<string> = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
]);

function accessModeErrors(spec: JsonObject): readonly FieldError[] {
  const modes = listAt(spec, 'accessModes');
  if (modes.length === 0) return [required('spec.accessModes', 'at least 1 access mode is required')];
  if (modes.length > 1 && modes.includes('ReadWriteOncePod')) {
    return [forbidden('spec.accessModes', 'may not use ReadWriteOncePod with other access modes')];
  }
  return [];
}

function classNameErrors(spec: JsonObject): readonly FieldError[] {
  const name = textAt(spec, 'storageClassName');
  const problem = name === '' ? undefined : dnsSubdomain(name);
  return problem === undefined ? [] : [invalid('spec.storageClassName', name, problem)];
}

function positiveErrors(value: JsonValue | undefined, path: string): readonly FieldError[] {
  if (value === undefined) return [required(path)];
  const number = quantityOf(value);
  return number !== undefined && number <= 0 ? [invalid(path, value, 'must be greater than zero')] : [];
}

function quantityOf(value: JsonValue | undefined): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parseQuantity(value) : undefined;
}

/** What of a claim cannot change. A claim without a volume may get one. */
function frozenClaim(spec: JsonObject, before: JsonObject): JsonObject {
  const { resources: _resources, volumeAttributesClassName: _class, volumeName, ...rest } = spec;
  return textAt(before, 'volumeName') === '' ? rest : { ...rest, volumeName: volumeName ?? null };
}
