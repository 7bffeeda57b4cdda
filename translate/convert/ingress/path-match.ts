import { checkRegex } from '@causeway/apis/gateway/regex';
import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import type { HTTPRouteMatch } from '@causeway/apis/gateway-api/http-match';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { IngressReader } from '../../gateway/ingress-reader.ts';
import { pathMistake } from '../route-text.ts';
import { fieldOf, type IngressReading } from './ingress-reading.ts';

export interface MatchedPath {
  readonly path: NonNullable<HTTPRouteMatch['path']>;
  /** The part of the backend's URL that the path decides. */
  readonly filters: readonly HTTPRouteFilter[];
  /** Filters of gateway.envoyproxy.io that those name. */
  readonly objects: readonly KubernetesObject[];
}

interface WrittenPath {
  readonly path: string;
  readonly pathType: string;
  /** Where it stands: `spec.rules[0].http.paths[1]`. */
  readonly field: string;
  /** Of a filter that it may need. */
  readonly name: string;
}

/** The path of an Ingress with what becomes of it; undefined: it cannot be converted, which was told. */
export function matchedPath(
  reading: IngressReading,
  read: IngressReader,
  written: WrittenPath,
): MatchedPath | undefined {
  const { options, tell } = reading;
  const { path, pathType, field } = written;
  const target = read.value('rewrite-target');
  const nginx = options.from === 'ingress-nginx';
  const isRegex = nginx
    ? read.value('use-regex') === true ||
      (target !== undefined && pathType === 'ImplementationSpecific' && /[\^$():?[\]*\\]/.test(path))
    : pathType === 'ImplementationSpecific' && /[\^$():?[\]*\\]/.test(path);
  if (isRegex) return regexPath(reading, written, target);
  const mistake = pathMistake(path);
  if (mistake !== undefined) {
    tell('E502', `${field}.path`, `${JSON.stringify(path)} ${mistake}`);
    return undefined;
  }
  if (pathType === 'Exact') {
    return { path: { type: 'Exact', value: path }, filters: fullPath(target), objects: [] };
  }
  const textual =
    pathType !== 'Prefix' ||
    (!nginx && reading.ingress.metadata.annotations?.['alb.ingress.cpaas.io/strict-prefix'] !== 'true');
  if (textual && path !== '/') {
    tell('W505', `${field}.path`, `${path} also stood for ${path}x: a gateway compares whole elements of paths`);
  }
  const prefix = { type: 'PathPrefix', value: path } as const;
  if (target === undefined) return { path: prefix, filters: [], objects: [] };
  if (/\$\d/.test(target)) {
    tell(
      'W507',
      fieldOf(reading, 'rewrite-target'),
      `${JSON.stringify(target)} names groups, of which ${path} has none; they are empty`,
    );
  }
  const literal = target.replace(/\$\d/g, '') || '/';
  // ingress-nginx replaces the whole path, an ALB what has matched.
  return { path: prefix, filters: nginx ? fullPath(literal) : [rewrite('ReplacePrefixMatch', literal)], objects: [] };
}

function fullPath(target: string | undefined): readonly HTTPRouteFilter[] {
  return target === undefined ? [] : [rewrite('ReplaceFullPath', target)];
}

function rewrite(type: 'ReplaceFullPath' | 'ReplacePrefixMatch', target: string): HTTPRouteFilter {
  const path =
    type === 'ReplaceFullPath'
      ? ({ type, replaceFullPath: target } as const)
      : ({ type, replacePrefixMatch: target } as const);
  return { type: 'URLRewrite', urlRewrite: { path } };
}

/** `/a(/|$)(.*)`, the usual form of a prefix whose rest is kept. */
const PREFIX_AND_REST = /^(\/[-A-Za-z0-9/._~]*?)\(\/\|\$\)\(\.\*\)$/;

function regexPath(reading: IngressReading, written: WrittenPath, target: string | undefined): MatchedPath | undefined {
  const { tell, options, key } = reading;
  const { path, field, name } = written;
  const [, prefix] = PREFIX_AND_REST.exec(path) ?? [];
  const [, base] = /^(\/(?:.*\/)?)\$2$/.exec(target ?? '') ?? [];
  if (prefix !== undefined && base !== undefined && pathMistake(prefix) === undefined) {
    const replaced = base === '/' ? base : base.slice(0, -1);
    return {
      path: { type: 'PathPrefix', value: prefix },
      filters: [rewrite('ReplacePrefixMatch', replaced)],
      objects: [],
    };
  }
  const bare = path.replace(/^\^/, '');
  // ingress-nginx ignores the case of letters; both compare from the start, a gateway also to the end.
  const pattern = `${options.from === 'ingress-nginx' ? '(?i)' : ''}${bare}${bare.endsWith('$') ? '' : '.*'}`;
  if (checkRegex(pattern).dialect !== 'portable') {
    tell('E502', `${field}.path`, `${JSON.stringify(path)} is no regular expression that RE2 understands`);
    return undefined;
  }
  const match = { type: 'RegularExpression', value: pattern } as const;
  if (target === undefined) return { path: match, filters: [], objects: [] };
  if (!/\$\d/.test(target)) return { path: match, filters: fullPath(target), objects: [] };
  const filter = {
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind: 'HTTPRouteFilter',
    metadata: { name, namespace: key.namespace },
    spec: {
      urlRewrite: {
        path: {
          type: 'ReplaceRegexMatch',
          replaceRegexMatch: {
            pattern: pattern.replace(/\.\*$/, bare.endsWith('.*') ? '.*' : ''),
            substitution: target.replace(/\$(\d)/g, '\\$1'),
          },
        },
      },
    },
  } as KubernetesObject;
  const extensionRef = { group: 'gateway.envoyproxy.io', kind: 'HTTPRouteFilter', name };
  return { path: match, filters: [{ type: 'ExtensionRef', extensionRef }], objects: [filter] };
}
