import { isHostPattern } from '@causeway/apis/gateway/host';
import { checkRegex } from '@causeway/apis/gateway/regex';
import type { MatchIR, RouteOrderIR, TermIR, TestIR } from '@causeway/ir/gateway';

/** A host and path of an Ingress as ingress-nginx reads them. */
export interface NginxPath {
  readonly host: string;
  readonly aliases: readonly string[];
  readonly path: string;
  readonly pathType: string | undefined;
  /** Every path of the host is a regex, in any case of letters. */
  readonly isRegex: boolean;
}

/** What Exact and Prefix paths may hold, where paths are no regexes. Source: ingress-nginx, strict-validate-path-type. */
const STRICT = /^\/[A-Za-z0-9/_.-]*$/;

/** Why a path is not served; undefined: it is. Source: IN-05. */
export function nginxPathMistake({ host, path, pathType, isRegex }: NginxPath): string | undefined {
  if (host !== '' && !isHostPattern(host)) return `host ${JSON.stringify(host)} is no host name`;
  if (isRegex) {
    const verdict = checkRegex(path);
    return verdict.dialect === 'invalid' ? `path: ${verdict.error}` : undefined;
  }
  if (pathType === 'ImplementationSpecific' || pathType === undefined || STRICT.test(path === '' ? '/' : path)) {
    return undefined;
  }
  return `path: ${JSON.stringify(path)} cannot be used with pathType ${pathType}`;
}

/** Prefixes are compared by element; those of type ImplementationSpecific as text. */
export function nginxMatch({ host, aliases, path, pathType, isRegex }: NginxPath): MatchIR {
  return [...hostTerm(host, aliases), ...pathTerm(path === '' ? '/' : path, pathType, isRegex)];
}

/**
 * Exact hosts before wildcards before none; exact paths before prefixes before regexes, longer ones first; of equal ones the Ingress
 * that came first.
 *
 * Source: IN-04, IN-05.
 */
export function nginxOrder({ host, path, pathType, isRegex }: NginxPath, tie: string): RouteOrderIR {
  const ofHost = host === '' ? 0 : host.startsWith('*.') ? 1 : 2;
  const ofPath = pathType === 'Exact' && !isRegex ? 1 : 0;
  return { priority: 0, specificity: [ofHost, ofPath, Buffer.byteLength(path)], tie };
}

function hostTerm(host: string, aliases: readonly string[]): readonly TermIR[] {
  if (host === '') return [];
  const tests = [host, ...aliases].map((written): TestIR => {
    const name = written.toLowerCase();
    return name.startsWith('*.')
      ? { op: 'hostSuffix', value: name.slice(1), labels: 'one' }
      : { op: 'equal', value: name };
  });
  return [{ subject: 'host', tests }];
}

function pathTerm(path: string, pathType: string | undefined, isRegex: boolean): readonly TermIR[] {
  if (isRegex) return [{ subject: 'path', tests: [{ op: 'regex', pattern: `^${path}`, ignoreCase: true }] }];
  if (pathType === 'Exact') return [{ subject: 'path', tests: [{ op: 'equal', value: path }] }];
  const elements = path.replace(/\/+$/, '');
  if (elements === '') return [];
  return pathType === 'Prefix'
    ? [{ subject: 'path', tests: [{ op: 'pathPrefix', value: elements }] }]
    : [{ subject: 'path', tests: [{ op: 'prefix', value: path }] }];
}
