import { checkDslx } from '@causeway/apis/gateway/dslx';
import { isHostPattern } from '@causeway/apis/gateway/host';
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

/** Why no Rule can be made of a host and path, as admission would refuse it; undefined: it can. */
export function ingressPathMistake(host: string, path: string, pathType: string | undefined): string | undefined {
  if (host !== '' && !isHostPattern(host)) return `host ${JSON.stringify(host)} is no host name`;
  const mistakes = path === '' ? [] : checkDslx(pathTerm(path, pathType));
  const mistake = mistakes.find(({ severity }) => severity === 'error');
  return mistake && `path: ${mistake.message}`;
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
