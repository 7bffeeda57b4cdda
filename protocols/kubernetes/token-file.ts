import { readFile } from 'node:fs/promises';
import type { Clock } from './clock.ts';
import { systemClock } from './clock.ts';

const maxAgeMs = 60_000;

/**
 * A bearer token that another program rotates in a file: read again once a
 * minute. If a later read fails the last token stays in use, because it is
 * valid longer than the file is absent during a rotation.
 *
 * Source: Kubernetes, bound service account tokens (projected volumes are
 * refreshed at 80 % of the token's life).
 */
export function tokenFile(path: string, clock: Clock = systemClock): () => Promise<string> {
  let last: { readonly token: string; readonly readAt: number } | undefined;
  return async () => {
    const now = clock.now();
    if (last !== undefined && now - last.readAt < maxAgeMs) return last.token;
    try {
      last = { token: (await readFile(path, 'utf8')).trim(), readAt: now };
    } catch (error) {
      if (last === undefined) throw error;
      last = { token: last.token, readAt: now };
    }
    return last.token;
  };
}
