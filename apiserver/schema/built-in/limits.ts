import { parseQuantity } from '@causeway/apis/meta/quantity';
import { child, duplicate, element, type FieldError, forbidden, invalid, keyed } from '../field-error.ts';
import { type JsonObject, jsonEqual, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dnsLabel, qualifiedName } from '../names.ts';
import type { KindRules } from './rules.ts';

/** Nobody is to believe that something is enforced when it is not. */
const KEPT = 'no containers run without a cluster, and the object is only kept';

/** Source: Kubernetes pkg/apis/core/validation, ValidateLimitRange; core/v1, SetDefaults_LimitRangeItem. */
export const limitRangeRules: KindRules = {
  judgesAbsence: /^spec\.limits$/,
  applyDefaults(object) {
    for (const limit of objectsAt(objectAt(object, 'spec'), 'limits')) {
      if (limit['type'] !== 'Container') continue;
      const fallback = { ...objectAt(limit, 'max'), ...objectAt(limit, 'default') };
      const request = { ...objectAt(limit, 'min'), ...fallback, ...objectAt(limit, 'defaultRequest') };
      if (Object.keys(fallback).length > 0) limit['default'] = fallback;
      if (Object.keys(request).length > 0) limit['defaultRequest'] = request;
    }
  },
  validate(object) {
    const errors: FieldError[] = [];
    const types = new Set<string>();
    for (const [index, limit] of objectsAt(objectAt(object, 'spec'), 'limits').entries()) {
      const path = element('spec.limits', index);
      const type = textAt(limit, 'type');
      const problem = qualifiedName(type);
      if (problem !== undefined) errors.push(invalid(child(path, 'type'), type, problem));
      if (types.has(type)) errors.push(duplicate(child(path, 'type'), type));
      types.add(type);
      for (const key of type === 'Pod' ? ['default', 'defaultRequest'] : []) {
        if (limit[key] !== undefined) {
          errors.push(forbidden(child(path, key), "may not be specified when `type` is 'Pod'"));
        }
      }
      errors.push(...orderErrors(limit, path));
    }
    return errors;
  },
  warnings: () => [`nothing here limits what Pods may have: ${KEPT}`],
};

/** Pairs of which the first may not exceed the second: field, words, field, words, and which field the error names. */
const ORDER = [
  ['min', 'min value', 'max', 'max value', 'min'],
  ['min', 'min value', 'defaultRequest', 'default request value', 'defaultRequest'],
  ['defaultRequest', 'default request value', 'max', 'max value', 'defaultRequest'],
  ['defaultRequest', 'default request value', 'default', 'default limit value', 'defaultRequest'],
  ['min', 'min value', 'default', 'default value', 'default'],
  ['default', 'default value', 'max', 'max value', 'default'],
] as const;

function orderErrors(limit: JsonObject, path: string): readonly FieldError[] {
  return ORDER.flatMap(([low, lowWords, high, highWords, named]) => {
    const lows = objectAt(limit, low) ?? {};
    const highs = objectAt(limit, high) ?? {};
    return Object.keys(lows).flatMap((name) => {
      const [a, b] = [String(lows[name]), String(highs[name])];
      if (highs[name] === undefined || (parseQuantity(a) ?? 0) <= (parseQuantity(b) ?? 0)) return [];
      const field = keyed(child(path, named), name);
      return [invalid(field, a, `${lowWords} ${a} is greater than ${highWords} ${b}`)];
    });
  });
}

/** Source: Kubernetes pkg/apis/core/validation, ValidateResourceQuotaSpec. */
export const resourceQuotaRules: KindRules = {
  applyDefaults(object) {
    object['status'] ??= {};
  },
  validate(object, old) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors: FieldError[] = [];
    for (const [name, value] of Object.entries(objectAt(spec, 'hard') ?? {})) {
      const field = keyed('spec.hard', name);
      const problem = qualifiedName(name);
      if (problem !== undefined) errors.push(invalid(field, name, problem));
      if ((parseQuantity(String(value)) ?? 0) < 0) {
        errors.push(invalid(field, value, 'must be greater than or equal to 0'));
      }
    }
    const before = objectAt(old, 'spec');
    const scopes = (of: JsonObject): string => listAt(of, 'scopes').map(String).sort().join();
    if (before !== undefined && scopes(spec) !== scopes(before)) {
      errors.push(invalid('spec.scopes', spec['scopes'], 'field is immutable'));
    }
    return errors;
  },
  warnings: () => [`nothing here counts what a namespace uses: ${KEPT}`],
};

const HIGHEST_PRIORITY = 1_000_000_000;

/** Source: Kubernetes pkg/apis/scheduling/validation. */
export const priorityClassRules: KindRules = {
  judgesAbsence: /^value$/,
  validate(object, old) {
    const errors: FieldError[] = [];
    const name = textAt(objectAt(object, 'metadata'), 'name');
    const value = numberAt(object, 'value') ?? 0;
    if (name.startsWith('system-')) {
      const why = "priority class names with 'system-' prefix are reserved for system use only.";
      errors.push(forbidden('metadata.name', `${why} error: ${name} is not a known system priority class`));
    }
    if (value > HIGHEST_PRIORITY) {
      errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${HIGHEST_PRIORITY}`));
    }
    if (old === undefined) return errors;
    if (numberAt(old, 'value') !== value) errors.push(forbidden('value', 'may not be changed in an update.'));
    if (!jsonEqual(old['preemptionPolicy'], object['preemptionPolicy'])) {
      errors.push(invalid('preemptionPolicy', object['preemptionPolicy'], 'field is immutable'));
    }
    return errors;
  },
};

/** Source: Kubernetes pkg/apis/node/validation. */
export const runtimeClassRules: KindRules = {
  validate(object, old) {
    const handler = textAt(object, 'handler');
    const problem = dnsLabel(handler);
    const errors = problem === undefined ? [] : [invalid('handler', handler, problem)];
    if (old !== undefined && textAt(old, 'handler') !== handler) {
      errors.push(invalid('handler', handler, 'field is immutable'));
    }
    return errors;
  },
};
