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
  } else response.writeHead(200, { 'x-backend': 'patient' }).end();
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
