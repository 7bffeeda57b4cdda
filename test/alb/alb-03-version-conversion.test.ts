import type { KubernetesObject } from '@causeway/apis/meta/object';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE, Installation } from '../acceptance/installation.ts';

let home: Installation;

beforeAll(async () => {
  home = await Installation.join();
});
afterAll(() => home.stop());

interface AnyAlb extends KubernetesObject {
  readonly spec: Readonly<Record<string, unknown>>;
}

/** Without replicas nothing is started for it. */
const config = {
  replicas: 0,
  projects: ['ALL_ALL'],
  vip: { enableLbSvc: false, lbSvcAnnotations: { 'example.com/a': 'b' } },
  ofALaterVersion: { list: [1, { deep: true }], text: 'x' },
};
const resource = (version: string): string => `alaudaloadbalancer2.${version}.crd.alauda.io`;

async function read(version: string, name: string): Promise<AnyAlb> {
  return JSON.parse(await home.kubectl(['get', resource(version), name, '-n', ALB_NAMESPACE, '-o', 'json'])) as AnyAlb;
}

function albOf(version: string, name: string): AnyAlb {
  return {
    apiVersion: `crd.alauda.io/${version}`,
    kind: 'ALB2',
    metadata: { name, namespace: ALB_NAMESPACE },
    spec: { type: 'nginx', address: '192.0.2.1', config },
  };
}

describe('ALB-03 version conversion', () => {
  test.each(['v2', 'v2beta1'])('created with %s: every version reads the same spec', async (version) => {
    const name = `by-${version}`;
    await home.apply(albOf(version, name));
    for (const other of ['v1', 'v2beta1', 'v2']) {
      const found = await read(other, name);
      expect(found.apiVersion).toBe(`crd.alauda.io/${other}`);
      expect(found.spec).toEqual({ type: 'nginx', address: '192.0.2.1', config });
    }
  });

  test('an update through v1 keeps what v1 does not know', async () => {
    await home.apply(albOf('v2', 'updated'));
    const old = await read('v1', 'updated');
    const changed = { ...old, spec: { ...old.spec, address: '192.0.2.2', bind_address: '*' } };
    await home.kubectl(['replace', '-f', '-'], JSON.stringify(changed));
    await home.kubectl([
      ...['patch', resource('v1'), 'updated', '-n', ALB_NAMESPACE, '--type=merge'],
      ...['-p', '{"spec":{"domains":["a.example"]}}'],
    ]);
    expect((await read('v2', 'updated')).spec).toEqual({
      ...{ type: 'nginx', address: '192.0.2.2', config },
      ...{ bind_address: '*', domains: ['a.example'] },
    });
  });

  test('kubectl tells that v1 is deprecated, and says nothing about the others', async () => {
    const warningsOf = async (version: string): Promise<string> =>
      (await home.tryKubectl(['get', resource(version), '-n', ALB_NAMESPACE])).stderr;
    expect(await warningsOf('v1')).toMatch(/Warning: .*v1.*deprecated/);
    expect(await warningsOf('v2')).not.toContain('Warning');
    expect(await warningsOf('v2beta1')).not.toContain('Warning');
  });
});
