import type { Ingress } from '@causeway/resources/kinds';
import { ingressOf } from '../../alb/ingresses.ts';
import type { CaseIngress, CompatibilityCase } from './case.ts';

const PREFIX = 'nginx.ingress.kubernetes.io/';
/** The class of all cases. */
export const CLASS = 'default-demo';

/**
 * The Ingresses of a case.
 *
 * @param filled puts in what stands between braces
 */
export function ingressesOf(
  { annotations, paths, tls, beside = [] }: CompatibilityCase,
  host: string,
  filled: (text: string) => string,
): readonly Ingress[] {
  const name = host.split('.')[0] ?? '';
  const secured = tls === undefined ? {} : { tls: [{ hosts: [host], ...(tls === true ? {} : { secretName: tls }) }] };
  const all: readonly CaseIngress[] = [{ ...(annotations && { annotations }), ...(paths && { paths }) }, ...beside];
  return all.map((one, index) =>
    ingressOf(index === 0 ? name : `${name}-${index}`, {
      className: CLASS,
      hosts: { [host]: one.paths ?? [{ path: '/' }] },
      annotations: Object.fromEntries(
        Object.entries(one.annotations ?? {}).map(([key, value]) => [PREFIX + key, filled(value)]),
      ),
      ...(index === 0 ? secured : {}),
    }),
  );
}

export function hostOf(index: number): string {
  return `c${index}.test`;
}
