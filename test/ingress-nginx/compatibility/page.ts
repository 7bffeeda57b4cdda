import { isRawConfiguration } from '@causeway/apis/gateway/annotation/alternative';
import type { AnnotationType } from '@causeway/apis/gateway/annotation/annotation-type';
import { INGRESS_ANNOTATIONS, isIngressAnnotation } from '@causeway/apis/gateway/annotation/index';
import { INGRESS_NGINX_GROUPS } from '@causeway/apis/gateway/annotation/ingress-nginx';
import type { CompatibilityCase } from './case.ts';

/** What cases say about one annotation. */
export interface JudgedAnnotation {
  readonly name: string;
  readonly group: string;
  readonly cases: readonly CompatibilityCase[];
  /** Why not all cases end as in ingress-nginx; empty: they do. */
  readonly deviations: readonly string[];
  /** What is other though all cases end the same. */
  readonly differs?: string;
}

/** All annotations of ingress-nginx v1.15 but raw configuration, in its groups. */
export function judgedAnnotations(cases: readonly CompatibilityCase[]): readonly JudgedAnnotation[] {
  return Object.entries(INGRESS_NGINX_GROUPS).flatMap(([group, names]) =>
    names
      .filter((name) => !isRawConfiguration(name))
      .map((name): JudgedAnnotation => {
        const own = cases.filter(({ of }) => of.includes(name));
        const type: AnnotationType<unknown> | undefined = isIngressAnnotation(name)
          ? INGRESS_ANNOTATIONS[name]
          : undefined;
        return {
          name,
          group,
          cases: own,
          deviations: [...new Set(own.flatMap(({ deviates }) => deviates ?? []))],
          ...(type?.differs === undefined ? {} : { differs: type.differs }),
        };
      }),
  );
}

/** Share of annotations whose cases all end as in ingress-nginx. */
export function sameShare(judged: readonly JudgedAnnotation[]): number {
  return judged.filter(({ cases, deviations }) => cases.length > 0 && deviations.length === 0).length / judged.length;
}

/** docs/ingress-nginx-compatibility.md */
export function renderCompatibility(cases: readonly CompatibilityCase[]): string {
  // Names of earlier versions are no yardstick, but told.
  const judged = judgedAnnotations(cases);
  const current = judged.filter(({ group }) => group !== 'earlier versions');
  const same = current.filter(({ deviations }) => deviations.length === 0).length;
  const groups = [...new Set(judged.map(({ group }) => group))];
  return [
    '<!-- Generated from test/ingress-nginx/compatibility by `npm run gen`; do not edit. -->',
    '# Compatibility with ingress-nginx',
    '',
    'What an [IngressNginx](ingress-nginx.md) does with the annotations of ingress-nginx v1.15.1, compared with what that project documents and',
    'expects in its end-to-end tests. Each line below is a case of `test/ingress-nginx/compatibility`, with a manifest, requests and the answers to',
    'expect, tried against real nginx in every run of the tests; one that deviates has to fail there, so this page cannot say what is not so.',
    '',
    `Of ${current.length} annotations ${same} (${((100 * same) / current.length).toFixed(1)} %) end as there in every case. Raw configuration`,
    '(`configuration-snippet`, `server-snippet`, `stream-snippet`, `auth-snippet`) is refused on purpose and not counted. What becomes of your manifests:',
    '`causeway convert ingress-nginx --check` ([convert.md](convert.md)).',
    ...groups.flatMap((group) => [
      '',
      `## ${group}`,
      '',
      ...judged.filter((one) => one.group === group).flatMap(lines),
    ]),
    '',
  ].join('\n');
}

function lines({ name, cases, deviations, differs }: JudgedAnnotation): readonly string[] {
  const verdict = cases.length === 0 ? 'not tried' : deviations.length > 0 ? 'deviates' : 'same';
  const own = cases.map(({ of, does, deviates }) => {
    const others = of.filter((other) => other !== name);
    const beside = others.length === 0 ? '' : ` (with ${others.map((other) => `\`${other}\``).join(', ')})`;
    return `  - ${plain(does)}${beside}${deviates === undefined ? '' : `: **deviates**, ${plain(deviates)}`}`;
  });
  return [`- \`${name}\`: ${verdict}${differs === undefined ? '' : `, but ${plain(differs)}`}`, ...own];
}

/** Nothing of a sentence is markup. */
function plain(text: string): string {
  return text.replace(/[*_<>`\\]/g, '\\$&');
}
