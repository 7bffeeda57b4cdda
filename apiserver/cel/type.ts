/**
 * Types of expressions. Those of objects, lists and maps also say what the schema says about their values, which the
 * conversion of values and the estimation of costs need; to the checker two lists of one element type are one type.
 */
export type Type =
  | { readonly kind: ScalarKind; readonly maxSize?: number; readonly minBytes?: number }
  | ListType
  | {
      readonly kind: 'map';
      readonly key: Type;
      readonly value: Type;
      readonly maxSize?: number;
      readonly minBytes?: number;
    }
  | ObjectType
  | { readonly kind: 'type'; readonly of: Type }
  | { readonly kind: 'optional'; readonly of: Type }
  | { readonly kind: 'opaque'; readonly name: string }
  | { readonly kind: 'parameter'; readonly name: string };

export type ScalarKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'null_type'
  | 'timestamp'
  | 'duration'
  | 'dyn'
  | 'error';

export interface ListType {
  readonly kind: 'list';
  readonly element: Type;
  readonly listType?: 'set' | 'map';
  /** Of lists of type map: the fields that identify an item. */
  readonly mapKeys: readonly string[];
  /** How many items it can have at most. */
  readonly maxSize?: number;
  /** The bytes that its shortest JSON has. */
  readonly minBytes?: number;
}

export interface ObjectType {
  readonly kind: 'object';
  /** Identifies the type: no two schemas have one. */
  readonly name: string;
  /** By escaped name. */
  readonly fields: ReadonlyMap<string, Field>;
  /** Names in JSON to names in expressions. */
  readonly escapedNames: ReadonlyMap<string, string>;
  readonly minBytes?: number;
}

export interface Field {
  /** In JSON. */
  readonly name: string;
  readonly type: Type;
}

export const BOOL: Type = { kind: 'bool' };
export const INT: Type = { kind: 'int' };
export const DYN: Type = { kind: 'dyn' };
export const ERROR: Type = { kind: 'error' };

export function listOf(element: Type): ListType {
  return { kind: 'list', element, mapKeys: [] };
}

export function mapOf(key: Type, value: Type): Type {
  return { kind: 'map', key, value };
}

const TEXTS: Readonly<Record<string, string>> = {
  timestamp: 'timestamp',
  duration: 'duration',
  null_type: 'null',
  error: '!error!',
};

/** As cel-go prints it in errors. */
export function typeText(type: Type): string {
  switch (type.kind) {
    case 'list':
      return `list(${typeText(type.element)})`;
    case 'map':
      return `map(${typeText(type.key)}, ${typeText(type.value)})`;
    case 'object':
    case 'opaque':
    case 'parameter':
      return type.name;
    case 'optional':
      return `optional_type(${typeText(type.of)})`;
    case 'type':
      return `type(${typeText(type.of)})`;
    default:
      return TEXTS[type.kind] ?? type.kind;
  }
}

/** `int`, `list(A)`, `map(string, dyn)`, `optional(T)`, `net.IP`: one capital letter is a parameter. */
export function parseType(text: string): Type {
  const trimmed = text.trim();
  const open = trimmed.indexOf('(');
  if (open !== -1) {
    const args = splitTypes(trimmed.slice(open + 1, -1)).map(parseType);
    const [first = DYN, second = DYN] = args;
    switch (trimmed.slice(0, open)) {
      case 'list':
        return listOf(first);
      case 'map':
        return mapOf(first, second);
      case 'optional':
        return { kind: 'optional', of: first };
      case 'type':
        return { kind: 'type', of: first };
      default:
        throw new Error(`no type: ${text}`);
    }
  }
  if (/^[A-Z]$/.test(trimmed)) return { kind: 'parameter', name: trimmed };
  if (SCALARS.has(trimmed)) return { kind: trimmed as ScalarKind };
  return { kind: 'opaque', name: trimmed };
}

const SCALARS = new Set('bool int uint double string bytes null_type timestamp duration dyn'.split(' '));

/** Splits at the commas that are in no parentheses. */
export function splitTypes(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === '(') depth++;
    else if (character === ')') depth--;
    else if (character === ',' && depth === 0) {
      parts.push(text.slice(from, index));
      from = index + 1;
    }
  }
  const last = text.slice(from);
  if (last.trim() !== '') parts.push(last);
  return parts;
}

/** Which types stand for type parameters so far. */
export class Substitutions {
  readonly #types = new Map<string, Type>();
  /** What to do to be where one was before. */
  readonly #changes: (readonly [name: string, before: Type | undefined])[] = [];

  /** Runs `decide`; what it binds is kept only when it says yes. */
  attempt(decide: () => boolean): boolean {
    const before = this.#changes.length;
    if (decide()) return true;
    while (this.#changes.length > before) {
      const [name, type] = this.#changes.pop() ?? ['', undefined];
      if (type === undefined) this.#types.delete(name);
      else this.#types.set(name, type);
    }
    return false;
  }

  /** Reports whether a value of type `a` may be used as `b`, and binds the parameters so that it may. */
  assignable(a: Type, b: Type): boolean {
    if (b.kind === 'parameter') {
      if (a.kind === 'parameter' && a.name === b.name) return true;
      const bound = this.#types.get(b.name);
      if (bound === undefined) return this.#bind(b.name, a);
      if (this.assignable(a, bound)) {
        this.#bind(b.name, moreGeneral(a, bound));
        return true;
      }
      return false;
    }
    if (a.kind === 'parameter') return this.assignable(b, a);
    if (isDyn(a) || isDyn(b)) return true;
    if (a.kind === 'null_type') return b.kind === 'null_type' || isNullable(b);
    if (b.kind === 'null_type') return isNullable(a);
    switch (a.kind) {
      case 'list':
        return b.kind === 'list' && this.assignable(a.element, b.element);
      case 'map':
        return b.kind === 'map' && this.assignable(a.key, b.key) && this.assignable(a.value, b.value);
      case 'optional':
        return b.kind === 'optional' && this.assignable(a.of, b.of);
      case 'type':
        return b.kind === 'type';
      case 'object':
      case 'opaque':
        return b.kind === a.kind && a.name === b.name;
      default:
        return a.kind === b.kind;
    }
  }

  #bind(name: string, type: Type): boolean {
    if (this.#mentions(type, name)) return false;
    this.#changes.push([name, this.#types.get(name)]);
    this.#types.set(name, type);
    return true;
  }

  #mentions(type: Type, name: string): boolean {
    switch (type.kind) {
      case 'parameter': {
        if (type.name === name) return true;
        const bound = this.#types.get(type.name);
        return bound !== undefined && this.#mentions(bound, name);
      }
      case 'list':
        return this.#mentions(type.element, name);
      case 'map':
        return this.#mentions(type.key, name) || this.#mentions(type.value, name);
      case 'optional':
      case 'type':
        return this.#mentions(type.of, name);
      default:
        return false;
    }
  }

  /** `type` with what its parameters stand for. @param free what stands for parameters that are not bound */
  resolve(type: Type, free?: Type): Type {
    switch (type.kind) {
      case 'parameter': {
        const bound = this.#types.get(type.name);
        return bound === undefined ? (free ?? type) : this.resolve(bound, free);
      }
      case 'list': {
        const element = this.resolve(type.element, free);
        return element === type.element ? type : { ...type, element };
      }
      case 'map': {
        const key = this.resolve(type.key, free);
        const value = this.resolve(type.value, free);
        return key === type.key && value === type.value ? type : { ...type, key, value };
      }
      case 'optional':
      case 'type':
        return { kind: type.kind, of: this.resolve(type.of, free) };
      default:
        return type;
    }
  }
}

/** dyn, or the type of something that an error was reported about already. */
export function isDyn(type: Type): boolean {
  return type.kind === 'dyn' || type.kind === 'error';
}

function isNullable(type: Type): boolean {
  return ['object', 'opaque', 'optional', 'timestamp', 'duration'].includes(type.kind);
}

/** Of two types that go together, the one that says less. */
export function moreGeneral(a: Type, b: Type): Type {
  return isLessSpecific(a, b) ? a : b;
}

function isLessSpecific(a: Type, b: Type): boolean {
  if (a.kind === 'dyn' || a.kind === 'parameter') return true;
  if (b.kind === 'dyn' || b.kind === 'parameter') return false;
  if (a.kind === 'list' && b.kind === 'list') return isLessSpecific(a.element, b.element);
  if (a.kind === 'map' && b.kind === 'map') return isLessSpecific(a.key, b.key) && isLessSpecific(a.value, b.value);
  if (a.kind === 'optional' && b.kind === 'optional') return isLessSpecific(a.of, b.of);
  return a.kind === b.kind;
}
