import type { Topology } from '@causeway/explain/gateway-api/topology';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { launcher, type Outcome, run } from '../launcher/up-process.ts';
import { GatewayLab, httpRoute, to } from './gateway-lab.ts';
import { policy } from './policy-objects.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b']);
  const backendRefs = ['a', 'b'].map((name) => ({ name, port: 80 }));
  const keys = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { ann: 'hidden' } };
  await lab.home.apply(
    keys,
    httpRoute('web', [{ ...to('a'), backendRefs }]),
    policy('SecurityPolicy', 'keys', 'HTTPRoute/web', {
      apiKeyAuth: { credentialRefs: [{ name: 'keys' }], extractFrom: [{ headers: ['x-key'] }] },
    }),
    policy('BackendTrafficPolicy', 'above', 'Gateway/demo', { timeout: { http: { requestTimeout: '9s' } } }),
  );
});
afterAll(() => lab.stop());

function topology(route: string, args: readonly string[] = ['-o', 'json']): Promise<Outcome> {
  return run(launcher, ['explain', 'topology', route, '--kubeconfig', lab.home.kubeconfigFile, ...args]);
}

async function graph(): Promise<Topology> {
  const { code, stdout, stderr } = await topology('default/web');
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).not.toContain('hidden');
  return JSON.parse(stdout) as Topology;
}

describe('GW-47 the topology of an HTTPRoute', () => {
  test('its Gateway, policies of both, their Secrets, and its Services; what is missing is told', async () => {
    const { nodes, edges } = await graph();
    expect(nodes.map(({ id, state }) => `${id} ${state}`).sort()).toEqual([
      'BackendTrafficPolicy default/above present',
      'Gateway default/demo present',
      'HTTPRoute default/web present',
      'Secret default/keys present',
      'SecurityPolicy default/keys present',
      'Service default/a present',
      'Service default/b present',
    ]);
    expect(edges.map(({ from, to, type }) => `${from} ${type} ${to}`).sort()).toEqual([
      'Gateway default/demo policy BackendTrafficPolicy default/above',
      'HTTPRoute default/web needs Service default/a',
      'HTTPRoute default/web needs Service default/b',
      'HTTPRoute default/web parent Gateway default/demo',
      'HTTPRoute default/web policy SecurityPolicy default/keys',
      'SecurityPolicy default/keys needs Secret default/keys',
    ]);
    await lab.home.kubectl(['delete', 'secret', 'keys', '-n', 'default']);
    const missing = (await graph()).nodes.filter(({ state }) => state !== 'present');
    expect(missing).toEqual([
      { id: 'Secret default/keys', kind: 'Secret', namespace: 'default', name: 'keys', state: 'missing' },
    ]);
    expect((await topology('httproute/default/web', [])).stdout).toContain('names Secret default/keys (missing)');
  });

  test('there is none of other kinds, and none of a route that there is not', async () => {
    expect((await topology('grpcroute/default/web')).stderr).toContain('kind grpcroute has no topology');
    const { code, stderr } = await topology('default/none');
    expect([code, stderr]).toEqual([1, 'causeway: HTTPRoute default/none not found\n']);
  });
});
