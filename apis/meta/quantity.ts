/**
 * A Kubernetes resource quantity as a number: `500m` is 0.5, `2Gi` is 2147483648.
 *
 * Source: apimachinery, resource.Quantity. Precision is that of a double, enough for cores and bytes.
 *
 * @returns undefined when it is not a quantity
 */
export function parseQuantity(quantity: string | number): number | undefined {
  const match = /^([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))(?:[eE]([+-]?[0-9]+)|([numkKMGTPE]i?))?$/.exec(String(quantity));
  if (match === null) return undefined;
  const [, digits = '', exponent, suffix] = match;
  const factor = suffix === undefined ? 10 ** Number(exponent ?? 0) : SUFFIXES[suffix];
  return factor === undefined ? undefined : Number(digits) * factor;
}

const SUFFIXES: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const NANO = 9;

/**
 * The form in which Kubernetes writes a quantity: no fraction, the largest suffix that allows that. `0.5` is `500m`, `1024Mi` is `1Gi`.
 *
 * Source: apimachinery, resource.Quantity, CanonicalizeBytes. What is finer than nano is rounded up.
 *
 * @returns undefined when it is not a quantity, or in the form with an exponent, which stays as it is
 */
export function canonicalQuantity(quantity: string | number): string | undefined {
  const match = /^([+-]?)([0-9]*)\.?([0-9]*)([numkKMGTPE]i?)?$/.exec(String(quantity));
  if (match === null || parseQuantity(quantity) === undefined) return undefined;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  const binary = BINARY.indexOf(suffix);
  const shift = binary > 0 ? 0 : (DECIMAL.indexOf(suffix) - 3) * 3;
  const factor = binary > 0 ? 1024n ** BigInt(binary) : 1n;
  // In billionths.
  const places = fraction.length - shift - NANO;
  const digits = BigInt(`${whole}${fraction}`) * factor;
  const amount = places <= 0 ? digits * 10n ** BigInt(-places) : dividedUp(digits, 10n ** BigInt(places));
  const text =
    binary > 0 && amount >= 1024n * 10n ** 9n ? binaryText(dividedUp(amount, 10n ** 9n)) : decimalText(amount);
  return sign === '-' && amount > 0n ? `-${text}` : text;
}

function dividedUp(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function decimalText(amount: bigint): string {
  let value = amount;
  let step = 0;
  if (value === 0n) return '0';
  while (value % 1000n === 0n && step < DECIMAL.length - 1) {
    value /= 1000n;
    step++;
  }
  return `${value}${DECIMAL[step]}`;
}

function binaryText(amount: bigint): string {
  let value = amount;
  let step = 0;
  while (value % 1024n === 0n && step < BINARY.length - 1) {
    value /= 1024n;
    step++;
  }
  return `${value}${BINARY[step]}`;
}
