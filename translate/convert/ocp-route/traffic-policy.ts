import { annotationField } from '../message.ts';
import type { RouteBackend } from './backend.ts';
import { annotationOf, HAPROXY, ROUTER, type RouteReading } from './route-reading.ts';
import { gatewayDuration } from './router-duration.ts';

const BALANCE = `${HAPROXY}balance`;
const LIMITS = `${HAPROXY}rate-limit-connections`;
const POD_CONNECTIONS = `${HAPROXY}pod-concurrent-connections`;
const HEALTH_INTERVAL = `${ROUTER}haproxy.health.check.interval`;
const ROUTER_HEALTH_INTERVAL = '5s';

const BALANCERS = {
  roundrobin: { type: 'RoundRobin' },
  leastconn: { type: 'LeastRequest' },
  source: { type: 'ConsistentHash', consistentHash: { type: 'SourceIP' } },
  random: { type: 'Random' },
} as const;

/** The spec of a BackendTrafficPolicy without its targets; undefined: nothing to say. Source: spec MG section 3, MG-09, MG-10. */
export function trafficSettings(
  reading: RouteReading,
  backends: readonly RouteBackend[],
): Readonly<Record<string, unknown>> | undefined {
  const settings = {
    loadBalancer: loadBalancer(reading, backends),
    rateLimit: rateLimit(reading),
    circuitBreaker: reading.options.style === 'docs' ? undefined : circuitBreaker(reading),
    healthCheck: healthCheck(reading, backends),
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

/** Of each pod; undefined: no limit. */
export function podConnections(reading: RouteReading): number | undefined {
  const text = annotationOf(reading, POD_CONNECTIONS);
  if (text === undefined) return undefined;
  if (/^[1-9][0-9]{0,9}$/.test(text) && Number(text) <= 4_294_967_295) return Number(text);
  reading.tell(
    'W211',
    annotationField(POD_CONNECTIONS),
    `${JSON.stringify(text)} is no number; ignored, as in the router`,
  );
  return undefined;
}

export function tellConnectionsOfGateway(reading: RouteReading): void {
  const text = 'the limit is of the whole Gateway, not of each pod; of several Routes the largest counts';
  reading.tell('W211', annotationField(POD_CONNECTIONS), text);
}

function loadBalancer(reading: RouteReading, backends: readonly RouteBackend[]): unknown {
  const { options, route, tell } = reading;
  const text = annotationOf(reading, BALANCE);
  if (text !== undefined && Object.hasOwn(BALANCERS, text)) {
    const found = BALANCERS[text as keyof typeof BALANCERS];
    const docs = options.style === 'docs';
    tell('I204', annotationField(BALANCE), docs ? 'left to the session' : `${text} became ${found.type}`);
    return docs ? undefined : found;
  }
  if (text !== undefined)
    tell('W299', annotationField(BALANCE), `${JSON.stringify(text)} is not known; ignored, as in the router`);
  if (!options.routerDefaults) return undefined;
  if (route.spec.tls?.termination === 'passthrough') return BALANCERS.source;
  return backends.length > 1 ? BALANCERS.roundrobin : BALANCERS.random;
}

function rateLimit(reading: RouteReading): unknown {
  const { options, route, tell } = reading;
  const switched = annotationOf(reading, LIMITS);
  const http = annotationOf(reading, `${LIMITS}.rate-http`);
  const inactive = switched?.toLowerCase() !== 'true';
  const names = ['rate-http', 'concurrent-tcp', 'rate-tcp'];
  const given = names.map((name) => `${LIMITS}.${name}`).filter((key) => annotationOf(reading, key) !== undefined);
  if (inactive) {
    if (given.length > 0 || switched !== undefined) {
      tell('I210', annotationField(LIMITS), 'not "true": its limits are inactive, as in the router');
    }
    return undefined;
  }
  for (const key of given.filter((each) => each.endsWith('-tcp'))) {
    tell('W210', annotationField(key), 'not converted: a gateway does not limit TCP connections of a client');
  }
  if (http === undefined || route.spec.tls?.termination === 'passthrough') return undefined;
  const field = annotationField(`${LIMITS}.rate-http`);
  const requests = /^[1-9][0-9]{0,8}$/.test(http) ? Number(http) : undefined;
  if (requests === undefined) {
    tell('W209', field, `${JSON.stringify(http)} is no number; left out`);
    return undefined;
  }
  tell(
    'W209',
    field,
    'a gateway answers 429 where the router closes the connection, and each of its instances counts alone',
  );
  if (options.style === 'docs') {
    return { type: 'Local', local: { rules: [{ limit: { requests, unit: 'Second' } }] } };
  }
  // The router counts ten seconds of each address.
  const limit = { requests: requests * 6, unit: 'Minute' };
  const rules = ['0.0.0.0/0', '::/0'].map((value) => ({
    clientSelectors: [{ sourceCIDR: { type: 'Distinct', value } }],
    limit,
  }));
  return { local: { rules } };
}

function circuitBreaker(reading: RouteReading): unknown {
  const connections = podConnections(reading);
  return connections === undefined ? undefined : { perEndpoint: { maxConnections: connections } };
}

function healthCheck(reading: RouteReading, backends: readonly RouteBackend[]): unknown {
  const { options, services, tell } = reading;
  const text = annotationOf(reading, HEALTH_INTERVAL);
  if (options.style === 'docs') {
    if (text !== undefined) tell('I212', annotationField(HEALTH_INTERVAL), 'not converted in this style');
    return undefined;
  }
  const interval = text === undefined ? undefined : gatewayDuration(text.trim());
  if (interval !== undefined) {
    tell(
      'I212',
      annotationField(HEALTH_INTERVAL),
      `${interval}: each instance of a gateway connects to each endpoint so often`,
    );
    return { active: { type: 'TCP', interval, tcp: {} } };
  }
  if (text !== undefined)
    tell('I212', annotationField(HEALTH_INTERVAL), `${JSON.stringify(text)} is no duration; left out`);
  if (!options.routerDefaults) return undefined;
  const counts = backends.map(({ service }) => services.endpoints(service));
  const single = counts.every((count) => count !== undefined) && counts.reduce((sum, count) => sum + count, 0) < 2;
  return single ? undefined : { active: { type: 'TCP', interval: ROUTER_HEALTH_INTERVAL, tcp: {} } };
}
