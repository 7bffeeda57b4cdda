import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { FEATURE_ANNOTATIONS } from './ingress-feature.ts';
import { ingressReaders } from './ingress-reader.ts';
import type { IngressPath } from './ingress-rule.ts';
import type { Problem } from './problem.ts';
import { annotationName } from './unsupported.ts';

/**
 * Reports whether TLS connections to the hosts of an Ingress are passed on as they are (`ssl-passthrough`). Then only its hosts count
 * on ports with TLS, and none of its other annotations; HTTP in clear text is served by its paths as ever.
 *
 * Source: spec ALB 5.7, LIM-13; ingress-nginx.md, IN-18.
 */
export function isPassthrough(ingress: Ingress): boolean {
  return ingressReaders(ingress)().value('ssl-passthrough') === true;
}

/** What stands for each host of a passing Ingress: the backend of its root, else of its first path. */
export function passingHosts(
  ingress: Ingress,
  paths: readonly IngressPath[],
): { readonly paths: readonly IngressPath[]; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  const warn = (reason: Problem['reason'], message: string): void => {
    const object = { kind: 'Ingress', key: keyOf(ingress) } as const;
    problems.push({ object, reason, message: `ssl-passthrough: ${message}`, severity: 'Warning' });
  };
  const chosen = new Map<string, IngressPath>();
  for (const path of paths) {
    if (path.group === undefined || path.redirect !== undefined) continue;
    const known = chosen.get(path.host);
    if (path.host === '')
      warn('InvalidField', 'a rule without host is not served with TLS: the name of the host is what chooses');
    else if (known === undefined || (!isRoot(known) && isRoot(path))) chosen.set(path.host, path);
  }
  const ignored = paths.filter((path) => path.host !== '' && !isRoot(path)).map(({ host, path }) => `${host}${path}`);
  if (ignored.length > 0) {
    warn('UnsupportedFeature', `paths are not seen, all of a host goes to one backend; ignored: ${ignored.join(', ')}`);
  }
  const others = otherAnnotations(ingress);
  if (others.length > 0) {
    warn('UnsupportedFeature', `without effect on connections that pass through: ${others.join(', ')}`);
  }
  return {
    paths: [...chosen.values()].map(({ canary: _canary, ...path }) => ({
      ...path,
      path: '',
      pathType: undefined,
      passthrough: true,
    })),
    problems,
  };
}

/** Whether a data plane serves an Ingress too. */
type ServedHere = (other: Ingress) => boolean;

/** Other Ingresses of a data plane with hosts that pass through: of these they get no TLS connections any more. */
export function hiddenIngresses(view: View, ingress: Ingress, isServedHere: ServedHere): readonly Problem[] {
  const hosts = new Set((ingress.spec?.rules ?? []).flatMap(({ host }) => host ?? []));
  const problems: Problem[] = [];
  for (const host of [...hosts].sort()) {
    const hidden = view
      .by('Ingress', 'host', host)
      .filter((other) => objectKeyText(keyOf(other)) !== objectKeyText(keyOf(ingress)) && !isPassthrough(other))
      .filter(isServedHere)
      .map((other) => objectKeyText(keyOf(other)));
    if (hidden.length === 0) continue;
    const message = `ssl-passthrough: TLS connections to ${host} pass through, those to Ingress ${hidden.join(', ')} too`;
    problems.push({
      object: { kind: 'Ingress', key: keyOf(ingress) },
      reason: 'Conflicted',
      message,
      severity: 'Warning',
    });
  }
  return problems;
}

/** The same, told to who owns an Ingress that is hidden so. Its own hosts alone are compared, not wildcards. */
export function hiddenBy(view: View, ingress: Ingress, isServedHere: ServedHere): readonly Problem[] {
  const hosts = new Set((ingress.spec?.rules ?? []).flatMap(({ host }) => host?.toLowerCase() ?? []));
  return [...hosts].sort().flatMap((host): readonly Problem[] => {
    const passing = view
      .by('Ingress', 'passingHost', host)
      .filter((other) => isPassthrough(other) && isServedHere(other))
      .map((other) => objectKeyText(keyOf(other)));
    if (passing.length === 0) return [];
    const message = `TLS connections to ${host} do not come here: they pass through to Ingress ${passing.join(', ')} (ssl-passthrough)`;
    return [{ object: { kind: 'Ingress', key: keyOf(ingress) }, reason: 'Conflicted', message, severity: 'Warning' }];
  });
}

function otherAnnotations(ingress: Ingress): readonly string[] {
  return Object.keys(ingress.metadata.annotations ?? {})
    .filter((key) => {
      const name = annotationName(key);
      return name !== undefined && name !== 'ssl-passthrough' && FEATURE_ANNOTATIONS.has(name);
    })
    .sort();
}

function isRoot({ path }: IngressPath): boolean {
  return path === '/' || path === '';
}
