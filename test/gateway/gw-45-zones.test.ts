import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { EndpointSlice, Service } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { slice } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, run } from '../launcher/up-process.ts';
import { GatewayLab, HTTP_PORT, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

const HOST = 'zones.example';
const SERVICE = 'zonal';

let lab: GatewayLab;
/** Answers 200 or, on demand, 500. */
let fails = false;
const near = createServer((_, response) => {
  response.writeHead(fails ? 500 : 200, { 'x-backend': 'near' }).end();
});

beforeAll(async () => {
  near.listen(0, BACKEND_ADDRESS);
  await once(near, 'listening');
  lab = await GatewayLab.start(['b', 'c']);
  await lab.home.apply(
    ...[node('here'), service(), sliceOf('near', 'here'), sliceOf('b', 'there'), sliceOf('c', 'there')],
    httpRoute('zones', [to(SERVICE)], { hostnames: [HOST] }),
  );
  await isAnsweredBy('b', 'c', 'near');
});
afterAll(async () => {
  near.closeAllConnections();
  near.close();
  await lab.stop();
});

/** That of this machine. */
function node(zone: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: hostname().toLowerCase(), labels: { 'topology.kubernetes.io/zone': zone } },
  };
}

function service(spec: Partial<Service['spec']> = {}, annotations: Readonly<Record<string, string>> = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: SERVICE, namespace: 'default', annotations },
    spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }], ...spec },
  };
}

function portOf(backend: string): number {
  if (backend === 'near') return (near.address() as AddressInfo).port;
  return lab.backends.find(({ name }) => name === backend)?.port ?? 0;
}

/** Endpoints have ports of their own, so each is in a slice of its own. @param hint the zone that it is for */
function sliceOf(backend: string, zone: string, hint?: string, isReady = true): EndpointSlice {
  const endpoint = {
    ...{ addresses: [BACKEND_ADDRESS], conditions: { ready: isReady }, zone },
    ...(hint !== undefined && { hints: { forZones: [{ name: hint }] } }),
  };
  return slice(SERVICE, portOf(backend), [endpoint], `${SERVICE}-${backend}`);
}

function balancing(preferLocal: object, spec: object = {}): object {
  return policy('BackendTrafficPolicy', 'zones', 'HTTPRoute/zones', {
    loadBalancer: { type: 'RoundRobin', zoneAware: { preferLocal } },
    ...spec,
  });
}

async function answerers(): Promise<readonly string[]> {
  const found: string[] = [];
  for (let index = 0; index < 24; index += 1) found.push(await lab.answerer('/', { host: HOST }));
  return found;
}

async function isAnsweredBy(...backends: readonly string[]): Promise<void> {
  await eventually(async () => expect([...new Set(await answerers())].sort()).toEqual(backends));
}

async function explained(): Promise<string> {
  const url = `http://${HOST}:${HTTP_PORT}/`;
  const args = ['explain', 'request', url, '--alb', 'default/demo', '--kubeconfig', lab.home.kubeconfigFile];
  return (await run(launcher, args)).stdout;
}

describe('GW-45 endpoints of the same zone first', () => {
  test('while there are enough of them, wherever the data plane is', async () => {
    await lab.home.apply(balancing({ force: {}, minEndpointsThreshold: 3 }));
    await isAnsweredBy('near');
    expect(await policyCondition(lab, 'BackendTrafficPolicy', 'zones')).toContain('True Accepted');
    expect(await explained()).toContain(
      `of these near ${hostname().toLowerCase()} (zone here), with 100 % of the requests there: ${BACKEND_ADDRESS}:${portOf('near')}\n`,
    );
    await lab.home.apply(balancing({ force: {}, minEndpointsThreshold: 4 }));
    await isAnsweredBy('b', 'c', 'near');
    await lab.home.apply(balancing({ force: { minEndpointsInZoneThreshold: 1 }, minEndpointsThreshold: 0 }));
    await isAnsweredBy('near');
    await lab.home.apply(node('there'));
    await isAnsweredBy('b', 'c');
    await lab.home.apply(node('nowhere'));
    await isAnsweredBy('b', 'c', 'near');
    await lab.home.apply(node('here'));
    await isAnsweredBy('near');
  });

  test('a zone with few endpoints keeps what these can take, unless told otherwise', async () => {
    await lab.home.apply(balancing({ minEndpointsThreshold: 3 }));
    await eventually(async () => {
      const count = (await answerers()).filter((name) => name === 'near').length;
      // Two of three, since there are two zones: 16 of 24, by one worker or by several.
      expect(Math.abs(count - 16)).toBeLessThan(4);
    });
    await lab.home.apply(balancing({ minEndpointsThreshold: 3, force: {}, percentageEnabled: 0 }));
    await eventually(async () => {
      const count = (await answerers()).filter((name) => name === 'near').length;
      expect(Math.abs(count - 8)).toBeLessThan(4);
    });
  });

  test('an endpoint that goes, or fails, is stood in for by the other zone', async () => {
    await lab.home.apply(
      balancing(
        { force: {}, minEndpointsThreshold: 1 },
        { healthCheck: { passive: { consecutive5XxErrors: 1, baseEjectionTime: '1s', maxEjectionPercent: 100 } } },
      ),
    );
    await isAnsweredBy('near');
    await lab.home.apply(sliceOf('near', 'here', undefined, false));
    await isAnsweredBy('b', 'c');
    await lab.home.apply(sliceOf('near', 'here'));
    await isAnsweredBy('near');
    fails = true;
    await isAnsweredBy('b', 'c');
    fails = false;
    await isAnsweredBy('near');
  });

  test('as the Service says, unless the route does', async () => {
    await lab.home.apply(policy('BackendTrafficPolicy', 'zones', 'HTTPRoute/zones', { circuitBreaker: {} }));
    await isAnsweredBy('b', 'c', 'near');
    await lab.home.apply(service({ trafficDistribution: 'PreferClose' }));
    await isAnsweredBy('near');
    await lab.home.apply(
      sliceOf('near', 'here', 'there'),
      sliceOf('b', 'there', 'there'),
      sliceOf('c', 'there', 'here'),
    );
    await isAnsweredBy('c');
    await lab.home.apply(balancing({ force: {}, minEndpointsThreshold: 4 }));
    await isAnsweredBy('b', 'c', 'near');
    await lab.home.apply(policy('BackendTrafficPolicy', 'zones', 'HTTPRoute/zones', { circuitBreaker: {} }));
    await isAnsweredBy('c');
    // Of clients that are tied to endpoints each has its own, wherever that is.
    const hashed = {
      loadBalancer: { type: 'ConsistentHash', consistentHash: { type: 'Header', header: { name: 'x' } } },
    };
    await lab.home.apply(policy('BackendTrafficPolicy', 'zones', 'HTTPRoute/zones', hashed));
    await eventually(async () => {
      const found = new Set<string>();
      for (let index = 0; index < 40; index += 1) {
        found.add(await lab.answerer('/', { host: HOST, headers: { x: String(index) } }));
      }
      expect([...found].sort()).toEqual(['b', 'c', 'near']);
    });
  });

  test('what cannot be is refused', async () => {
    const bad = [
      { percentageEnabled: 101 },
      { minEndpointsThreshold: 'few' },
      { force: { minEndpointsInZoneThreshold: -1 } },
    ];
    for (const preferLocal of bad) {
      await expect(lab.home.apply(balancing(preferLocal))).rejects.toThrow('spec.loadBalancer.zoneAware.preferLocal.');
    }
    const hashed = { type: 'ConsistentHash', consistentHash: { type: 'SourceIP' }, zoneAware: { preferLocal: {} } };
    await expect(lab.home.apply(balancing({}, { loadBalancer: hashed }))).rejects.toThrow(
      'ZoneAware is only supported for',
    );
  });
});
