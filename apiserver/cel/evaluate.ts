import type { Checked } from './check.ts';
import { isOfType, type Overload } from './declaration.ts';
import type { Expression, Fold } from './expression.ts';
import { isDyn } from './type.ts';
import {
  EvaluationError,
  equal,
  ListValue,
  MapValue,
  NONE,
  ObjectValue,
  Optional,
  typeName,
  type Value,
} from './value.ts';

/** An evaluation did more work than it may. Nothing catches it on the way. */
export class CostLimitExceeded extends Error {
  override readonly name = 'CostLimitExceeded';
}

/** One evaluation: its variables, and the work it has done, in Kubernetes' units. */
export class Frame {
  readonly slots: Value[];
  readonly limit: number;
  spent = 0;

  constructor(slots: Value[], limit: number) {
    this.slots = slots;
    this.limit = limit;
  }

  /** @throws CostLimitExceeded */
  spend(units: number): void {
    this.spent += units;
    if (this.spent > this.limit) throw new CostLimitExceeded('operation cancelled: actual cost limit exceeded');
  }
}

/** @throws EvaluationError, CostLimitExceeded */
export type Step = (frame: Frame) => Value;

/** How much work a comparison is shows only while it is done. */
const EQUALITIES = new Set(['_==_', '_!=_']);

/** Source: cel-go common/cost.go. */
const LIST_COST = 10;
const MAP_COST = 30;

/**
 * Turns a checked expression into a function. Variables are in slots: the given ones first, then those of macros.
 *
 * @param variables the slot of each variable
 */
export function compile(
  expression: Expression,
  checked: Checked,
  variables: ReadonlyMap<string, number>,
): { readonly step: Step; readonly slots: number } {
  const compiler = new Compiler(checked, variables);
  return { step: compiler.compile(expression), slots: compiler.slots };
}

class Compiler {
  readonly #checked: Checked;
  readonly #scopes: Map<string, number>[] = [];
  slots: number;

  constructor(checked: Checked, variables: ReadonlyMap<string, number>) {
    this.#checked = checked;
    this.#scopes.push(new Map(variables));
    this.slots = variables.size;
  }

  compile(expression: Expression): Step {
    const constant = this.#checked.constants.get(expression);
    if (constant !== undefined) return () => constant;
    switch (expression.kind) {
      case 'literal': {
        const { value } = expression;
        return () => value;
      }
      case 'identifier': {
        const slot = this.#slotOf(expression.name);
        return (frame) => {
          frame.spend(1);
          const value = frame.slots[slot];
          if (value === undefined) throw new EvaluationError(`no such attribute(s): ${expression.name}`);
          return value;
        };
      }
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

  #slotOf(name: string): number {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const slot = this.#scopes[index]?.get(name);
      if (slot !== undefined) return slot;
    }
    throw new Error(`the checker knows ${name}, the compiler does not`);
  }

  #inScope<T>(names: readonly string[], work: (slots: readonly number[]) => T): T {
    const slots = names.map(() => this.slots++);
    this.#scopes.push(new Map(names.map((name, index) => [name, slots[index] ?? 0])));
    const result = work(slots);
    this.#scopes.pop();
    return result;
  }

  #select({ operand, field, test, optional }: Extract<Expression, { kind: 'select' }>): Step {
    const inner = this.compile(operand);
    if (test) {
      return (frame) => {
        frame.spend(1);
        const value = inner(frame);
        const container = value instanceof Optional ? value.value : value;
        return container !== undefined && fieldOf(container, field) !== undefined;
      };
    }
    return (frame) => {
      const value = inner(frame);
      frame.spend(1);
      if (value instanceof Optional || optional) {
        const container = value instanceof Optional ? value.value : value;
        const found = container === undefined ? undefined : fieldOf(container, field);
        return found === undefined ? NONE : new Optional(found);
      }
      const found = fieldOf(value, field);
      if (found === undefined) throw new EvaluationError(`no such key: ${field}`);
      return found;
    };
  }

  #call(expression: Extract<Expression, { kind: 'call' }>): Step {
    const { name, target, args } = expression;
    const overloads = this.#checked.overloads.get(expression) ?? [];
    const isMember = overloads[0]?.member === true;
    const steps = (isMember && target !== undefined ? [target, ...args] : args).map((each) => this.compile(each));
    const [first, second, third] = steps;
    if (first !== undefined && second !== undefined) {
      if (name === '_&&_') return junctor(first, second, false);
      if (name === '_||_') return junctor(first, second, true);
      if (name === '_?_:_' && third !== undefined) {
        return (frame) => {
          const condition = first(frame);
          if (typeof condition !== 'boolean') throw noSuchOverload();
          return condition ? second(frame) : third(frame);
        };
      }
    }
    if (first !== undefined && second !== undefined && EQUALITIES.has(name)) {
      const wanted = name === '_==_';
      return (frame) => {
        const left = first(frame);
        return equal(left, second(frame), (units) => frame.spend(units)) === wanted;
      };
    }
    const [only] = overloads;
    const parts = isMember && target !== undefined ? [target, ...args] : args;
    const certain = parts.every((each) => !isDyn(this.#checked.typeOf(each)));
    if (only !== undefined && overloads.length === 1 && certain) return direct(only, steps);
    return dispatched(overloads, steps);
  }

  #list({ items }: Extract<Expression, { kind: 'list' }>): Step {
    const parts = items.map(({ value, optional }) => ({ step: this.compile(value), optional }));
    return (frame) => {
      frame.spend(LIST_COST);
      const list: Value[] = [];
      for (const { step, optional } of parts) {
        const value = step(frame);
        if (!optional) list.push(value);
        else if (value instanceof Optional && value.value !== undefined) list.push(value.value);
      }
      return new ListValue(list);
    };
  }

  #map({ entries }: Extract<Expression, { kind: 'map' }>): Step {
    const parts = entries.map(({ key, value, optional }) => ({
      key: this.compile(key),
      value: this.compile(value),
      optional,
    }));
    return (frame) => {
      frame.spend(MAP_COST);
      const map: [Value, Value][] = [];
      for (const { key, value, optional } of parts) {
        const name = key(frame);
        const given = value(frame);
        if (!optional) map.push([name, given]);
        else if (given instanceof Optional && given.value !== undefined) map.push([name, given.value]);
      }
      return new MapValue(map);
    };
  }

  #optionalMap({ target, name, body, flat }: Extract<Expression, { kind: 'optionalMap' }>): Step {
    const inner = this.compile(target);
    return this.#inScope([name], ([slot = 0]) => {
      const step = this.compile(body);
      return (frame) => {
        const value = inner(frame);
        if (!(value instanceof Optional)) throw noSuchOverload();
        if (value.value === undefined) return NONE;
        frame.slots[slot] = value.value;
        const result = step(frame);
        return flat ? result : new Optional(result);
      };
    });
  }

  #fold(fold: Fold): Step {
    const range = this.compile(fold.range);
    const names = fold.name2 === undefined ? [fold.name] : [fold.name, fold.name2];
    return this.#inScope(names, ([slot = 0, slot2]) => {
      const condition = fold.condition === undefined ? undefined : this.compile(fold.condition);
      const result = fold.result === undefined ? undefined : this.compile(fold.result);
      const run = loop(fold, [slot, slot2], condition, result);
      return (frame) => run(frame, range(frame));
    });
  }
}

/** Runs one round, whose variables are set; false ends the loop. */
type Body = (frame: Frame, key: Value) => boolean;

/** Goes through a list or map, one element at a time: a loop that ends early has not touched the rest. */
function forEach(frame: Frame, range: Value, [slot, slot2]: LoopSlots, body: Body): void {
  if (range instanceof ListValue) {
    for (const [index, item] of range.items.entries()) {
      frame.spend(ROUND_COST);
      frame.slots[slot] = slot2 === undefined ? item : BigInt(index);
      if (slot2 !== undefined) frame.slots[slot2] = item;
      if (!body(frame, frame.slots[slot] ?? null)) return;
    }
    return;
  }
  const map = asMap(range);
  if (map === undefined) throw new EvaluationError(`got '${goTypeName(range)}', expected iterable type`);
  for (const [key, value] of map.entries()) {
    frame.spend(ROUND_COST);
    frame.slots[slot] = key;
    if (slot2 !== undefined) frame.slots[slot2] = value;
    if (!body(frame, key)) return;
  }
}

/** Where the variables of a loop are. */
type LoopSlots = readonly [first: number, second: number | undefined];

/** What a round costs besides its expressions: the accumulator is read, and the condition of the loop asked. */
const ROUND_COST = 2;

const GO_TYPES: Readonly<Record<string, string>> = {
  int: 'types.Int',
  uint: 'types.Uint',
  double: 'types.Double',
  bool: 'types.Bool',
  string: 'types.String',
  bytes: 'types.Bytes',
  null_type: 'types.Null',
};

/** What a real server, which is written in Go, calls the type of a value. */
function goTypeName(value: Value): string {
  const name = typeName(value);
  return GO_TYPES[name] ?? name;
}

type Loop = (frame: Frame, range: Value) => Value;

function loop(fold: Fold, slots: LoopSlots, condition: Step | undefined, result: Step | undefined): Loop {
  const accepts = (frame: Frame): boolean => condition === undefined || isTrue(condition(frame));
  switch (fold.macro) {
    case 'all':
      return quantifier(condition ?? alwaysTrue, slots, false);
    case 'exists':
      return quantifier(condition ?? alwaysTrue, slots, true);
    case 'existsOne':
      return (frame, range) => {
        let count = 0;
        forEach(frame, range, slots, () => {
          if (accepts(frame)) count++;
          return true;
        });
        return count === 1;
      };
    case 'list':
      return (frame, range) => {
        frame.spend(LIST_COST);
        const list: Value[] = [];
        forEach(frame, range, slots, () => {
          if (!accepts(frame) || result === undefined) return true;
          frame.spend(LIST_COST + 1);
          list.push(result(frame));
          return true;
        });
        return new ListValue(list);
      };
    case 'map':
    case 'mapEntry':
      return (frame, range) => {
        frame.spend(MAP_COST);
        const entries: (readonly [Value, Value])[] = [];
        forEach(frame, range, slots, (_frame, key) => {
          if (!accepts(frame) || result === undefined) return true;
          const value = result(frame);
          if (fold.macro === 'map') entries.push([key, value]);
          else entries.push(...entriesOf(value));
          return true;
        });
        return new MapValue(entries, true);
      };
  }
}

function alwaysTrue(): Value {
  return true;
}

function isTrue(value: Value): boolean {
  if (typeof value !== 'boolean') throw noSuchOverload();
  return value;
}

function entriesOf(value: Value): Iterable<readonly [Value, Value]> {
  const map = asMap(value);
  if (map === undefined) throw noSuchOverload();
  return map.entries();
}

/** `all` and `exists`: one element decides, whatever error another one has. */
function quantifier(condition: Step, slots: LoopSlots, decisive: boolean): Loop {
  return (frame, range) => {
    let failure: EvaluationError | undefined;
    let decided = false;
    forEach(frame, range, slots, () => {
      try {
        const value = condition(frame);
        decided = value === decisive;
        if (typeof value !== 'boolean') failure ??= noSuchOverload();
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        failure ??= error;
      }
      return !decided;
    });
    if (decided) return decisive;
    if (failure !== undefined) throw failure;
    return !decisive;
  };
}

/** `&&` and `||`: the side that decides wins over an error of the other. */
function junctor(left: Step, right: Step, decisive: boolean): Step {
  return (frame) => {
    let failure: EvaluationError | undefined;
    try {
      const value = left(frame);
      if (value === decisive) return decisive;
      if (typeof value !== 'boolean') failure = noSuchOverload();
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      failure = error;
    }
    if (failure === undefined) return isTrue(right(frame));
    try {
      if (right(frame) === decisive) return decisive;
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
    }
    throw failure;
  };
}

function direct(overload: Overload, steps: readonly Step[]): Step {
  const { run, cost } = overload;
  const [first, second] = steps;
  if (cost === undefined && first !== undefined && steps.length === 1) {
    return (frame) => {
      frame.spend(1);
      return run(first(frame));
    };
  }
  if (cost === undefined && first !== undefined && second !== undefined && steps.length === 2) {
    return (frame) => {
      frame.spend(1);
      return run(first(frame), second(frame));
    };
  }
  return (frame) =>
    charged(
      frame,
      overload,
      steps.map((step) => step(frame)),
    );
}

function dispatched(overloads: readonly Overload[], steps: readonly Step[]): Step {
  return (frame) => {
    const values = steps.map((step) => step(frame));
    const overload = overloads.find(({ args }) => values.every((value, index) => fits(value, args[index])));
    if (overload === undefined) throw noSuchOverload(overloads[0]?.name);
    return charged(frame, overload, values);
  };
}

function fits(value: Value, type: Overload['args'][number] | undefined): boolean {
  return type !== undefined && isOfType(value, type);
}

function charged(frame: Frame, { run, cost }: Overload, values: readonly Value[]): Value {
  if (cost === undefined) {
    frame.spend(1);
    return run(...values);
  }
  // What the arguments alone cost is known before the work is done.
  const before = cost(values, '');
  frame.spend(before);
  const result = run(...values);
  const after = cost(values, result);
  if (after > before) frame.spend(after - before);
  return result;
}

/** @param name of a function; those of operators are not said */
function noSuchOverload(name = ''): EvaluationError {
  return new EvaluationError(/^[a-z]/.test(name) ? `no such overload: ${name}` : 'no such overload');
}

/** The value of a field or key; undefined when there is none. @throws EvaluationError when the value has no fields */
function fieldOf(value: Value, name: string): Value | undefined {
  if (value instanceof ObjectValue) return value.get(name);
  if (value instanceof MapValue) return value.get(name);
  throw new EvaluationError(`no such key: ${name}`);
}

/** A map, or an object as one; undefined for anything else. */
export function asMap(value: Value): MapValue | undefined {
  if (value instanceof MapValue) return value;
  if (!(value instanceof ObjectValue)) return undefined;
  const entries: [Value, Value][] = [];
  for (const name of value.type.fields.keys()) {
    const field = value.get(name);
    if (field !== undefined) entries.push([name, field]);
  }
  return new MapValue(entries);
}
