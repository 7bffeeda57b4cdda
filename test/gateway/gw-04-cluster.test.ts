/** What the controllers make of a Gateway on a cluster, tried against the embedded API server: no kubelet, and RBAC kinds as plain CRDs. */
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Gateway } from '@causeway/resources/kinds';
import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { CRD, openCrd } from '../e2e/open-crd.ts';
import { gateway, httpListener } from './gateway-lab.ts';

const home = new Home();
const IMAGE = 'registry.example/causeway:1';

beforeAll(async () => {
  await home.start('apiserver');
  for (const kind of ['ClusterRole', 'ClusterRoleBinding'] as const)
    await home.api.create(CRD, openCrd(KIND_REFS[kind]));
  await home.start('controllers', { args: ['--instances', 'cluster', '--image', IMAGE] });
  await home.api.create(KIND_REFS.GatewayClass, gatewayClass('ours', 'causeway.io/gateway'));
  await home.api.create(KIND_REFS.GatewayClass, gatewayClass('theirs', 'example.com/other'));
});
afterAll(() => home.stop());

function gatewayClass(name: string, controllerName: string): KubernetesObject {
  const spec = { controllerName };
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name },
    spec,
  } as KubernetesObject;
}

async function read<K extends KindName>(kind: K, name: string, namespace = 'default'): Promise<KindMap[K] | undefined> {
  return (await home.api.get(KIND_REFS[kind], { namespace, name })) as KindMap[K] | undefined;
}

async function change(spec: Partial<Gateway['spec']>): Promise<void> {
  await home.api.patch(KIND_REFS.Gateway, { namespace: 'default', name: 'web' }, { spec }, { type: 'merge' });
}

const OBJECTS = [
  ['Deployment', 'web-gateway', 'default'],
  ['Service', 'web-gateway', 'default'],
  ['ServiceAccount', 'web-gateway-serviceaccount', 'default'],
  ['ClusterRole', 'default-web-gateway-clusterrole', ''],
  ['ClusterRoleBinding', 'default-web-gateway-clusterrolebind', ''],
] as const;

describe('GW-04 on a cluster', () => {
  test('a Gateway is a Deployment and a Service with its ports, labels and annotations', async () => {
    const listeners = [
      httpListener('http', { port: 80 }),
      httpListener('more', { port: 80, hostname: 'a.com' }),
      { name: 'dns', port: 53, protocol: 'UDP' },
    ];
    const { spec, ...web } = gateway('web', listeners, 'ours');
    const infrastructure = { labels: { team: 'shop' }, annotations: { 'example.com/pool': 'outside' } };
    await home.api.create(KIND_REFS.Gateway, { ...web, spec: { ...spec, infrastructure } } as KubernetesObject);
    await home.api.create(KIND_REFS.Gateway, gateway('foreign', listeners, 'theirs'));
    await eventually(async () => {
      for (const [kind, name, namespace] of OBJECTS) {
        expect((await read(kind, name, namespace))?.metadata).toMatchObject({
          labels: { team: 'shop', 'gateway.networking.k8s.io/gateway-name': 'web' },
          annotations: { 'example.com/pool': 'outside' },
        });
      }
    });
    expect((await read('Service', 'web-gateway'))?.spec).toMatchObject({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Local',
      ports: [
        { name: 'tcp-80', port: 80, targetPort: 80, protocol: 'TCP' },
        { name: 'udp-53', port: 53, targetPort: 53, protocol: 'UDP' },
      ],
    });
    const { template, selector } = (await read('Deployment', 'web-gateway'))?.spec ?? {};
    expect(template?.metadata).toMatchObject({ labels: { team: 'shop', ...selector?.matchLabels } });
    expect(template?.spec?.containers[0]).toMatchObject({ image: IMAGE });
    expect(template?.spec?.containers[0]?.args?.join(' ')).toContain('--alb default/web.gateway');
    expect(await read('Deployment', 'foreign-gateway')).toBeUndefined();
  });

  test('its address is that of the Service', async () => {
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } };
    const key = { namespace: 'default', name: 'web-gateway' };
    await home.api.patch(KIND_REFS.Service, key, { status }, { type: 'merge', subresource: 'status' });
    await eventually(async () =>
      expect((await read('Gateway', 'web'))?.status?.addresses).toEqual([{ type: 'IPAddress', value: '192.0.2.7' }]),
    );
  });

  test('ports and labels follow it', async () => {
    await change({
      listeners: [httpListener('http', { port: 8080 })],
      infrastructure: { labels: { tier: 'edge' }, annotations: {} },
    });
    await home.api.patch(
      KIND_REFS.Gateway,
      { namespace: 'default', name: 'web' },
      { spec: { infrastructure: { labels: { team: null }, annotations: { 'example.com/pool': null } } } },
      { type: 'merge' },
    );
    await eventually(async () => {
      const { metadata, spec } = (await read('Service', 'web-gateway')) ?? {};
      expect(spec?.ports?.map(({ port }) => port)).toEqual([8080]);
      expect(metadata?.labels).toMatchObject({ tier: 'edge' });
      expect(metadata?.labels).not.toHaveProperty('team');
      expect(metadata?.annotations).not.toHaveProperty('example.com/pool');
    });
  });

  test('GW-04 the Service asks for the addresses that the Gateway asks for', async () => {
    const asked = async (): Promise<object> => {
      const { metadata, spec } = (await read('Service', 'web-gateway')) ?? {};
      const several = metadata?.annotations?.['metallb.universe.tf/loadBalancerIPs'];
      return { one: spec?.loadBalancerIP, several };
    };
    const [first, second] = [{ value: '192.0.2.8' }, { value: '192.0.2.9' }];
    await change({ addresses: [second, first] });
    await eventually(async () => expect(await asked()).toEqual({ several: '192.0.2.8,192.0.2.9' }));
    await change({ addresses: [second] });
    await eventually(async () => expect(await asked()).toEqual({ one: '192.0.2.9' }));
    await change({ addresses: [] });
    await eventually(async () => expect(await asked()).toEqual({}));
  });

  test('GW-05 and GW-06 its EnvoyProxy says how many pods there are, where, and how they are reached', async () => {
    const envoyDeployment = {
      replicas: 3,
      pod: { nodeSelector: { edge: 'yes' }, tolerations: [{ key: 'edge', operator: 'Exists' }] },
      container: { resources: { limits: { cpu: 1, memory: '1Gi' } } },
    };
    const envoyService = { type: 'NodePort', externalTrafficPolicy: 'Cluster', annotations: { pool: 'inside' } };
    await home.api.create(KIND_REFS.EnvoyProxy, {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyProxy',
      metadata: { name: 'web', namespace: 'default' },
      spec: { provider: { type: 'Kubernetes', kubernetes: { envoyDeployment, envoyService } } },
    } as KubernetesObject);
    const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'web' };
    await change({ infrastructure: { parametersRef } });
    await eventually(async () => {
      const { spec } = (await read('Deployment', 'web-gateway')) ?? {};
      expect(spec?.replicas).toBe(3);
      expect(spec?.template.spec).toMatchObject({ nodeSelector: { edge: 'yes' }, tolerations: [{ key: 'edge' }] });
      expect(spec?.template.spec?.containers[0]?.resources?.limits).toMatchObject({ cpu: '1', memory: '1Gi' });
      const service = await read('Service', 'web-gateway');
      expect(service?.spec?.type).toBe('NodePort');
      expect(service?.spec?.externalTrafficPolicy).not.toBe('Local');
      expect(service?.metadata.annotations).toMatchObject({ pool: 'inside' });
    });
  });

  test('GW-07 in the network of the node ports below 1024 are 10000 higher, and the Service hides it', async () => {
    const value = { spec: { template: { spec: { hostNetwork: true } } } };
    const key = { namespace: 'default', name: 'web' };
    const patch = async (kubernetes: object) =>
      home.api.patch(KIND_REFS.EnvoyProxy, key, { spec: { provider: { kubernetes } } }, { type: 'merge' });
    await change({ listeners: [httpListener('http', { port: 80 }), httpListener('more', { port: 8080 })] });
    await patch({ envoyDeployment: { patch: { value } } });
    const targets = async () =>
      (await read('Service', 'web-gateway'))?.spec?.ports?.map(({ targetPort }) => targetPort);
    await eventually(async () => {
      const pod = (await read('Deployment', 'web-gateway'))?.spec?.template.spec;
      expect([pod?.hostNetwork, pod?.dnsPolicy]).toEqual([true, 'ClusterFirstWithHostNet']);
      expect(await targets()).toEqual([10080, 8080]);
    });
    await patch({ useListenerPortAsContainerPort: true });
    await eventually(async () => expect(await targets()).toEqual([80, 8080]));
  });

  test('all go with it', async () => {
    await home.api.delete(KIND_REFS.Gateway, { namespace: 'default', name: 'web' });
    await eventually(async () => {
      expect(await read('Gateway', 'web')).toBeUndefined();
      for (const [kind, name, namespace] of OBJECTS) expect(await read(kind, name, namespace)).toBeUndefined();
    });
  });
});
