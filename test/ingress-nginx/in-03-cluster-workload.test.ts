/**
 * What the controllers write on a cluster for an IngressNginx, tried against the embedded API server: no kubelet, no MetalLB, and RBAC
 * kinds as plain CRDs. The objects in full: targets/infra/testdata/in-03-*.
 */
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { type IngressNginx, KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { CRD, openCrd } from '../e2e/open-crd.ts';

const home = new Home();
const NAME = 'demo-ingress-nginx-controller';

beforeAll(async () => {
  await home.start('apiserver');
  for (const kind of ['ClusterRole', 'ClusterRoleBinding'] as const)
    await home.api.create(CRD, openCrd(KIND_REFS[kind]));
  await home.start('controllers', { args: ['--instances', 'cluster', '--image', 'registry.example/causeway:1'] });
  const spec: IngressNginx['spec'] = {
    controller: {
      replicaCount: 2,
      service: {
        type: 'LoadBalancer',
        annotations: {
          'metallb.universe.tf/address-pool': 'public',
          'metallb.universe.tf/loadBalancerIPs': '192.168.2.2',
        },
        ipFamilyPolicy: 'PreferDualStack',
      },
    },
  };
  await home.api.create(KIND_REFS.IngressNginx, ingressNginx('demo', spec));
});
afterAll(() => home.stop());

function ingressNginx(name: string, spec: object): KubernetesObject {
  return {
    ...{ apiVersion: 'ingress-nginx.alauda.io/v1', kind: 'IngressNginx', metadata: { name, namespace: 'default' } },
    ...{ spec },
  };
}

async function read<K extends KindName>(kind: K, name: string, namespace = 'default'): Promise<KindMap[K] | undefined> {
  return (await home.api.get(KIND_REFS[kind], { namespace, name })) as KindMap[K] | undefined;
}

async function configure(controller: object): Promise<void> {
  const key = { namespace: 'default', name: 'demo' };
  await home.api.patch(KIND_REFS.IngressNginx, key, { spec: { controller } }, { type: 'merge' });
}

describe('IN-03 cluster: exposure', () => {
  test('a Service with the wanted address, and a Deployment of agents', async () => {
    await eventually(async () => {
      const service = await read('Service', NAME);
      expect(service?.metadata.annotations).toMatchObject({ 'metallb.universe.tf/loadBalancerIPs': '192.168.2.2' });
      expect(service?.spec).toMatchObject({
        type: 'LoadBalancer',
        ipFamilyPolicy: 'PreferDualStack',
        ports: [
          { name: 'http', port: 80 },
          { name: 'https', port: 443 },
        ],
      });
      expect((await read('Deployment', NAME))?.spec?.replicas).toBe(2);
    });
    expect(await read('ClusterRole', `default-${NAME}-clusterrole`, '')).toBeDefined();
  });

  test('the address that the Service gets is that of the Ingress; without one there is none', async () => {
    await home.api.create(KIND_REFS.Ingress, ingress('web', '/', 'app', { className: 'default-demo' }));
    const addresses = async () =>
      (await read('Ingress', 'web'))?.status?.loadBalancer?.ingress?.map(({ ip }) => ip) ?? [];
    await eventually(async () => expect(await read('IngressClass', 'default-demo', '')).toBeDefined());
    expect(await addresses()).toEqual([]);
    const status = { loadBalancer: { ingress: [{ ip: '192.168.2.2' }] } };
    const key = { namespace: 'default', name: NAME };
    await home.api.patch(KIND_REFS.Service, key, { status }, { type: 'merge', subresource: 'status' });
    await eventually(async () => expect(await addresses()).toEqual(['192.168.2.2']));
  });
});

describe('IN-20 cluster: pod annotation', () => {
  test('pods get it by a rolling update that ends no pod before its successor is ready', async () => {
    const podAnnotations = { 'endpoint-health-checker.io/enabled': 'true' };
    await configure({ podAnnotations });
    await eventually(async () => {
      const { template, strategy } = (await read('Deployment', NAME))?.spec ?? {};
      expect(template?.metadata?.annotations).toMatchObject(podAnnotations);
      expect(strategy?.rollingUpdate).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    });
  });

  test('a value that is no text is refused', async () => {
    await expect(configure({ podAnnotations: { a: 1 } })).rejects.toThrow(/podAnnotations/);
  });
});

describe('IN-22 cluster: externalTrafficPolicy Local', () => {
  test('nodes with a pod only, and pods on the nodes of the pool', async () => {
    await configure({ service: { externalTrafficPolicy: 'Local' }, nodeSelector: { pool: 'public' } });
    await eventually(async () => {
      expect((await read('Service', NAME))?.spec?.externalTrafficPolicy).toBe('Local');
      expect((await read('Deployment', NAME))?.spec?.template.spec?.nodeSelector).toEqual({ pool: 'public' });
    });
  });
});

describe('IN-01 cluster: an unknown setting', () => {
  test('is named, and what there is stays as it is; corrected, it follows', async () => {
    await configure({ replicas: 5, replicaCount: 3 });
    const accepted = async () => (await read('IngressNginx', 'demo'))?.status?.conditions?.[0];
    await eventually(async () =>
      expect(await accepted()).toMatchObject({
        status: 'False',
        message: expect.stringContaining('spec.controller.replicas: unknown') as string,
      }),
    );
    expect((await read('Deployment', NAME))?.spec?.replicas).toBe(2);
    await configure({ replicas: null });
    await eventually(async () => expect((await read('Deployment', NAME))?.spec?.replicas).toBe(3));
  });

  test('all goes with it', async () => {
    await home.api.delete(KIND_REFS.IngressNginx, { namespace: 'default', name: 'demo' });
    await eventually(async () => {
      expect(await read('Deployment', NAME)).toBeUndefined();
      expect(await read('Service', NAME)).toBeUndefined();
      expect(await read('ClusterRole', `default-${NAME}-clusterrole`, '')).toBeUndefined();
    });
  });
});
