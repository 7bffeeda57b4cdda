import { type Declarations, type Overload, TYPE_NAMES } from './declaration.ts';
import type { Expression, Fold } from './expression.ts';
import { qualifiedName } from './parse.ts';
import type { SourceError } from './source.ts';
import {
  BOOL,
  DYN,
  ERROR,
  INT,
  isDyn,
  listOf,
  mapOf,
  moreGeneral,
  Substitutions,
  type Type,
  typeText,
} from './type.ts';
import { ListValue, MapValue, Timestamp, Uint, type Value } from './value.ts';

/** What the checker found out about each part of an expression. */
export interface Checked {
  readonly type: Type;
  readonly errors: readonly SourceError[];
  /** Without type parameters. */
  typeOf(expression: Expression): Type;
  /** The signatures that a call can have; more than one when it is only known at run time. */
  readonly overloads: ReadonlyMap<Expression, readonly Overload[]>;
  /** Identifiers and selections that name a type or a qualified function's receiver. */
  readonly constants: ReadonlyMap<Expression, Value>;
  /** Variables that it refers to, those of its own macros aside. */
  readonly variables: ReadonlySet<string>;
}

/**
 * Infers the types of an expression and reports what does not fit, in the words of cel-go.
 *
 * Source: CEL language definition, "Gradual type checking"; cel-go checker.
 *
 * @param variables types by name
 */
export function check(
  expression: Expression,
  declarations: Declarations,
  variables: ReadonlyMap<string, Type>,
): Checked {
  return new Checker(declarations, variables).run(expression);
}

class Checker {
  readonly #declarations: Declarations;
  readonly #variables: ReadonlyMap<string, Type>;
  readonly #scopes: Map<string, Type>[] = [];
  readonly #types = new Map<Expression, Type>();
  readonly #overloads = new Map<Expression, readonly Overload[]>();
  readonly #constants = new Map<Expression, Value>();
  readonly #used = new Set<string>();
  readonly #errors: SourceError[] = [];
  readonly #substitutions = new Substitutions();
  #fresh = 0;

  constructor(declarations: Declarations, variables: ReadonlyMap<string, Type>) {
    this.#declarations = declarations;
    this.#variables = variables;
  }

  run(expression: Expression): Checked {
    const type = this.#check(expression);
    const resolved = (each: Type): Type => this.#substitutions.resolve(each, DYN);
    return {
      type: resolved(type),
      errors: this.#errors,
      typeOf: (each) => resolved(this.#types.get(each) ?? DYN),
      overloads: this.#overloads,
      constants: this.#constants,
      variables: this.#used,
    };
  }

  #check(expression: Expression): Type {
    const type = this.#infer(expression);
    this.#types.set(expression, type);
    return type;
  }

  #infer(expression: Expression): Type {
    switch (expression.kind) {
      case 'literal':
        return typeOfLiteral(expression.value);
      case 'identifier':
        return this.#identifier(expression);
      case 'select':
        return this.#select(expression);
      case 'call':
        return this.#call(expression);
      case 'list':
        return this.#list(expression);
      case 'map':
        return this.#map(expression);
      case 'fold':
        return this.#fold(expression);
      case 'optionalMap':
        return this.#optionalMap(expression);
    }
  }

  #identifier(expression: Extract<Expression, { kind: 'identifier' }>): Type {
    const { name, at } = expression;
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const type = this.#scopes[index]?.get(name);
      if (type !== undefined) return type;
    }
    const variable = this.#variables.get(name);
    if (variable !== undefined) {
      this.#used.add(name);
      return variable;
    }
    const constant = TYPE_NAMES.get(name);
    if (constant !== undefined) {
      this.#constants.set(expression, constant.value);
      return constant.type;
    }
    return this.#error(at, `undeclared reference to '${name}' (in container '')`);
  }

  #select(expression: Extract<Expression, { kind: 'select' }>): Type {
    const { operand, field, test, optional, at } = expression;
    const name = test || optional ? undefined : qualifiedName(expression);
    const constant = name === undefined ? undefined : TYPE_NAMES.get(name);
    if (constant !== undefined) {
      this.#constants.set(expression, constant.value);
      return constant.type;
    }
    const given = this.#substitutions.resolve(this.#check(operand));
    const inside = given.kind === 'optional' ? given.of : given;
    const type = this.#fieldType(inside, field, at);
    if (test) return BOOL;
    return given.kind === 'optional' || optional ? { kind: 'optional', of: type } : type;
  }

  #fieldType(type: Type, field: string, at: number): Type {
    switch (type.kind) {
      case 'map':
        return type.value;
      case 'object':
        return type.fields.get(field)?.type ?? this.#error(at, `undefined field '${field}'`);
      case 'parameter':
        this.#assignable(DYN, type);
        return DYN;
      default:
        if (!isDyn(type)) this.#error(at, `type '${typeText(type)}' does not support field selection`);
        return DYN;
    }
  }

  #call(expression: Extract<Expression, { kind: 'call' }>): Type {
    const { name, target, args, at } = expression;
    const types = args.map((each) => this.#check(each));
    const prefix = target === undefined ? undefined : qualifiedName(target);
    const qualified = prefix === undefined ? undefined : this.#declarations.overloads(`${prefix}.${name}`);
    if (qualified !== undefined) return this.#resolve(expression, `${prefix}.${name}`, qualified, types, false);
    if (target !== undefined) types.unshift(this.#check(target));
    const overloads = this.#declarations.overloads(name);
    if (overloads === undefined) return this.#error(at, `undeclared reference to '${name}' (in container '')`);
    return this.#resolve(expression, name, overloads, types, target !== undefined);
  }

  #resolve(
    expression: Extract<Expression, { kind: 'call' }>,
    name: string,
    overloads: readonly Overload[],
    types: readonly Type[],
    isMember: boolean,
  ): Type {
    if (name === '_&&_' || name === '_||_') return this.#junctor(expression, overloads, types);
    const matching: Overload[] = [];
    let result: Type | undefined;
    for (const overload of overloads) {
      if (overload.member !== isMember || overload.args.length !== types.length) continue;
      const rename = this.#renaming();
      const wanted = overload.args.map(rename);
      const fits = this.#substitutions.attempt(() =>
        types.every((type, index) => this.#substitutions.assignable(type, wanted[index] ?? DYN)),
      );
      if (!fits) continue;
      matching.push(overload);
      const type = this.#substitutions.resolve(rename(overload.result));
      if (result === undefined) result = type;
      else if (result.kind !== 'dyn' && typeText(result) !== typeText(type)) result = DYN;
    }
    if (result === undefined) {
      const texts = types.map((type) => typeText(this.#substitutions.resolve(type, DYN)));
      const [receiver, ...rest] = texts;
      const applied = isMember ? `${receiver}.(${rest.join(', ')})` : `(${texts.join(', ')})`;
      return this.#error(expression.at, `found no matching overload for '${name}' applied to '${applied}'`);
    }
    this.#overloads.set(expression, matching);
    return result;
  }

  #junctor(
    expression: Extract<Expression, { kind: 'call' }>,
    overloads: readonly Overload[],
    types: readonly Type[],
  ): Type {
    this.#overloads.set(expression, overloads);
    let result = BOOL;
    for (const [index, type] of types.entries()) {
      if (this.#assignable(type, BOOL)) continue;
      const at = expression.args[index]?.at ?? expression.at;
      result = this.#mismatch(at, BOOL, type);
    }
    return result;
  }

  /** Type parameters of a signature are other ones in each call. */
  #renaming(): (type: Type) => Type {
    const names = new Map<string, Type>();
    const rename = (type: Type): Type => {
      switch (type.kind) {
        case 'parameter': {
          const known = names.get(type.name) ?? this.#freeType();
          names.set(type.name, known);
          return known;
        }
        case 'list':
          return listOf(rename(type.element));
        case 'map':
          return mapOf(rename(type.key), rename(type.value));
        case 'optional':
        case 'type':
          return { kind: type.kind, of: rename(type.of) };
        default:
          return type;
      }
    };
    return rename;
  }

  #freeType(): Type {
    return { kind: 'parameter', name: `_var${this.#fresh++}` };
  }

  #list(expression: Extract<Expression, { kind: 'list' }>): Type {
    let element: Type | undefined;
    for (const { value, optional } of expression.items) {
      const type = this.#unwrapped(value, this.#check(value), optional);
      element = this.#join(value, element, type);
    }
    return listOf(element ?? this.#freeType());
  }

  #map(expression: Extract<Expression, { kind: 'map' }>): Type {
    let key: Type | undefined;
    let value: Type | undefined;
    for (const entry of expression.entries) {
      key = this.#join(entry.key, key, this.#check(entry.key));
      const type = this.#unwrapped(entry.value, this.#check(entry.value), entry.optional);
      value = this.#join(entry.value, value, type);
    }
    return mapOf(key ?? this.#freeType(), value ?? this.#freeType());
  }

  #unwrapped(expression: Expression, type: Type, optional: boolean): Type {
    if (!optional) return type;
    const resolved = this.#substitutions.resolve(type);
    if (resolved.kind === 'optional') return resolved.of;
    if (!isDyn(resolved)) this.#mismatch(expression.at, { kind: 'optional', of: resolved }, resolved);
    return resolved;
  }

  #join(expression: Expression, previous: Type | undefined, current: Type): Type {
    if (previous === undefined) return current;
    if (this.#assignable(previous, current)) return moreGeneral(previous, current);
    return this.#mismatch(expression.at, previous, current);
  }

  #fold(fold: Fold): Type {
    const range = this.#substitutions.resolve(this.#check(fold.range));
    const scope = new Map<string, Type>();
    const [first, second] = this.#rangeTypes(fold, range);
    scope.set(fold.name, first);
    if (fold.name2 !== undefined) scope.set(fold.name2, second);
    this.#scopes.push(scope);
    if (fold.condition !== undefined) {
      const type = this.#check(fold.condition);
      if (!this.#assignable(BOOL, type)) this.#mismatch(fold.condition.at, BOOL, type);
    }
    const result = fold.result === undefined ? BOOL : this.#check(fold.result);
    this.#scopes.pop();
    switch (fold.macro) {
      case 'list':
        return listOf(result);
      case 'map':
        return mapOf(first, result);
      case 'mapEntry': {
        const entry = this.#substitutions.resolve(result);
        if (entry.kind === 'map') return entry;
        if (isDyn(entry)) return mapOf(DYN, DYN);
        const applied = `(map(dyn, dyn), ${typeText(entry)})`;
        return this.#error(fold.at, `found no matching overload for 'cel.@mapInsert' applied to '${applied}'`);
      }
      default:
        return BOOL;
    }
  }

  #rangeTypes(fold: Fold, range: Type): readonly [Type, Type] {
    switch (range.kind) {
      case 'list':
        return fold.name2 === undefined ? [range.element, DYN] : [INT, range.element];
      case 'map':
        return [range.key, range.value];
      case 'parameter':
        this.#assignable(DYN, range);
        return [DYN, DYN];
      default: {
        if (isDyn(range)) return [DYN, DYN];
        const problem = `expression of type '${typeText(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`;
        this.#error(fold.range.at, problem);
        return [ERROR, ERROR];
      }
    }
  }

  #optionalMap(expression: Extract<Expression, { kind: 'optionalMap' }>): Type {
    const target = this.#substitutions.resolve(this.#check(expression.target));
    const type = target.kind === 'optional' ? target.of : DYN;
    if (target.kind !== 'optional' && !isDyn(target)) {
      const name = expression.flat ? 'optFlatMap' : 'optMap';
      this.#error(expression.at, `found no matching overload for '${name}' applied to '${typeText(target)}.()'`);
    }
    this.#scopes.push(new Map([[expression.name, type]]));
    const body = this.#check(expression.body);
    this.#scopes.pop();
    if (!expression.flat) return { kind: 'optional', of: body };
    const result = this.#substitutions.resolve(body);
    if (result.kind === 'optional' || isDyn(result)) return result;
    return this.#mismatch(expression.body.at, { kind: 'optional', of: DYN }, result);
  }

  #assignable(a: Type, b: Type): boolean {
    return this.#substitutions.attempt(() => this.#substitutions.assignable(a, b));
  }

  #mismatch(at: number, wanted: Type, found: Type): Type {
    const text = (type: Type): string => typeText(this.#substitutions.resolve(type, DYN));
    return this.#error(at, `expected type '${text(wanted)}' but found '${text(found)}'`);
  }

  #error(at: number, message: string): Type {
    this.#errors.push({ at, message });
    return ERROR;
  }
}

function typeOfLiteral(value: Value): Type {
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return { kind: 'double' };
    case 'string':
      return { kind: 'string' };
    default:
      break;
  }
  if (value === null) return { kind: 'null_type' };
  if (value instanceof Uint) return { kind: 'uint' };
  if (value instanceof Uint8Array) return { kind: 'bytes' };
  if (value instanceof Timestamp) return { kind: 'timestamp' };
  if (value instanceof ListValue) return listOf(DYN);
  return value instanceof MapValue ? mapOf(DYN, DYN) : DYN;
}
