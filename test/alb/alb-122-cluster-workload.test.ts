/** What the controllers write on a cluster, tried against the embedded API server: no kubelet, and RBAC kinds as plain CRDs. */
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { type ALB2, KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { CRD, openCrd } from '../e2e/open-crd.ts';
import { alb } from '../e2e/quick-start.ts';

const home = new Home();
const POD = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

beforeAll(async () => {
  await home.start('apiserver');
  for (const kind of ['ClusterRole', 'ClusterRoleBinding'] as const)
    await home.api.create(CRD, openCrd(KIND_REFS[kind]));
  await home.start('controllers', { args: ['--instances', 'cluster', '--image', 'registry.example/causeway:1'] });
});
afterAll(() => home.stop());

async function read<K extends KindName>(
  kind: K,
  name: string,
  namespace = ALB_NAMESPACE,
): Promise<KindMap[K] | undefined> {
  return (await home.api.get(KIND_REFS[kind], { namespace, name })) as KindMap[K] | undefined;
}

async function configure(config: NonNullable<ALB2['spec']['config']>): Promise<void> {
  const key = { namespace: ALB_NAMESPACE, name: 'web' };
  await home.api.patch(KIND_REFS.ALB2, key, { spec: { config } }, { type: 'merge' });
}

/** What the Deployment controller and kubelets would say. */
async function report(replicas: number, readyReplicas: number): Promise<void> {
  const key = { namespace: ALB_NAMESPACE, name: 'web' };
  const status = { replicas, readyReplicas, updatedReplicas: replicas };
  await home.api.patch(KIND_REFS.Deployment, key, { status }, { type: 'merge', subresource: 'status' });
}

/** One that does not end before it is released. */
async function dataPlane(): Promise<{ release(): Promise<void> }> {
  const key = { namespace: ALB_NAMESPACE, name: 'web-0' };
  const { uid = '' } = (await read('Deployment', 'web'))?.metadata ?? {};
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid, blockOwnerDeletion: true };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...key, finalizers: ['example.com/serves'], ownerReferences: [owner] },
    spec: { containers: [{ name: 'nginx', image: 'registry.example/causeway:1' }] },
  };
  await home.api.create(POD, pod as KubernetesObject);
  return {
    async release() {
      await home.api.patch(POD, key, { metadata: { finalizers: null } }, { type: 'merge' });
    },
  };
}

describe('ALB-122 cluster: the objects of an ALB', () => {
  test('are made; a foreign one of such a name is not touched, and told', async () => {
    const foreign = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web', namespace: ALB_NAMESPACE },
      spec: { ports: [{ port: 7 }] },
    };
    await home.api.create(KIND_REFS.Service, foreign as KubernetesObject);
    await home.api.create(KIND_REFS.ALB2, alb('web', { http: 80, https: 443, metrics: 1936 }, { replicas: 4 }));
    await eventually(async () => {
      const deployment = await read('Deployment', 'web');
      expect(deployment?.spec).toMatchObject({
        replicas: 4,
        template: {
          spec: {
            hostNetwork: true,
            containers: [
              {
                name: 'nginx',
                image: 'registry.example/causeway:1',
                resources: { limits: { cpu: '2', memory: '2Gi' } },
              },
            ],
          },
        },
      });
    });
    expect(await read('ServiceAccount', 'web-serviceaccount')).toBeDefined();
    expect(await read('ClusterRole', 'web-clusterrole', '')).toBeDefined();
    expect(await read('ClusterRoleBinding', 'web-clusterrolebind', '')).toBeDefined();
    expect((await read('Service', 'web'))?.spec?.ports).toMatchObject([{ port: 7 }]);
    await eventually(async () => {
      const kind = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };
      const events = await home.api.list(kind);
      expect(JSON.stringify(events.items)).toContain('belongs to somebody else');
    });
  });

  test('state: Pending or Progressing until every replica is ready, 3 of 4 included; then Running', async () => {
    const state = async () => (await read('ALB2', 'web'))?.status?.state;
    await eventually(async () => expect(await state()).toBe('Progressing'));
    await report(4, 3);
    await eventually(async () =>
      expect((await read('ALB2', 'web'))?.status).toMatchObject({
        state: 'Progressing',
        reason: 'wait workload ready 3/4',
        detail: { version: { imagePatch: 'not patch' } },
      }),
    );
    await report(4, 4);
    await eventually(async () => expect(await state()).toBe('Running'));
  });

  test('one changed setting changes the Deployment once, and what others wrote there stays; then nothing more is written', async () => {
    await home.api.patch(
      KIND_REFS.Deployment,
      { namespace: ALB_NAMESPACE, name: 'web' },
      { metadata: { labels: { team: 'x' } } },
      { type: 'merge' },
    );
    const before = await read('Deployment', 'web');
    await configure({ resources: { limits: { cpu: '0.5' } } });
    const after = await eventually(async () => {
      const deployment = await read('Deployment', 'web');
      const limits = deployment?.spec?.template.spec?.containers[0]?.resources?.limits;
      expect(limits?.['memory']).toBe('2Gi');
      expect(limits?.['cpu']).not.toBe('2');
      return deployment;
    });
    expect(after?.metadata.labels).toMatchObject({ team: 'x' });
    expect(after?.metadata.uid).toBe(before?.metadata.uid);
    await configure({ defaultIngressClass: true });
    await eventually(async () =>
      expect((await read('IngressClass', 'web', ''))?.metadata.annotations).toMatchObject({
        'ingressclass.kubernetes.io/is-default-class': 'true',
      }),
    );
    expect((await read('Deployment', 'web'))?.metadata.resourceVersion).toBe(after?.metadata.resourceVersion);
  });

  test('deleted ones are made again; all go with the ALB2, but for the foreign one', async () => {
    await home.api.delete(KIND_REFS.Deployment, { namespace: ALB_NAMESPACE, name: 'web' });
    await eventually(async () => expect(await read('Deployment', 'web')).toBeDefined());
    await configure({ enablePortProject: true, portProjects: '[{"port":"80","projects":["p1"]}]' });
    await eventually(async () =>
      expect((await read('ConfigMap', 'web-port-info'))?.data).toEqual({ range: '[{"port":"80","projects":["p1"]}]' }),
    );
    const { release } = await dataPlane();
    await home.api.delete(KIND_REFS.ALB2, { namespace: ALB_NAMESPACE, name: 'web' });
    await eventually(async () => expect((await read('Deployment', 'web'))?.metadata.deletionTimestamp).toBeDefined());
    // Gone before the Deployment is told to go, as all but the rights are.
    expect(await read('ConfigMap', 'web-port-info')).toBeUndefined();
    expect(await read('ServiceAccount', 'web-serviceaccount')).toBeDefined();
    expect(await read('ClusterRole', 'web-clusterrole', '')).toBeDefined();
    expect(await read('ClusterRoleBinding', 'web-clusterrolebind', '')).toBeDefined();
    await release();
    await eventually(async () => expect(await read('ALB2', 'web')).toBeUndefined(), 15_000);
    expect(await read('Deployment', 'web')).toBeUndefined();
    expect(await read('ConfigMap', 'web-port-info')).toBeUndefined();
    expect(await read('ServiceAccount', 'web-serviceaccount')).toBeUndefined();
    expect(await read('ClusterRole', 'web-clusterrole', '')).toBeUndefined();
    expect(await read('Service', 'web')).toBeDefined();
  });
});
