import { listOf, parseType, splitTypes, type Type } from './type.ts';
import {
  Duration,
  ListValue,
  MapValue,
  ObjectValue,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  Uint,
  type Value,
} from './value.ts';

/** One signature of a function, and what it does. */
export interface Overload {
  readonly name: string;
  /** Called as `first.name(rest)`. */
  readonly member: boolean;
  readonly args: readonly Type[];
  readonly result: Type;
  readonly run: (...args: Value[]) => Value;
  /** In Kubernetes' units; 1 where nothing is said. */
  readonly cost: ((args: readonly Value[], result: Value) => number) | undefined;
  /** The most that a call can cost, given how large its arguments can be; 1 where nothing is said. */
  readonly estimate: Estimate | undefined;
}

/** @param sizes the most elements, characters or bytes that each argument can have */
export type Estimate = (sizes: readonly number[]) => number;

/** How the cost of a call follows from the sizes of its arguments and of its result. */
export interface CallCost {
  readonly of: (sizes: readonly number[], resultSize: number) => number;
}

/** Receives values of the types that its signature names: the checker, or a look at the values, has made sure. */
export type Run = (...args: never[]) => Value;

/** @param signature `string, int -> string`; the first type is that of the receiver */
export function member(name: string, signature: string, run: Run, cost?: CallCost): Overload {
  return overload(name, true, signature, run, cost);
}

/** @param name may be qualified: `sets.contains` */
export function global(name: string, signature: string, run: Run, cost?: CallCost): Overload {
  return overload(name, false, signature, run, cost);
}

function overload(name: string, isMember: boolean, signature: string, run: Run, cost: CallCost | undefined): Overload {
  const [args = '', result = ''] = signature.split('->');
  return {
    name,
    member: isMember,
    args: splitTypes(args).map(parseType),
    result: parseType(result),
    run: run as (...args: Value[]) => Value,
    cost: cost === undefined ? undefined : (values, value) => cost.of(values.map(sizeOf), sizeOf(value)),
    estimate:
      cost === undefined
        ? undefined
        : (sizes) =>
            cost.of(
              sizes,
              sizes.reduce((sum, size) => sum + size, 0),
            ),
  };
}

/** Source: cel-go common/cost.go. */
const TRAVERSAL = 0.1;
const REGEX_LENGTH = 0.25;

/** One look at each element or character of an argument costs this share of a unit. */
export function traversal(argument = 0, times = 1): CallCost {
  return { of: (sizes) => Math.ceil((sizes[argument] ?? 1) * times * TRAVERSAL) };
}

/** Each element of an argument costs a unit. */
export function perElement(argument = 0): CallCost {
  return { of: (sizes) => sizes[argument] ?? 1 };
}

/** The larger the text and the pattern, the more. */
export const MATCHING: CallCost = {
  of: ([text = 1, pattern = 1]) => Math.ceil((1 + text) * TRAVERSAL) * Math.ceil(pattern * REGEX_LENGTH),
};

export const SEARCH: CallCost = {
  of: ([text = 1, part = 1]) => Math.ceil(text * TRAVERSAL) * Math.ceil(part * TRAVERSAL),
};

export const CONCATENATION: CallCost = {
  of: ([a = 1, b = 1]) => Math.ceil((a + b) * TRAVERSAL),
};

export const SHORTER: CallCost = {
  of: ([a = 1, b = 1]) => Math.ceil(Math.min(a, b) * TRAVERSAL),
};

export const RESULT_TWICE: CallCost = {
  of: (_sizes, result) => Math.ceil(result * 2 * TRAVERSAL),
};

/** Every element of one list against every one of another. */
export const PRODUCT: CallCost = {
  of: ([a = 1, b = 1]) => 1 + a * b,
};

/** How many elements, characters or bytes a value has; 1 when it has no size. */
export function sizeOf(value: Value): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof ListValue) return value.items.length;
  if (value instanceof MapValue) return value.size;
  if (value instanceof Uint8Array) return value.length;
  if (value instanceof ObjectValue) return Object.keys(value.json).length;
  return value instanceof Optional && value.value !== undefined ? sizeOf(value.value) : 1;
}

/** Reports whether a value can be an argument of `type`; looks at the outermost type only. */
export function isOfType(value: Value, type: Type): boolean {
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int':
      return typeof value === 'bigint';
    case 'double':
      return typeof value === 'number';
    case 'uint':
      return value instanceof Uint;
    case 'string':
      return typeof value === 'string';
    case 'bytes':
      return value instanceof Uint8Array;
    case 'null_type':
      return value === null;
    case 'timestamp':
      return value instanceof Timestamp;
    case 'duration':
      return value instanceof Duration;
    case 'list':
      return value instanceof ListValue;
    case 'map':
      return value instanceof MapValue || value instanceof ObjectValue;
    case 'type':
      return value instanceof TypeValue;
    case 'optional':
      return value instanceof Optional;
    case 'opaque':
      return value instanceof Opaque && value.typeName === type.name;
    default:
      return true;
  }
}

/** What an expression may refer to besides its variables. */
export class Declarations {
  readonly #overloads = new Map<string, Overload[]>();

  constructor(libraries: readonly (readonly Overload[])[]) {
    for (const each of libraries.flat()) {
      const known = this.#overloads.get(each.name);
      if (known === undefined) this.#overloads.set(each.name, [each]);
      else known.push(each);
    }
  }

  overloads(name: string): readonly Overload[] | undefined {
    return this.#overloads.get(name);
  }
}

/** Names of types, as `type(x) == int` uses them, and how values of these types call themselves. */
export const TYPE_NAMES: ReadonlyMap<string, { readonly type: Type; readonly value: TypeValue }> = new Map(
  (
    [
      ['bool', { kind: 'bool' }],
      ['bytes', { kind: 'bytes' }],
      ['double', { kind: 'double' }],
      ['int', { kind: 'int' }],
      ['uint', { kind: 'uint' }],
      ['string', { kind: 'string' }],
      ['null_type', { kind: 'null_type' }],
      ['list', listOf({ kind: 'dyn' })],
      ['map', { kind: 'map', key: { kind: 'dyn' }, value: { kind: 'dyn' } }],
      ['type', { kind: 'type', of: { kind: 'dyn' } }],
      ['optional_type', { kind: 'optional', of: { kind: 'dyn' } }],
      ['google.protobuf.Timestamp', { kind: 'timestamp' }],
      ['google.protobuf.Duration', { kind: 'duration' }],
      ['net.IP', { kind: 'opaque', name: 'net.IP' }],
      ['net.CIDR', { kind: 'opaque', name: 'net.CIDR' }],
    ] as readonly (readonly [string, Type])[]
  ).map(([name, type]) => [name, { type: { kind: 'type', of: type } as Type, value: new TypeValue(name) }]),
);
