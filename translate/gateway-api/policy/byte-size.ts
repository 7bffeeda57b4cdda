const UNITS: Readonly<Record<string, number>> = {
  '': 1,
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

/** Bytes of `4Ki` or 4096, at most those that a number holds exactly. @returns undefined for anything else */
export function bytesOf(size: number | string): number | undefined {
  const [, digits, unit = ''] = /^([0-9]{1,15})([KMGTPE]i|[kMGTPE])?$/.exec(String(size)) ?? [];
  const factor = UNITS[unit];
  if (digits === undefined || factor === undefined) return undefined;
  return Math.min(Number(digits) * factor, Number.MAX_SAFE_INTEGER);
}
