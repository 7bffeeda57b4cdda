/** What all workers remember of passwords and of answers of authentication services; bounded, the oldest go first. */
const DICT = 'causeway_auth';

export function remembered(key: string): string | undefined {
  const dict = ngx.shared[DICT];
  if (dict === undefined) return undefined;
  const [value] = dict.get(key);
  return typeof value === 'string' ? value : undefined;
}

/** @param seconds above 0 */
export function remember(key: string, value: string, seconds: number): void {
  const dict = ngx.shared[DICT];
  if (dict !== undefined) dict.set(key, value, seconds);
}
