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
export function ingressDslx({ host, aliases, path, pathType, usesRegex }: MatchedPath): Dslx {
  return [...hostTerm(host, aliases), ...pathTerm(path, usesRegex ? 'regex' : pathType)];
}

interface MatchedPath {
  readonly host: string;
  /** Further hosts; without effect where `host` is empty, which is every host. */
  readonly aliases: readonly string[];
  readonly path: string;
  readonly pathType: string | undefined;
  /** The path is a regular expression that ignores the case of letters, whatever its type. */
  readonly usesRegex?: boolean;
}

/** What a path of {@link MatchedPath.usesRegex} is replaced by when it is rewritten. */
export function ignoringCase(path: string): string {
  return `(?i)${path}`;
}

/** Why no Rule can be made of a host and path, as admission would refuse it; undefined: it can. */
export function ingressPathMistake({ host, path, pathType, usesRegex }: MatchedPath): string | undefined {
  if (host !== '' && !isHostPattern(host)) return `host ${JSON.stringify(host)} is no host name`;
  const mistakes = path === '' ? [] : checkDslx(pathTerm(path, usesRegex ? 'regex' : pathType));
  const mistake = mistakes.find(({ severity }) => severity === 'error');
  return mistake && `path: ${mistake.message}`;
}

function hostTerm(host: string, aliases: readonly string[]): Dslx {
  if (host === '') return [];
  const values = [host, ...aliases].map((name) => [name.startsWith('*') ? 'ENDS_WITH' : 'EQ', name]);
  return [{ type: 'HOST', values }];
}

function pathTerm(path: string, pathType: string | undefined): Dslx {
  if (path === '') return [];
  const row = (operator: string, operand: string): Dslx => [{ type: 'URL', values: [[operator, operand]] }];
  if (pathType === 'regex') return row('REGEX', ignoringCase(path.startsWith('^') ? path : `^${path}`));
  if (pathType === 'Exact') return row('EQ', path);
  if (pathType === 'Prefix' || !REGEX_CHARACTERS.test(path)) return row('STARTS_WITH', path);
  return row('REGEX', path.startsWith('^') ? path : `^${path}`);
}
