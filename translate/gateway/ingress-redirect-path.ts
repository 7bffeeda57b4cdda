import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { priorityOf } from './ingress-annotation.ts';
import { isRoot, toAppRoot } from './ingress-host.ts';
import { ingressReaders } from './ingress-reader.ts';
import type { IngressPath } from './ingress-rule.ts';

/** Rules beside those of paths have indexes behind these; the first one may be made from defaultBackend. */
const APP_ROOT_OFFSET = 1;
const WWW_OFFSET = 2;
/** After every other Rule of that host, also those made from defaultBackend (998). */
const WWW_PRIORITY = 999;

/**
 * Rules that an Ingress has beside those of its paths:
 *
 * - `app-root`: `/` itself leads to the application.
 * - `from-to-www-redirect`: `www.a.com` leads to `a.com`, or the other way round, unless an Ingress has that host too.
 *
 * @param paths those of the Ingress
 */
export function redirectingPaths(view: View, ingress: Ingress, paths: readonly IngressPath[]): readonly IngressPath[] {
  const read = ingressReaders(ingress)();
  const appRoot = read.value('app-root');
  const wantsWww = read.value('from-to-www-redirect') === true;
  if (appRoot === undefined && !wantsWww) return [];
  const found: IngressPath[] = [];
  for (const first of firstOfHosts(paths)) {
    const { ruleIndex, host, aliases } = first;
    const pathCount = ingress.spec?.rules?.[ruleIndex]?.http?.paths.length ?? 0;
    const own = paths.filter((path) => path.host === host);
    if (appRoot !== undefined && !own.some(isRoot)) {
      const priority = Math.min(...own.map((path) => priorityOf(ingress, path.ruleIndex, path.pathIndex)));
      const redirect = toAppRoot(appRoot);
      const pathIndex = pathCount + APP_ROOT_OFFSET;
      found.push({ ruleIndex, pathIndex, host, aliases, path: '/', pathType: 'Exact', priority, redirect });
    }
    const other = wantsWww ? otherHost(host) : undefined;
    if (other === undefined || view.has('Ingress', 'host', other)) continue;
    found.push({
      ...{ ruleIndex, pathIndex: pathCount + WWW_OFFSET, host: other, aliases: [], path: '', pathType: undefined },
      ...{ priority: WWW_PRIORITY, redirect: { host, code: 308 } },
    });
  }
  return found;
}

function firstOfHosts(paths: readonly IngressPath[]): readonly IngressPath[] {
  const first = new Map<string, IngressPath>();
  for (const path of paths) if (!first.has(path.host)) first.set(path.host, path);
  return [...first.values()];
}

function otherHost(host: string): string | undefined {
  if (host === '' || host.startsWith('*')) return undefined;
  return host.startsWith('www.') ? host.slice('www.'.length) : `www.${host}`;
}
