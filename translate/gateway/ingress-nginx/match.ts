import type { NginxPath } from '@causeway/apis/gateway/ingress-nginx-path';
import type { MatchIR, RouteOrderIR, TermIR, TestIR } from '@causeway/ir/gateway';

/** With the further names of its host. */
interface AliasedPath extends NginxPath {
  readonly aliases: readonly string[];
}

/** Prefixes are compared by element; those of type ImplementationSpecific as text. */
export function nginxMatch({ host, aliases, path, pathType, isRegex }: AliasedPath): MatchIR {
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
