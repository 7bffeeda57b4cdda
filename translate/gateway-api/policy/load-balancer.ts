import type { LoadBalancer } from '@causeway/apis/envoy-gateway/load-balancer';
import { isToken } from '@causeway/apis/gateway/header-rules';
import { cookiePathMistake } from '@causeway/apis/gateway/session-cookie';
import type { AffinityIR, EndpointOverrideIR, NearnessIR, SlowStartIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';
import type { Tell } from './tell.ts';

type ConsistentHash = NonNullable<LoadBalancer['consistentHash']>;

/** Of the table of hashes, unless something else is said. */
const TABLE_SIZE = 65_537;

/**
 * How an endpoint is chosen. LeastRequest is by what endpoints take and have under way; Random is in turn, which gives each the same share.
 *
 * Source: GW-45.
 *
 * @returns undefined when what is said cannot be done, and was told
 */
export function affinityOf({ type, consistentHash, slowStart }: LoadBalancer, tell: Tell): AffinityIR | undefined {
  const slow = slowStartOf(slowStart);
  if (type === 'RoundRobin' || type === 'Random') return { type: 'roundRobin', ...slow };
  if (type === 'LeastRequest') return { type: 'ewma', ...slow };
  return consistentHash === undefined ? undefined : hashOf(consistentHash, tell);
}

/** @returns undefined where no header that there can be names endpoints */
export function endpointOverrideOf({ endpointOverride }: LoadBalancer, tell: Tell): EndpointOverrideIR | undefined {
  const headers = (endpointOverride?.extractFrom ?? []).flatMap(({ header = '' }, index) => {
    if (isToken(header)) return [header.toLowerCase()];
    tell(
      `loadBalancer.endpointOverride.extractFrom[${index}].header`,
      `${JSON.stringify(header)} is no name`,
      'mistake',
    );
    return [];
  });
  return headers.length === 0 ? undefined : { type: 'endpointOverride', headers };
}

/** As upstream has it. */
const FEWEST_ENDPOINTS = 6;
const FEWEST_IN_ZONE = 1;

/** Which endpoints come first. Source: GW-45; the defaults are Envoy Gateway's. */
export function nearnessOf({ type, zoneAware }: LoadBalancer): NearnessIR | undefined {
  const local = zoneAware?.preferLocal;
  if (local === undefined || type === 'ConsistentHash') return undefined;
  const { force, minEndpointsThreshold: fewest = FEWEST_ENDPOINTS, percentageEnabled: percent } = local;
  return {
    scope: 'zone',
    fewest,
    ...(force === undefined ? {} : { fewestNear: force.minEndpointsInZoneThreshold ?? FEWEST_IN_ZONE }),
    ...(percent === undefined ? {} : { percent }),
  };
}

function slowStartOf(slowStart: LoadBalancer['slowStart']): { readonly slowStart?: SlowStartIR } {
  const durationMs = slowStart === undefined ? undefined : parseDuration(slowStart.window);
  return durationMs === undefined || durationMs === 0 ? {} : { slowStart: { durationMs } };
}

function hashOf(hash: ConsistentHash, tell: Tell): AffinityIR | undefined {
  const field = 'loadBalancer.consistentHash';
  const { tableSize = TABLE_SIZE, header, headers = [], cookie, queryParams = [] } = hash;
  if (tableSize !== TABLE_SIZE) tell(`${field}.tableSize`, 'has no effect: no table is used');
  const names = [header, ...headers, ...queryParams, cookie].flatMap((named) => named?.name ?? []);
  const bad = names.find((name) => !isToken(name));
  if (bad !== undefined) {
    tell(field, `${JSON.stringify(bad)} is no name`, 'mistake');
    return undefined;
  }
  switch (hash.type) {
    case 'SourceIP':
      return { type: 'sourceAddress' };
    case 'Header':
      return { type: 'header', name: (header?.name ?? '').toLowerCase() };
    case 'Headers':
      return textOf(headers.map(({ name }) => `http_${name.toLowerCase().replaceAll('-', '_')}`));
    case 'QueryParams':
      return textOf(queryParams.map(({ name }) => `arg_${name}`));
    case 'Cookie':
      return cookie === undefined ? undefined : cookieOf(cookie, tell);
  }
}

function textOf(variables: readonly string[]): AffinityIR {
  return { type: 'template', template: variables.flatMap((variable) => [{ variable }, '\n']) };
}

const SAME_SITE = ['None', 'Lax', 'Strict'] as const;

function cookieOf(cookie: NonNullable<ConsistentHash['cookie']>, tell: Tell): AffinityIR | undefined {
  const ttlMs = cookie.ttl === undefined ? undefined : parseDuration(cookie.ttl);
  const attributes = Object.entries(cookie.attributes ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  const given = new Map(attributes.map(([name = '', value = '']) => [name, value]));
  const path = given.get('path') ?? '/';
  const sameSite = SAME_SITE.find((mode) => mode === given.get('samesite'));
  const field = 'loadBalancer.consistentHash.cookie.attributes';
  for (const [name, value] of given) {
    const isKnown = name === 'path' || name === 'secure' || name === 'httponly' || (name === 'samesite' && sameSite);
    if (!isKnown) tell(field, `${name}=${value} is not served`);
  }
  const wrongPath = cookiePathMistake(path);
  if (wrongPath !== undefined) {
    tell(field, `path: ${wrongPath}`, 'mistake');
    return undefined;
  }
  return {
    type: 'session',
    name: cookie.name,
    mode: 'balanced',
    cookie: {
      path,
      ...(ttlMs === undefined || ttlMs === 0 ? {} : { maxAgeSeconds: Math.ceil(ttlMs / 1000) }),
      ...(sameSite === undefined ? {} : { sameSite }),
      ...(given.has('secure') ? { secure: true } : {}),
      takesAnyValue: true,
    },
  };
}
