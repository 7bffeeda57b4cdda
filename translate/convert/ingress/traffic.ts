import { fieldOf, type IngressReading } from './ingress-reading.ts';
import { durationOf } from './rule-settings.ts';

/** The spec of a BackendTrafficPolicy without its targets; undefined: nothing to say. */
export function trafficSettings(reading: IngressReading): Readonly<Record<string, unknown>> | undefined {
  const read = reading.reader();
  const connectMs = read.value('proxy-connect-timeout');
  const bytes = read.value('proxy-body-size') ?? 0;
  if (bytes > 0) {
    reading.tell(
      'W507',
      fieldOf(reading, 'proxy-body-size'),
      'a gateway holds the whole body in memory before it goes on',
    );
  }
  const settings = {
    timeout: connectMs === undefined ? undefined : { tcp: { connectTimeout: durationOf(connectMs) } },
    loadBalancer: loadBalancer(reading),
    rateLimit: rateLimit(reading),
    requestBuffer: bytes > 0 ? { limit: String(bytes) } : undefined,
  };
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

const HASHES: readonly (readonly [RegExp, (name: string) => unknown])[] = [
  [/^\$(?:binary_)?remote_addr$/, () => ({ type: 'SourceIP' })],
  [/^\$http_([a-z0-9_]+)$/, (name) => ({ type: 'Header', header: { name: name.replaceAll('_', '-') } })],
  [/^\$cookie_([A-Za-z0-9_]+)$/, (name) => ({ type: 'Cookie', cookie: { name } })],
  [/^\$arg_([A-Za-z0-9_]+)$/, (name) => ({ type: 'QueryParams', queryParams: [{ name }] })],
];

function loadBalancer(reading: IngressReading): unknown {
  const read = reading.reader();
  const key = read.value('upstream-hash-by');
  if (key !== undefined) {
    for (const [pattern, of] of HASHES) {
      const found = pattern.exec(key);
      if (found !== null) return { type: 'ConsistentHash', consistentHash: of(found[1] ?? '') };
    }
    reading.tell(
      'W508',
      fieldOf(reading, 'upstream-hash-by'),
      `${JSON.stringify(key)} is nothing that a gateway hashes; not converted`,
    );
  }
  switch (read.value('load-balance')) {
    case 'round_robin':
      return { type: 'RoundRobin' };
    case 'ewma':
      reading.tell('W507', fieldOf(reading, 'load-balance'), 'became LeastRequest');
      return { type: 'LeastRequest' };
    default:
      return undefined;
  }
}

/** Of each client address; nginx lets bursts through, and answers 503. */
function rateLimit(reading: IngressReading): unknown {
  const read = reading.reader();
  const limits = [
    { name: 'limit-rps', requests: read.value('limit-rps') ?? 0, unit: 'Second' },
    { name: 'limit-rpm', requests: read.value('limit-rpm') ?? 0, unit: 'Minute' },
  ].filter(({ requests }) => requests > 0);
  for (const { name } of limits) {
    reading.tell(
      'W507',
      fieldOf(reading, name),
      'without bursts, and answered 429; each instance of the gateway counts alone',
    );
  }
  const rules = limits.flatMap(({ requests, unit }) =>
    ['0.0.0.0/0', '::/0'].map((value) => ({
      clientSelectors: [{ sourceCIDR: { type: 'Distinct', value } }],
      limit: { requests, unit },
    })),
  );
  return rules.length === 0 ? undefined : { local: { rules } };
}
