import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BACKEND_ADDRESS } from '../acceptance/given-home.ts';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, to } from './gateway-lab.ts';
import { policy, policyCondition } from './policy-objects.ts';

let lab: GatewayLab;
/** What the second endpoint says of itself; requests it answers in either case. */
let isWell = false;
const questions: (string | undefined)[] = [];
const patient = createServer((request, response) => {
  if (request.url === '/healthz') {
    questions.push(request.headers.host);
    response.writeHead(isWell ? 204 : 503).end();
  } else if (request.url?.startsWith('/failing')) response.writeHead(500, { 'x-backend': 'patient' }).end();
  else response.writeHead(200, { 'x-backend': 'patient' }).end();
});

beforeAll(async () => {
  patient.listen(0, BACKEND_ADDRESS);
  await once(patient, 'listening');
  lab = await GatewayLab.start(['a']);
  const { port } = patient.address() as AddressInfo;
  const backendRefs = ['a', 'patient'].map((name) => ({ name, port: 80 }));
  await lab.home.apply(
    ...serviceTo({ name: 'patient', port }),
    httpRoute('asked', [{ ...to('a', '/asked'), backendRefs }, to('patient', '/alone')], {
      hostnames: ['asked.example'],
    }),
  );
  await lab.answers({ 'asked.example/alone': 'patient' });
});
afterAll(async () => {
  patient.closeAllConnections();
  patient.close();
  await lab.stop();
});

async function answerers(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (let index = 0; index < 12; index += 1) found.push(await lab.answerer(path, { host: 'asked.example' }));
  return [...new Set(found)].sort();
}

function healthCheck(panicThreshold: number | undefined, active: object = {}): object {
  return policy('BackendTrafficPolicy', 'asked', 'HTTPRoute/asked', {
    healthCheck: {
      active: {
        ...{ type: 'HTTP', interval: '100ms', timeout: '10s' },
        http: { path: '/healthz', expectedStatuses: [200, 204] },
        ...active,
      },
      ...(panicThreshold === undefined ? {} : { panicThreshold }),
    },
  });
}

describe('GW-45 active health checks', () => {
  test('an endpoint that is not well gets no requests until it is well again; where too few are well all are used', async () => {
    await lab.home.apply(healthCheck(0));
    const statuses = async () => await answerers('/alone');
    await eventually(async () => {
      expect([await answerers('/asked'), await statuses()]).toEqual([['a'], ['503']]);
      expect(await policyCondition(lab, 'BackendTrafficPolicy', 'asked')).toContain('True Accepted');
    });
    expect(new Set(questions)).toEqual(new Set(['asked.example']));
    // Half of both are well, and none of the other's one.
    await lab.home.apply(healthCheck(undefined));
    await eventually(async () => expect([await answerers('/asked'), await statuses()]).toEqual([['a'], ['patient']]));
    await lab.home.apply(healthCheck(51));
    await eventually(async () => expect(await answerers('/asked')).toEqual(['a', 'patient']));
    await lab.home.apply(healthCheck(0));
    await eventually(async () => expect(await answerers('/asked')).toEqual(['a']));
    isWell = true;
    await eventually(async () =>
      expect([await answerers('/asked'), await statuses()]).toEqual([['a', 'patient'], ['patient']]),
    );
  });

  test('a Backend that stands in for others has requests only while none of these is well', async () => {
    const standIn = (name: string, appProtocols: readonly string[] = []) => ({
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'Backend',
      metadata: { name, namespace: 'default' },
      spec: {
        ...{ fallback: true, appProtocols },
        endpoints: [{ fqdn: { hostname: 'a.default.svc', port: 80 }, hostname: 'spare.test', zone: 'far' }],
      },
    });
    const spare = { group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'spare', port: 80 };
    const [paths, host] = [['/spared', '/failing', '/alone', '/other'], 'spared.example'];
    const refs = [[spare, { name: 'patient', port: 80 }], [{ name: 'patient', port: 80 }, spare], [spare]];
    const other = [
      { name: 'patient', port: 80 },
      { ...spare, name: 'other' },
    ];
    isWell = false;
    await lab.home.apply(
      ...[standIn('spare'), standIn('other', ['gateway.envoyproxy.io/h2c'])],
      httpRoute(
        'spared',
        [...refs, other].map((backendRefs, index) => ({ ...to('a', paths[index]), backendRefs, name: `r${index}` })),
        { hostnames: [host] },
      ),
      policy('BackendTrafficPolicy', 'spared', 'HTTPRoute/spared/r0', {
        healthCheck: {
          active: {
            ...{ type: 'HTTP', interval: '100ms', timeout: '10s' },
            http: { path: '/healthz', expectedStatuses: [200, 204] },
          },
        },
      }),
      policy('BackendTrafficPolicy', 'failing', 'HTTPRoute/spared/r1', {
        healthCheck: { passive: { consecutive5XxErrors: 1, maxEjectionPercent: 100, baseEjectionTime: '1h' } },
      }),
    );
    const answerersOf = async (path: string) => {
      const found: string[] = [];
      for (let index = 0; index < 12; index += 1) found.push(await lab.answerer(path, { host }));
      return [...new Set(found)].sort();
    };
    await eventually(async () => {
      const found = await Promise.all(paths.map(answerersOf));
      expect(found).toEqual([['a'], ['a'], ['a'], ['patient']]);
      const { status } = (await lab.home.read('HTTPRoute', { namespace: 'default', name: 'spared' })) ?? {};
      const { message = '' } = status?.parents[0]?.conditions.find(({ type }) => type === 'ResolvedRefs') ?? {};
      expect(message).toContain('default/other+backend: no fallback');
    });
    isWell = true;
    await eventually(async () => expect(await answerersOf('/spared')).toEqual(['patient']));
    isWell = false;
    await eventually(async () => expect(await answerersOf('/spared')).toEqual(['a']));
  });

  test('what cannot be asked is refused, or told', async () => {
    for (const bad of [{ http: undefined }, { type: 'TCP' }, { interval: 'soon' }, { unhealthyThreshold: 0 }]) {
      await expect(lab.home.apply(healthCheck(0, bad))).rejects.toThrow('spec.healthCheck.active');
    }
    await lab.home.apply(healthCheck(0, { http: { path: '/healthz', method: 'FETCH' } }));
    await eventually(async () => {
      const said = await policyCondition(lab, 'BackendTrafficPolicy', 'asked');
      expect(said).toContain('False Invalid: spec.healthCheck.active.http.method: "FETCH"');
    });
  });
});
