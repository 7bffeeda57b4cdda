import { readHeaderRules } from '@causeway/apis/gateway/header-rules';
import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import type { HTTPRouteRule } from '@causeway/apis/gateway-api/http-route';
import type { IngressReader } from '../../gateway/ingress-reader.ts';
import { headerMistake, isRouteHostname } from '../route-text.ts';
import { fieldOf, type IngressReading } from './ingress-reading.ts';

const CORS_METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS'] as const;
const KNOWN_METHODS = [...CORS_METHODS, 'HEAD', 'CONNECT', 'TRACE', '*'] as const;
const CORS_HEADERS = [
  'DNT',
  'Keep-Alive',
  'User-Agent',
  'X-Requested-With',
  'If-Modified-Since',
  'Cache-Control',
  'Content-Type',
  'Range',
  'Authorization',
];
const CORS_MAX_AGE = 1_728_000;
const CORS_ORIGIN = /^(\*|https?:\/\/((\*\.)?([a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+|\*)(:[0-9]{1,5})?)$/;

/** Filters of a rule beside those of its path. */
export function ruleFilters(
  reading: IngressReading,
  read: IngressReader,
  rewrites: boolean,
): readonly HTTPRouteFilter[] {
  const prefix = rewrites ? read.value('x-forwarded-prefix') : undefined;
  const request = headerChanges(reading, read, 'rewrite-request');
  const set = [...request.set, ...(prefix === undefined ? [] : [{ name: 'X-Forwarded-Prefix', value: prefix }])];
  const response = headerChanges(reading, read, 'rewrite-response');
  const filters: HTTPRouteFilter[] = [];
  const requestHeaderModifier = modifier({ ...request, set });
  if (requestHeaderModifier !== undefined) filters.push({ type: 'RequestHeaderModifier', requestHeaderModifier });
  const responseHeaderModifier = modifier(response);
  if (responseHeaderModifier !== undefined) filters.push({ type: 'ResponseHeaderModifier', responseHeaderModifier });
  const cors = corsOf(reading, read);
  if (cors !== undefined) filters.push({ type: 'CORS', cors });
  return filters;
}

/** The Host that backends see. */
export function backendHost(reading: IngressReading, read: IngressReader): string | undefined {
  const host = read.value('upstream-vhost');
  if (host === undefined || isRouteHostname(host)) return host;
  reading.tell(
    'W508',
    fieldOf(reading, 'upstream-vhost'),
    `${JSON.stringify(host)} is no host name without a port; not converted`,
  );
  return undefined;
}

/** Timeouts, retries and sessions. */
export function ruleTimes(
  reading: IngressReading,
  read: IngressReader,
): Pick<HTTPRouteRule, 'timeouts' | 'retry' | 'sessionPersistence'> {
  const readMs = read.value('proxy-read-timeout');
  if (readMs !== undefined) {
    const text = `${durationOf(readMs)}: between two reads in nginx, of the whole request in a gateway`;
    reading.tell('W507', fieldOf(reading, 'proxy-read-timeout'), text);
  }
  const statuses = (read.value('proxy-next-upstream') ?? [])
    .flatMap((condition) => /^http_(\d+)$/.exec(condition)?.[1] ?? [])
    .map(Number);
  const tries = read.value('proxy-next-upstream-tries');
  const session = read.value('affinity') === undefined ? undefined : sessionOf(reading, read);
  return {
    ...(readMs === undefined ? {} : { timeouts: { request: durationOf(readMs) } }),
    ...(statuses.length === 0
      ? {}
      : { retry: { codes: statuses, ...(tries === undefined || tries < 2 ? {} : { attempts: tries - 1 }) } }),
    ...(session === undefined ? {} : { sessionPersistence: session }),
  };
}

/** A duration of the Gateway API of five digits at most; longer ones in whole hours. */
export function durationOf(ms: number): string {
  if (ms % 1000 !== 0 && ms < 100_000) return `${ms}ms`;
  const seconds = Math.ceil(ms / 1000);
  return seconds < 100_000 ? `${seconds}s` : `${Math.ceil(seconds / 3600)}h`;
}

function sessionOf(reading: IngressReading, read: IngressReader): HTTPRouteRule['sessionPersistence'] {
  const name = read.value('session-cookie-name') ?? 'INGRESSCOOKIE';
  const seconds = read.value('session-cookie-max-age') ?? 0;
  reading.tell(
    'W507',
    fieldOf(reading, 'affinity'),
    'cookies of today are not known to the gateway: sessions begin anew',
  );
  return {
    type: 'Cookie',
    sessionName: name.slice(0, 128),
    ...(seconds > 0
      ? { absoluteTimeout: durationOf(seconds * 1000), cookieConfig: { lifetimeType: 'Permanent' as const } }
      : { cookieConfig: { lifetimeType: 'Session' as const } }),
  };
}

interface HeaderChanges {
  readonly set: readonly { readonly name: string; readonly value: string }[];
  readonly add: readonly { readonly name: string; readonly value: string }[];
  readonly remove: readonly string[];
}

function modifier({ set, add, remove }: HeaderChanges): HTTPRouteFilter['requestHeaderModifier'] | undefined {
  if (set.length + add.length + remove.length === 0) return undefined;
  return {
    ...(set.length === 0 ? {} : { set: set.slice(0, 16) }),
    ...(add.length === 0 ? {} : { add: add.slice(0, 16) }),
    ...(remove.length === 0 ? {} : { remove: remove.slice(0, 16) }),
  };
}

function headerChanges(
  reading: IngressReading,
  read: IngressReader,
  name: 'rewrite-request' | 'rewrite-response',
): HeaderChanges {
  const text = read.value(name);
  const rules = text === undefined ? [] : readHeaderRules(text, name === 'rewrite-request' ? 'request' : 'response');
  const set = new Map<string, { readonly name: string; readonly value: string }>();
  const add = new Map<string, { readonly name: string; readonly value: string }>();
  const remove = new Map<string, string>();
  for (const rule of typeof rules === 'string' ? [] : rules) {
    const id = rule.name.toLowerCase();
    const mistake = headerMistake(rule.name, 'value' in rule ? rule.value : undefined);
    if (rule.op === 'copy' || mistake !== undefined) {
      reading.tell(
        'W508',
        fieldOf(reading, name),
        `${rule.name}: ${mistake ?? 'values of variables are not converted'}`,
      );
    } else if (rule.op === 'remove') remove.set(id, rule.name);
    else (rule.op === 'set' ? set : add).set(id, { name: rule.name, value: rule.value });
  }
  for (const [what, { size }] of Object.entries({ set, add, remove })) {
    if (size > 16)
      reading.tell(
        'E508',
        fieldOf(reading, name),
        `${size} headers to ${what}: a route takes 16, the rest is left out`,
      );
  }
  return { set: [...set.values()], add: [...add.values()], remove: [...remove.values()] };
}

function corsOf(reading: IngressReading, read: IngressReader): HTTPRouteFilter['cors'] | undefined {
  if (read.value('enable-cors') !== true) return undefined;
  const kept = <T extends string>(
    name: 'cors-allow-origin' | 'cors-allow-methods',
    given: readonly string[],
    isGood: (text: string) => text is T,
  ): T[] => {
    for (const text of given.filter((one) => !isGood(one))) {
      reading.tell('W508', fieldOf(reading, name), `${JSON.stringify(text)} is nothing that a gateway takes; left out`);
    }
    return [...new Set(given.filter(isGood))];
  };
  const origins = kept('cors-allow-origin', read.value('cors-allow-origin') ?? ['*'], (text): text is string =>
    CORS_ORIGIN.test(text),
  );
  const methods = kept(
    'cors-allow-methods',
    (read.value('cors-allow-methods') ?? CORS_METHODS).map((method) => method.toUpperCase()),
    isMethod,
  );
  const headers = [...new Set(read.value('cors-allow-headers') ?? CORS_HEADERS)];
  const exposed = [...new Set(read.value('cors-expose-headers') ?? [])];
  const maxAge = read.value('cors-max-age') ?? CORS_MAX_AGE;
  return {
    ...(origins.length === 0 ? {} : { allowOrigins: starAlone(origins) }),
    allowCredentials: read.value('cors-allow-credentials') ?? true,
    allowMethods: starAlone(methods),
    allowHeaders: starAlone(headers).slice(0, 64),
    ...(exposed.length === 0 ? {} : { exposeHeaders: exposed.slice(0, 64) }),
    ...(maxAge > 0 ? { maxAge } : {}),
  };
}

function isMethod(text: string): text is (typeof KNOWN_METHODS)[number] {
  return (KNOWN_METHODS as readonly string[]).includes(text);
}

/** `*` says what all others say. */
function starAlone<T extends string>(items: readonly T[]): readonly T[] {
  return items.includes('*' as T) ? items.filter((item) => item === '*') : items;
}
