import type { CanaryConfig } from '@causeway/apis/gateway/canary';
import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { claimOf } from './ingress-alb.ts';
import { type IngressReader, ingressReaders } from './ingress-reader.ts';
import type { Problem } from './problem.ts';

type IngressHost = NonNullable<NonNullable<Ingress['spec']>['rules']>[number];
type IngressHttpPath = NonNullable<IngressHost['http']>['paths'][number];

/** The path of an Ingress that a canary attaches itself to. */
interface PathName {
  readonly host: string;
  readonly path: string;
  readonly pathType: string | undefined;
}

/**
 * Reports whether an Ingress is a canary: it has no Rules of its own but adds to those of the Ingress with the same hosts and
 * paths in its namespace.
 *
 * Source: ingress-nginx, "Canary"; LIM-05.
 */
export function isCanary(ingress: Ingress): boolean {
  return readerOf(ingress).value('canary') === true;
}

/**
 * What a canary says about one path; of several the oldest.
 *
 * @param groupOf its Services
 */
export function canaryOf(
  view: View,
  ingress: Ingress,
  path: PathName,
  groupOf: (canary: Ingress, path: IngressHttpPath) => ServiceGroup | undefined,
): CanaryConfig | undefined {
  for (const canary of canariesOf(view, ingress, path.host)) {
    // Who is meant cannot be known: nobody is.
    if (readerOf(canary).mistake(['canary-by-header-pattern']) !== undefined) continue;
    const found = pathOf(canary, path);
    const serviceGroup = found && groupOf(canary, found);
    if (serviceGroup !== undefined) return { serviceGroup, ...settingsOf(readerOf(canary)) };
  }
  return undefined;
}

/** Paths of a canary that have no effect, because there is no Ingress for them or an older canary has them. */
export function canaryProblems(view: View, canary: Ingress): readonly Problem[] {
  const problems: Problem[] = [];
  const warn = (reason: Problem['reason'], message: string): void => {
    problems.push({ object: { kind: 'Ingress', key: keyOf(canary) }, reason, message, severity: 'Warning' });
  };
  for (const [ruleIndex, rule] of (canary.spec?.rules ?? []).entries()) {
    for (const [pathIndex, { path = '', pathType }] of (rule.http?.paths ?? []).entries()) {
      const name = { host: rule.host ?? '', path, pathType };
      const field = `spec.rules[${ruleIndex}].http.paths[${pathIndex}]`;
      const main = view
        .by('Ingress', 'namespaceHost', hostKey(canary, name.host))
        .find(
          (ingress) => !isCanary(ingress) && sameClass(view, ingress, canary) && pathOf(ingress, name) !== undefined,
        );
      if (main === undefined) {
        warn('RefNotFound', `${field}: the canary has no effect: no Ingress of the namespace has that host and path`);
        continue;
      }
      const first = canariesOf(view, main, name.host).find((other) => pathOf(other, name) !== undefined);
      if (first !== undefined && first.metadata.name !== canary.metadata.name) {
        const owner = objectKeyText(keyOf(first));
        warn(
          'Conflicted',
          `${field}: the canary has no effect: Ingress ${owner} is one for that host and path already`,
        );
      }
    }
  }
  return problems;
}

/** Canaries that may add to an Ingress, the oldest first. */
function canariesOf(view: View, ingress: Ingress, host: string): readonly Ingress[] {
  return view
    .by('Ingress', 'canaryHost', hostKey(ingress, host))
    .filter((canary) => canary.metadata.deletionTimestamp === undefined && isCanary(canary))
    .filter((canary) => sameClass(view, ingress, canary))
    .sort((a, b) => (ageKey(a) < ageKey(b) ? -1 : 1));
}

function sameClass(view: View, ingress: Ingress, canary: Ingress): boolean {
  const [one, other] = [claimOf(view, ingress).className, claimOf(view, canary).className];
  return one === undefined || other === undefined || one === other;
}

function ageKey({ metadata }: Ingress): string {
  return `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
}

function pathOf(ingress: Ingress, { host, path, pathType }: PathName): IngressHttpPath | undefined {
  for (const rule of ingress.spec?.rules ?? []) {
    if ((rule.host ?? '') !== host) continue;
    const found = rule.http?.paths.find((one) => (one.path ?? '') === path && one.pathType === pathType);
    if (found !== undefined) return found;
  }
  return undefined;
}

function settingsOf(read: IngressReader): Omit<CanaryConfig, 'serviceGroup'> {
  const fields = {
    header: read.value('canary-by-header'),
    headerValue: read.value('canary-by-header-value'),
    headerPattern: read.value('canary-by-header-pattern'),
    cookie: read.value('canary-by-cookie'),
    weight: read.value('canary-weight'),
    weightTotal: read.value('canary-weight-total'),
    affinity: read.value('affinity-canary-behavior'),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Whether sessions keep to the side that served them first; else the canary has an affinity of its own. */
export function isSticky(canary: Ingress): boolean {
  return readerOf(canary).value('affinity-canary-behavior') !== 'legacy';
}

function readerOf(ingress: Ingress): IngressReader {
  return ingressReaders(ingress)();
}

function hostKey(ingress: Ingress, host: string): string {
  return `${ingress.metadata.namespace ?? ''}/${host}`;
}
