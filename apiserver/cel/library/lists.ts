import { global, member, type Overload, PRODUCT, perElement } from '../declaration.ts';
import { Duration, EvaluationError, equal, type ListValue, Uint, type Value } from '../value.ts';
import { checkedDuration, checkedInt, checkedUint, compare } from './operators.ts';

/*
 * Kubernetes' functions of lists, and those of sets.
 *
 * Source: apiserver pkg/cel/library/lists.go; cel-go ext, Sets.
 */

const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes'];
const SUMMABLE: Readonly<Record<string, { readonly zero: Value; readonly add: (a: never, b: never) => Value }>> = {
  int: { zero: 0n, add: (a: bigint, b: bigint) => checkedInt(a + b) },
  uint: { zero: new Uint(0n), add: (a: Uint, b: Uint) => checkedUint(a.value + b.value) },
  double: { zero: 0, add: (a: number, b: number) => a + b },
  duration: {
    zero: new Duration(0n),
    add: (a: Duration, b: Duration) => checkedDuration(a.nanoseconds + b.nanoseconds),
  },
};

function isSorted({ items }: ListValue): boolean {
  return items.every((item, index) => index === 0 || compare(items[index - 1] ?? null, item) <= 0);
}

function extreme(name: string, isBetter: (order: number) => boolean): (list: ListValue) => Value {
  return ({ items }) => {
    let [best] = items;
    if (best === undefined) throw new EvaluationError(`${name} called on empty list`);
    for (const item of items) if (isBetter(compare(item, best))) best = item;
    return best;
  };
}

function sum({ items }: ListValue, type: string): Value {
  const { zero, add } = SUMMABLE[type] ?? { zero: 0n, add: () => 0n };
  return items.reduce((total: Value, item) => add(total as never, item as never), zero);
}

function indexOf(list: ListValue, value: Value): bigint {
  return BigInt(list.items.findIndex((item) => equal(item, value)));
}

function lastIndexOf(list: ListValue, value: Value): bigint {
  return BigInt(list.items.findLastIndex((item) => equal(item, value)));
}

export const LISTS: readonly Overload[] = [
  ...COMPARABLE.flatMap((type) => [
    member('isSorted', `list(${type}) -> bool`, isSorted, perElement()),
    member(
      'min',
      `list(${type}) -> ${type}`,
      extreme('min', (order) => order < 0),
      perElement(),
    ),
    member(
      'max',
      `list(${type}) -> ${type}`,
      extreme('max', (order) => order > 0),
      perElement(),
    ),
  ]),
  ...Object.keys(SUMMABLE).map((type) =>
    member('sum', `list(${type}) -> ${type}`, (list: ListValue) => sum(list, sumType(list, type)), perElement()),
  ),
  member('indexOf', 'list(A), A -> int', indexOf, perElement()),
  member('lastIndexOf', 'list(A), A -> int', lastIndexOf, perElement()),
];

/** Of a list whose elements were dyn to the checker, the first element says what is added. */
function sumType({ items: [first] }: ListValue, declared: string): string {
  if (typeof first === 'bigint') return 'int';
  if (typeof first === 'number') return 'double';
  if (first instanceof Uint) return 'uint';
  return first instanceof Duration ? 'duration' : declared;
}

function containsAll(list: ListValue, part: ListValue): boolean {
  return part.items.every((each) => list.items.some((item) => equal(item, each)));
}

export const SETS: readonly Overload[] = [
  global('sets.contains', 'list(T), list(T) -> bool', containsAll, PRODUCT),
  global(
    'sets.equivalent',
    'list(T), list(T) -> bool',
    (a: ListValue, b: ListValue) => containsAll(a, b) && containsAll(b, a),
    PRODUCT,
  ),
  global(
    'sets.intersects',
    'list(T), list(T) -> bool',
    (a: ListValue, b: ListValue) => a.items.some((item) => b.items.some((each) => equal(item, each))),
    PRODUCT,
  ),
];
