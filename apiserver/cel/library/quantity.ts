import { global, member, type Overload, traversal } from '../declaration.ts';
import { EvaluationError, NUMBER_LENGTH_MAX, Opaque } from '../value.ts';
import { checkedInt } from './operators.ts';

/*
 * Amounts as in `resources.limits`: `500m`, `1.5Gi`.
 *
 * Source: apiserver pkg/cel/library/quantity.go; apimachinery pkg/api/resource.
 */

const TYPE = 'kubernetes.Quantity';
const TEXT = /^([-+]?)(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][-+]?\d+)?$/;
const BINARY: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** The finest amount that there is, a nano: smaller ones are rounded up to it. */
const NANO = 1_000_000_000n;
const EXPONENT_MAX = 1000;

class Quantity extends Opaque {
  override readonly typeName = TYPE;
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = nanos;
  }

  override equals(other: Opaque): boolean {
    return other instanceof Quantity && other.nanos === this.nanos;
  }
}

function parse(text: string): Quantity | undefined {
  const match = text.length > NUMBER_LENGTH_MAX ? null : TEXT.exec(text);
  if (match === null) return undefined;
  const [, sign, number = '', suffix = ''] = match;
  const [whole = '', fraction = ''] = number.split('.');
  let numerator = BigInt(`${whole}${fraction}` || '0') * NANO;
  let denominator = 10n ** BigInt(fraction.length);
  const power = BINARY[suffix];
  const exponent = power === undefined ? (DECIMAL[suffix] ?? Number(suffix.slice(1) || '0')) : 0;
  if (Math.abs(exponent) > EXPONENT_MAX) return undefined;
  if (power !== undefined) numerator *= 2n ** BigInt(power);
  if (exponent >= 0) numerator *= 10n ** BigInt(exponent);
  else denominator *= 10n ** BigInt(-exponent);
  const nanos = (numerator + denominator - 1n) / denominator;
  return new Quantity(sign === '-' ? -nanos : nanos);
}

function quantity(text: string): Quantity {
  const value = parse(text);
  if (value !== undefined) return value;
  throw new EvaluationError(
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  );
}

function order(a: Quantity, b: Quantity): bigint {
  if (a.nanos === b.nanos) return 0n;
  return a.nanos < b.nanos ? -1n : 1n;
}

function isInteger({ nanos }: Quantity): boolean {
  const value = nanos / NANO;
  return nanos % NANO === 0n && value < 2n ** 63n && value >= -(2n ** 63n);
}

const PARSING = traversal();

export const QUANTITY: readonly Overload[] = [
  global('quantity', `string -> ${TYPE}`, quantity, PARSING),
  global('isQuantity', 'string -> bool', (text: string) => parse(text) !== undefined, PARSING),
  // Kubernetes' documentation writes it as a method; its servers have the function only.
  global('sign', `${TYPE} -> int`, ({ nanos }: Quantity) => (nanos === 0n ? 0n : nanos < 0n ? -1n : 1n)),
  member('isGreaterThan', `${TYPE}, ${TYPE} -> bool`, (a: Quantity, b: Quantity) => a.nanos > b.nanos),
  member('isLessThan', `${TYPE}, ${TYPE} -> bool`, (a: Quantity, b: Quantity) => a.nanos < b.nanos),
  member('compareTo', `${TYPE}, ${TYPE} -> int`, order),
  member('asApproximateFloat', `${TYPE} -> double`, ({ nanos }: Quantity) => Number(nanos) / Number(NANO)),
  member('asInteger', `${TYPE} -> int`, (value: Quantity) => {
    if (!isInteger(value)) throw new EvaluationError('cannot convert value to integer');
    return checkedInt(value.nanos / NANO);
  }),
  member('isInteger', `${TYPE} -> bool`, isInteger),
  member('add', `${TYPE}, ${TYPE} -> ${TYPE}`, (a: Quantity, b: Quantity) => new Quantity(a.nanos + b.nanos)),
  member('add', `${TYPE}, int -> ${TYPE}`, (a: Quantity, b: bigint) => new Quantity(a.nanos + b * NANO)),
  member('sub', `${TYPE}, ${TYPE} -> ${TYPE}`, (a: Quantity, b: Quantity) => new Quantity(a.nanos - b.nanos)),
  member('sub', `${TYPE}, int -> ${TYPE}`, (a: Quantity, b: bigint) => new Quantity(a.nanos - b * NANO)),
];
