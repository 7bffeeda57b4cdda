import type { Dslx } from '@causeway/apis/gateway/rule';

/** Characters that make a path of type ImplementationSpecific a regex. */
const REGEX_CHARACTERS = /[\^$():?[\]*\\]/;

/**
 * Host and path of an Ingress -> dslx. Prefix is a plain text prefix for ALB classes.
 *
 * Source: spec ALB section 5.4, ALB-22, ALB-23.
 */
export function ingressDslx(path: {
  readonly host?: string | undefined;
  readonly path?: string | undefined;
  readonly pathType?: string | undefined;
}): Dslx {
  return [...hostTerm(path.host ?? ''), ...pathTerm(path.path ?? '', path.pathType)];
}

function hostTerm(host: string): Dslx {
  if (host === '') return [];
  return [{ type: 'HOST', values: [[host.startsWith('*') ? 'ENDS_WITH' : 'EQ', host]] }];
}

function pathTerm(path: string, pathType: string | undefined): Dslx {
  if (path === '') return [];
  const row = (operator: string, operand: string): Dslx => [{ type: 'URL', values: [[operator, operand]] }];
  if (pathType === 'Exact') return row('EQ', path);
  if (pathType === 'Prefix' || !REGEX_CHARACTERS.test(path)) return row('STARTS_WITH', path);
  return row('REGEX', path.startsWith('^') ? path : `^${path}`);
}
