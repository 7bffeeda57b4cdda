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
