import { global, member, type Overload } from '../declaration.ts';
import {
  Duration,
  EvaluationError,
  ListValue,
  MapValue,
  NONE,
  ObjectValue,
  Optional,
  Timestamp,
  Uint,
  type Value,
} from '../value.ts';

/*
 * Values that may be absent.
 *
 * Source: cel-go, cel.OptionalTypes.
 */

function isZero(value: Value): boolean {
  if (value === null || value === false || value === '' || value === 0n || value === 0) return true;
  if (value instanceof ListValue) return value.items.length === 0;
  if (value instanceof MapValue) return value.size === 0;
  if (value instanceof ObjectValue) return Object.keys(value.json).length === 0;
  if (value instanceof Uint) return value.value === 0n;
  if (value instanceof Uint8Array) return value.length === 0;
  return value instanceof Duration || value instanceof Timestamp ? value.nanoseconds === 0n : false;
}

export const OPTIONALS: readonly Overload[] = [
  global('optional.of', 'V -> optional(V)', (value: Value) => new Optional(value)),
  global('optional.ofNonZeroValue', 'V -> optional(V)', (value: Value) => (isZero(value) ? NONE : new Optional(value))),
  global('optional.none', '-> optional(V)', () => NONE),
  member('value', 'optional(V) -> V', (optional: Optional) => {
    if (optional.value === undefined) throw new EvaluationError('optional.none() dereference');
    return optional.value;
  }),
  member('hasValue', 'optional(V) -> bool', (optional: Optional) => optional.value !== undefined),
  member('orValue', 'optional(V), V -> V', (optional: Optional, other: Value) => optional.value ?? other),
  member('or', 'optional(V), optional(V) -> optional(V)', (optional: Optional, other: Optional) =>
    optional.value === undefined ? other : optional,
  ),
];
