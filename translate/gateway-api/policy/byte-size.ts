const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
};

/** Bytes of `4Ki` or 4096. @returns undefined for anything else */
export function bytesOf(size: number | string): number | undefined {
  const [, digits, unit = ''] = /^([0-9]{1,15})(Ki|Mi|Gi|k|M|G)?$/.exec(String(size)) ?? [];
  const factor = UNITS[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}
