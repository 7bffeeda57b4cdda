import { type FieldError, invalid } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';

/** Where the scale subresource of a custom resource reads and writes, as JSON paths: `.spec.replicas`. */
export interface ScaleFields {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

const REPLICAS_MAX = 2 ** 31 - 1;

/**
 * What of an object the scale subresource could not be made of.
 *
 * Source: apiextensions-apiserver pkg/registry/customresource, ValidateScaleSpec and ValidateScaleStatus.
 *
 * @param ofStatus only the status is written
 */
export function scaleErrors(scale: ScaleFields, object: JsonObject, ofStatus: boolean): readonly FieldError[] {
  const errors = ofStatus ? [] : [...replicasErrors(object, scale.specReplicasPath)];
  errors.push(...replicasErrors(object, scale.statusReplicasPath));
  const { labelSelectorPath } = scale;
  if (labelSelectorPath === undefined) return errors;
  const found = valueAt(object, labelSelectorPath);
  const problem = 'problem' in found ? found.problem : typeProblem(labelSelectorPath, found.value, 'string');
  if (problem !== undefined) errors.push(invalid(labelSelectorPath, '', problem));
  return errors;
}

function replicasErrors(object: JsonObject, path: string): readonly FieldError[] {
  const found = valueAt(object, path);
  const problem = 'problem' in found ? found.problem : typeProblem(path, found.value, 'int64');
  if (problem !== undefined) return [invalid(path, 0, problem)];
  const replicas = 'value' in found ? Number(found.value ?? 0) : 0;
  if (replicas < 0) return [invalid(path, replicas, 'should be a non-negative integer')];
  return replicas > REPLICAS_MAX ? [invalid(path, replicas, `should be less than or equal to ${REPLICAS_MAX}`)] : [];
}

type Found = { readonly value: JsonValue | undefined } | { readonly problem: string };

/** Nothing where nothing is, or null on the way. */
function valueAt(object: JsonObject, path: string): Found {
  let value: JsonValue = object;
  const passed: string[] = [];
  for (const key of path.replace(/^\./, '').split('.')) {
    if (value === null) return { value: undefined };
    if (!isJsonObject(value)) {
      return { problem: accessorProblem(passed, value, 'map[string]interface{}') };
    }
    const next: JsonValue | undefined = Object.hasOwn(value, key) ? value[key] : undefined;
    if (next === undefined) return { value: undefined };
    value = next;
    passed.push(key);
  }
  return { value };
}

function typeProblem(path: string, value: JsonValue | undefined, wanted: 'string' | 'int64'): string | undefined {
  if (value === undefined) return undefined;
  const fits = wanted === 'string' ? typeof value === 'string' : Number.isInteger(value);
  return fits ? undefined : accessorProblem(path.replace(/^\./, '').split('.'), value, wanted);
}

function accessorProblem(path: readonly string[], value: JsonValue, wanted: string): string {
  return `.${path.join('.')} accessor error: ${shown(value)} is of the type ${goType(value)}, expected ${wanted}`;
}

function shown(value: JsonValue): string {
  if (value === null) return '<nil>';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function goType(value: JsonValue): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
