import { parseDuration } from '../duration.ts';

/**
 * Durations of an object that stands where nobody checks it. `unlimited` is `0s`.
 *
 * @param paths of the fields that are read, as `tcp.idleTimeout`
 * @param tell told of fields that are there and cannot be read
 */
export function readSettings<const P extends readonly string[]>(
  settings: unknown,
  paths: P,
  tell: (field: string, message: string) => void,
): Readonly<Partial<Record<P[number], string>>> {
  const read: Partial<Record<P[number], string>> = {};
  const groups = typeof settings === 'object' && settings !== null ? Object.entries(settings) : [];
  for (const [group, fields] of groups) {
    for (const [field, value] of Object.entries(typeof fields === 'object' && fields !== null ? fields : {})) {
      const path = paths.find((each): each is P[number] => each === `${group}.${field}`);
      const duration = value === 'unlimited' ? '0s' : value;
      if (path === undefined) tell(`${group}.${field}`, 'not served');
      else if (typeof duration === 'string' && parseDuration(duration) !== undefined) read[path] = duration;
      else tell(path, `${JSON.stringify(value)} is no duration`);
    }
  }
  return read;
}
