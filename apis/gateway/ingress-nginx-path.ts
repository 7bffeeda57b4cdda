import { isHostPattern } from './host.ts';
import { checkRegex } from './regex.ts';

/** A host and path of an Ingress as ingress-nginx reads them. */
export interface NginxPath {
  readonly host: string;
  readonly path: string;
  readonly pathType: string | undefined;
  /** Every path of the host is a regex, in any case of letters. */
  readonly isRegex: boolean;
}

/** What Exact and Prefix paths may hold, where paths are no regexes. Source: ingress-nginx, strict-validate-path-type. */
const STRICT = /^\/[A-Za-z0-9/_.-]*$/;

/**
 * Why a path is not served; undefined: it is.
 *
 * Source: IN-05.
 *
 * @param strict whether the type of a path limits what it may hold
 */
export function nginxPathMistake({ host, path, pathType, isRegex }: NginxPath, strict: boolean): string | undefined {
  if (host !== '' && !isHostPattern(host)) return `host ${JSON.stringify(host)} is no host name`;
  const isTyped = pathType !== 'ImplementationSpecific' && pathType !== undefined;
  if (isRegex) {
    const verdict = checkRegex(path);
    if (verdict.dialect === 'invalid') return `path: ${verdict.error}`;
  }
  const mayBe = !strict || !isTyped || isRegex || STRICT.test(path === '' ? '/' : path);
  return mayBe ? undefined : `path: ${JSON.stringify(path)} cannot be used with pathType ${pathType}`;
}
