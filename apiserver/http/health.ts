import { pageNotFound } from '../status-error.ts';

/** Names that monitoring asks for one by one; `etcd` is the store. A server that answers has all of it. */
const CHECKS = ['ping', 'log', 'etcd'];
const READINESS_CHECKS = [...CHECKS, 'etcd-readiness', 'informer-sync', 'shutdown'];

/**
 * The text for `/livez`, `/livez/<check>` and the like; with `verbose` a line for each check.
 *
 * Source: apiserver pkg/server/healthz.
 *
 * @throws StatusError 404: no such check
 */
export function healthText([endpoint = '', ...check]: readonly string[], query: URLSearchParams): string {
  const checks = endpoint === 'readyz' ? READINESS_CHECKS : CHECKS;
  if (check.length > 0) {
    if (!checks.includes(check.join('/'))) throw pageNotFound();
    return 'ok';
  }
  if (!query.has('verbose')) return 'ok';
  const excluded = query.getAll('exclude');
  const lines = checks.map((name) => `[+]${name} ${excluded.includes(name) ? 'excluded: ok' : 'ok'}`);
  const unknown = excluded.filter((name) => !checks.includes(name)).map((name) => `"${name}"`);
  if (unknown.length > 0) {
    lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.join(', ')}`);
  }
  return [...lines, `${endpoint} check passed`, ''].join('\n');
}
