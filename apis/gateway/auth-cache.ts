/** Which answers of an authentication service are remembered, and for how long. */
export interface AuthCacheDuration {
  readonly statuses: readonly number[];
  readonly seconds: number;
}

export const DEFAULT_AUTH_CACHE_DURATION = '200 202 401 5m';

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/**
 * Reads `200 202 401 5m, 404 30s`: statuses, then a duration of nginx's notation; without statuses 200, 202 and 401.
 *
 * Source: spec ALB-90; ingress-nginx, annotation auth-cache-duration.
 *
 * @returns a text that says what is wrong
 */
export function readCacheDurations(text: string): readonly AuthCacheDuration[] | string {
  const found: AuthCacheDuration[] = [];
  for (const entry of text.split(',').map((part) => part.trim())) {
    if (entry === '') continue;
    const words = entry.split(/\s+/);
    const match = /^(\d{1,7})([smhd]?)$/.exec(words.pop() ?? '');
    const seconds = match === null ? 0 : Number(match[1]) * (UNITS[match[2] || 's'] ?? 1);
    const statuses = words.map((word) => (/^[1-5]\d\d$/.test(word) ? Number(word) : 0));
    if (seconds === 0 || statuses.includes(0)) {
      return `must be statuses and a duration like "200 202 401 5m", not ${JSON.stringify(entry)}`;
    }
    found.push({ statuses: statuses.length === 0 ? [200, 202, 401] : statuses, seconds });
  }
  return found.length === 0 ? 'must be statuses and a duration like "200 202 401 5m"' : found;
}
