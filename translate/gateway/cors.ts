import { isToken } from '@causeway/apis/gateway/header-rules';
import { isOrigin } from '@causeway/apis/gateway/origin';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { CorsIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';

/** ALB-76. */
const DEFAULT_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'];
const DEFAULT_HEADERS = [
  'DNT',
  'X-CustomHeader',
  'Keep-Alive',
  'User-Agent',
  'X-Requested-With',
  'If-Modified-Since',
  'Cache-Control',
  'Content-Type',
  'Authorization',
];
const DEFAULT_MAX_AGE = 1_728_000;

/**
 * enableCORS and what belongs to it. An origin that cannot be one is left out; when none is left, no origin is allowed.
 *
 * Source: spec ALB-76, LIM-15.
 */
export function translateCors(
  { spec }: Rule,
  object: Problem['object'],
): { readonly filters: readonly CorsIR[]; readonly problems: readonly Problem[] } {
  if (spec.enableCORS !== true) return { filters: [], problems: [] };
  const {
    allowMethods,
    exposeHeaders = [],
    allowCredentials = true,
    maxAge = DEFAULT_MAX_AGE,
  } = spec.config?.cors ?? {};
  const origins = items(spec.corsAllowOrigin);
  const headers = items(spec.corsAllowHeaders);
  const isAny = origins.length === 0 || origins.includes('*');
  const filter: CorsIR = {
    type: 'cors',
    allowOrigins: isAny ? 'any' : origins.filter(isOrigin),
    allowMethods: good(allowMethods, isToken) ?? DEFAULT_METHODS,
    allowHeaders: good(headers, isToken) ?? DEFAULT_HEADERS,
    exposeHeaders: exposeHeaders.filter(isToken),
    allowCredentials,
    maxAge,
  };
  const bad = (field: string, given: readonly string[], isGood: (item: string) => boolean): readonly Problem[] =>
    given
      .filter((item) => item !== '*' && !isGood(item))
      .map((item) => ({
        object,
        reason: 'InvalidField',
        message: `${field}: Invalid value: ${JSON.stringify(item)}; left out`,
        severity: 'Warning',
      }));
  return {
    filters: [filter],
    problems: [
      ...bad('spec.corsAllowOrigin', origins, isOrigin),
      ...bad('spec.corsAllowHeaders', headers, isToken),
      ...bad('spec.config.cors.allowMethods', allowMethods ?? [], isToken),
      ...bad('spec.config.cors.exposeHeaders', exposeHeaders, isToken),
    ],
  };
}

/** @returns undefined when none is left */
function good(items: readonly string[] | undefined, isGood: (item: string) => boolean): readonly string[] | undefined {
  const kept = items?.filter(isGood) ?? [];
  return kept.length === 0 ? undefined : kept;
}

/** Between commas, without blanks around them. */
function items(text = ''): readonly string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
