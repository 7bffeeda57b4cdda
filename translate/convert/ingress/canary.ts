import type { HTTPRouteMatch } from '@causeway/apis/gateway-api/http-match';
import type { HTTPBackendRef, HTTPRouteRule } from '@causeway/apis/gateway-api/http-route';
import type { Ingress } from '@causeway/resources/kinds';
import { backendRef } from './backend.ts';
import type { IngressReading } from './ingress-reading.ts';

const DEFAULT_TOTAL = 100;

export function isCanary({ reader }: Pick<IngressReading, 'reader'>): boolean {
  return reader().value('canary') === true;
}

/** What a canary adds to a host and path of another Ingress of its namespace. */
export interface Canary {
  readonly reading: IngressReading;
  readonly backend: HTTPBackendRef;
}

/** @param place host, path and type of path */
export function canaryOf(canaries: readonly IngressReading[], place: string): Canary | undefined {
  for (const reading of canaries) {
    for (const [ruleIndex, rule] of (reading.ingress.spec?.rules ?? []).entries()) {
      for (const [pathIndex, { path = '', pathType, backend }] of (rule.http?.paths ?? []).entries()) {
        if (placeOf(rule, path, pathType) !== place) continue;
        const ref = backendRef(reading, backend, `spec.rules[${ruleIndex}].http.paths[${pathIndex}].backend`);
        if (ref !== undefined) return { reading, backend: ref };
      }
    }
  }
  return undefined;
}

export function placeOf(
  { host = '' }: NonNullable<NonNullable<Ingress['spec']>['rules']>[number],
  path: string,
  pathType: string,
): string {
  return `${host} ${pathType} ${path}`;
}

/** The rule for everybody, and before it those for whom a header or cookie decides. */
export function withCanary(rule: HTTPRouteRule, { reading, backend }: Canary): readonly HTTPRouteRule[] {
  const read = reading.reader();
  const [match = {}] = rule.matches ?? [];
  const [main] = rule.backendRefs ?? [];
  if (main === undefined) return [rule];
  const decided = (condition: Pick<HTTPRouteMatch, 'headers'>, to: HTTPBackendRef): HTTPRouteRule => ({
    ...rule,
    matches: [{ ...match, ...condition }],
    backendRefs: [to],
  });
  const rules: HTTPRouteRule[] = [];
  const header = read.value('canary-by-header');
  const value = read.value('canary-by-header-value');
  const pattern = read.value('canary-by-header-pattern');
  if (header !== undefined && value !== undefined) {
    rules.push(decided({ headers: [{ name: header, value }] }, backend));
  } else if (header !== undefined && pattern !== undefined) {
    rules.push(decided({ headers: [{ type: 'RegularExpression', name: header, value: `.*(${pattern}).*` }] }, backend));
  } else if (header !== undefined) {
    rules.push(
      decided({ headers: [{ name: header, value: 'always' }] }, backend),
      decided({ headers: [{ name: header, value: 'never' }] }, main),
    );
  }
  const cookie = read.value('canary-by-cookie');
  if (cookie !== undefined) {
    const has = (answer: string) => ({
      headers: [
        {
          type: 'RegularExpression' as const,
          name: 'Cookie',
          value: `(.*;\\s*)?${cookie.replace(/[.^$*+|]/g, '\\$&')}=${answer}(;.*)?`,
        },
      ],
    });
    rules.push(decided(has('always'), backend), decided(has('never'), main));
  }
  const total = Math.max(1, read.value('canary-weight-total') ?? DEFAULT_TOTAL);
  const weight = Math.min(read.value('canary-weight') ?? 0, total);
  const backendRefs =
    weight === 0
      ? [main]
      : [
          { ...main, weight: total - weight },
          { ...backend, weight },
        ];
  return [...rules, { ...rule, backendRefs }];
}
