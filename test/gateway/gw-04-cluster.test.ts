/** What the controllers make of a Gateway on a cluster, tried against the embedded API server: no kubelet, and RBAC kinds as plain CRDs. */
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Deployment, Gateway } from '@causeway/resources/kinds';
import { KIND_REFS, type KindMap, type KindName } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { controllersDeployment } from '../../tools/deploy/programs.ts';
import { eventually } from '../e2e/eventually.ts';
import { Home } from '../e2e/home.ts';
import { CRD, openCrd } from '../e2e/open-crd.ts';
import { gateway, httpListener } from './gateway-lab.ts';

const home = new Home();
const IMAGE = 'registry.example/causeway:1';
const INSTALLED = { namespace: 'causeway-system', name: 'causeway-controllers' };

beforeAll(async () => {
  await home.start('apiserver');
  for (const kind of ['ClusterRole', 'ClusterRoleBinding'] as const)
    await home.api.create(CRD, openCrd(KIND_REFS[kind]));
  await home.api.create(KIND_REFS.Namespace, {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: INSTALLED.namespace },
  });
  await home.api.create(KIND_REFS.Deployment, controllersDeployment() as KubernetesObject);
  const installed = ['--deployment', `${INSTALLED.namespace}/${INSTALLED.name}`];
  await home.start('controllers', { args: ['--instances', 'cluster', '--image', IMAGE, ...installed] });
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

const hasHostPort = ({ hostPort }: { readonly hostPort?: number }): boolean => hostPort !== undefined;

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

  const proxy = (kubernetes: object) =>
    home.api.patch(
      KIND_REFS.EnvoyProxy,
      { namespace: 'default', name: 'web' },
      { spec: { provider: { kubernetes } } },
      { type: 'merge' },
    );
  const programmed = async (): Promise<string> => {
    const found = (await read('Gateway', 'web'))?.status?.conditions?.find(({ type }) => type === 'Programmed');
    return `${found?.status} ${found?.reason} ${found?.message}`;
  };

  test('GW-05 its Service is as the EnvoyProxy says, and reached where its type says', async () => {
    await proxy({
      envoyService: {
        type: 'LoadBalancer',
        externalTrafficPolicy: 'Local',
        labels: { tier: 'edge' },
        loadBalancerIP: '192.0.2.9',
        loadBalancerSourceRanges: ['198.51.100.0/24'],
        loadBalancerClass: 'example.com/lb',
        allocateLoadBalancerNodePorts: false,
      },
    });
    const owned = { 'gateway.envoyproxy.io/owning-gateway-name': 'web' };
    await eventually(async () =>
      expect(await read('Service', 'web-gateway')).toMatchObject({
        metadata: {
          labels: { ...owned, tier: 'edge', 'gateway.envoyproxy.io/owning-gateway-namespace': 'default' },
          annotations: { pool: 'inside' },
        },
        spec: {
          type: 'LoadBalancer',
          externalTrafficPolicy: 'Local',
          loadBalancerIP: '192.0.2.9',
          loadBalancerSourceRanges: ['198.51.100.0/24'],
          loadBalancerClass: 'example.com/lb',
          allocateLoadBalancerNodePorts: false,
        },
      }),
    );
    const plain = {
      loadBalancerIP: null,
      loadBalancerSourceRanges: null,
      loadBalancerClass: null,
      allocateLoadBalancerNodePorts: null,
    };
    const addresses = async () => (await read('Gateway', 'web'))?.status?.addresses?.map(({ value }) => value);
    await proxy({ envoyService: { ...plain, type: 'ClusterIP' } });
    await eventually(async () => {
      const { spec } = (await read('Service', 'web-gateway')) ?? {};
      expect(spec?.type).toBe('ClusterIP');
      expect(await addresses()).toEqual(spec?.clusterIPs);
    });
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n1' } };
    await home.api.create(KIND_REFS.Node, node);
    const status = { addresses: [{ type: 'InternalIP', address: '192.0.2.31' }] };
    const key = { namespace: '', name: 'n1' };
    await home.api.patch(KIND_REFS.Node, key, { status }, { type: 'merge', subresource: 'status' });
    await proxy({ envoyService: { type: 'NodePort', externalTrafficPolicy: 'Cluster' } });
    await eventually(async () => {
      expect((await read('Service', 'web-gateway'))?.spec?.type).toBe('NodePort');
      expect(await addresses()).toContain('192.0.2.31');
    });
  });

  test('GW-05 a patch pins the port of nodes; one that the API server refuses is told, and changes nothing', async () => {
    const [port] = (await read('Service', 'web-gateway'))?.spec?.ports ?? [];
    const pinned = (nodePort: number) =>
      proxy({ envoyService: { patch: { value: { spec: { ports: [{ port: port?.port, nodePort }] } } } } });
    const ports = async () => (await read('Service', 'web-gateway'))?.spec?.ports;
    await pinned(31888);
    await eventually(async () => expect(await ports()).toMatchObject([{ ...port, nodePort: 31888 }]));
    await pinned(20000);
    await eventually(async () => {
      expect(await programmed()).toContain('False Invalid Service web-gateway:');
      expect(await programmed()).toContain('provided port is not in the valid range');
    });
    expect(await ports()).toMatchObject([{ nodePort: 31888 }]);
    await proxy({ envoyService: { patch: { type: 'JSONMerge', value: { spec: { ports: [] } } } } });
    await eventually(async () => expect(await programmed()).toContain('spec.ports: Required value'));
    await proxy({ envoyService: { name: 'front', patch: { value: { spec: { type: 'Other' } } } } });
    await eventually(async () => expect(await programmed()).toContain('Service front:'));
    expect(await ports()).toMatchObject([{ nodePort: 31888 }]);
    await proxy({ envoyService: { name: 'front', patch: null } });
    await eventually(async () => {
      expect((await read('Service', 'front'))?.spec?.type).toBe('NodePort');
      expect(await read('Service', 'web-gateway')).toBeUndefined();
      expect(await programmed()).toBe('False NoResources no pod of it is ready');
    });
    await proxy({ envoyService: { name: null } });
  });

  test('GW-06 its pods are as the EnvoyProxy says', async () => {
    const key = { matchExpressions: [{ key: 'edge', operator: 'Exists' }] };
    const affinity = {
      nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: key }] },
    };
    const spread = [
      { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' },
      { maxSkew: 2, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' },
    ];
    await proxy({
      envoyDeployment: {
        name: 'edge',
        strategy: { type: 'Recreate' },
        initContainers: [{ name: 'first', image: 'registry.example/first:1' }],
        pod: {
          labels: { team: 'shop' },
          annotations: { 'endpoint-health-checker.io/enabled': 'true' },
          affinity,
          topologySpreadConstraints: spread,
          imagePullSecrets: [{ name: 'pull' }],
          volumes: [{ name: 'more', emptyDir: {} }],
          priorityClassName: 'system-cluster-critical',
        },
        container: {
          imageRepository: 'mirror.example:5000/causeway',
          env: [{ name: 'TZ', value: 'UTC' }],
          volumeMounts: [{ name: 'more', mountPath: '/more' }],
          securityContext: { privileged: false },
          resources: { requests: { cpu: '1' } },
        },
        patch: { value: { spec: { minReadySeconds: 7 } } },
      },
      envoyPDB: { minAvailable: 1 },
      envoyHpa: { minReplicas: 2, maxReplicas: 5, patch: { value: { metadata: { annotations: { a: 'b' } } } } },
      envoyServiceAccount: { name: 'edge-account' },
    });
    await eventually(async () => {
      const { spec } = (await read('Deployment', 'edge')) ?? {};
      expect(spec).toMatchObject({ minReadySeconds: 7, strategy: { type: 'Recreate' } });
      expect(spec?.template.metadata).toMatchObject({
        labels: { team: 'shop', ...spec?.selector.matchLabels },
        annotations: { 'endpoint-health-checker.io/enabled': 'true' },
      });
      expect(spec?.template.spec).toMatchObject({
        affinity,
        topologySpreadConstraints: spread,
        imagePullSecrets: [{ name: 'pull' }],
        priorityClassName: 'system-cluster-critical',
        serviceAccountName: 'edge-account',
        initContainers: [{ name: 'first' }],
        containers: [{ name: 'nginx', image: 'mirror.example:5000/causeway:1', resources: { requests: { cpu: '1' } } }],
      });
      const [container] = spec?.template.spec?.containers ?? [];
      expect(container?.env).toContainEqual({ name: 'TZ', value: 'UTC' });
      expect(container?.volumeMounts?.map(({ mountPath }) => mountPath)).toEqual(
        expect.arrayContaining(['/more', '/tmp']),
      );
      expect(container?.securityContext).toMatchObject({ privileged: false, readOnlyRootFilesystem: true });
      expect(spec?.template.spec?.volumes?.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['more', 'run', 'tmp']),
      );
      expect((await read('HorizontalPodAutoscaler', 'web-gateway'))?.spec).toMatchObject({
        ...{ minReplicas: 2, maxReplicas: 5 },
        scaleTargetRef: { kind: 'Deployment', name: 'edge' },
      });
      expect((await read('PodDisruptionBudget', 'web-gateway'))?.spec?.minAvailable).toBe(1);
      expect(await read('ServiceAccount', 'edge-account')).toBeDefined();
      expect(await read('Deployment', 'web-gateway')).toBeUndefined();
    });
    const scale = { spec: { replicas: 4 } };
    await home.api.patch(KIND_REFS.Deployment, { namespace: 'default', name: 'edge' }, scale, { type: 'merge' });
    await proxy({ envoyDeployment: { pod: { labels: { team: 'desk' } } } });
    await eventually(async () => {
      const { spec } = (await read('Deployment', 'edge')) ?? {};
      expect([spec?.template.metadata?.labels?.['team'], spec?.replicas]).toEqual(['desk', 4]);
    });
  });

  test('GW-06 a patch that breaks the schema leaves the old Deployment, and is told; a DaemonSet takes its place', async () => {
    const broken = [
      [{ spec: { replicas: 'many' } }, 'replicas'],
      [{ spec: { template: { spec: { nonsense: 1 } } } }, 'unknown field "spec.template.spec.nonsense"'],
      [{ spec: { template: { spec: { containers: [{ image: 'a' }] } } } }, 'does not contain declared merge key: name'],
    ] as const;
    for (const [value, message] of broken) {
      await proxy({ envoyDeployment: { patch: null } });
      await eventually(async () => expect(await programmed()).not.toContain('Deployment'));
      await proxy({ envoyDeployment: { patch: { value } } });
      await eventually(async () => {
        expect(await programmed()).toContain('False Invalid Deployment edge:');
        expect(await programmed()).toContain(message);
      });
      expect((await read('Deployment', 'edge'))?.spec?.template.metadata?.labels?.['team']).toBe('desk');
    }
    const envoyDaemonSet = { strategy: { type: 'OnDelete' }, pod: { nodeSelector: { edge: 'yes' } } };
    await proxy({ envoyDeployment: null, envoyHpa: null, envoyPDB: null, envoyServiceAccount: null, envoyDaemonSet });
    await eventually(async () => {
      expect((await read('DaemonSet', 'web-gateway'))?.spec).toMatchObject({
        updateStrategy: { type: 'OnDelete' },
        template: { spec: { nodeSelector: { edge: 'yes' }, containers: [{ name: 'nginx', image: IMAGE }] } },
      });
      for (const [kind, name] of [
        ['Deployment', 'edge'],
        ['HorizontalPodAutoscaler', 'web-gateway'],
        ['PodDisruptionBudget', 'web-gateway'],
        ['ServiceAccount', 'edge-account'],
      ] as const)
        expect(await read(kind, name)).toBeUndefined();
      expect(await programmed()).not.toContain('Deployment');
    });
    await proxy({ envoyDaemonSet: null });
  });

  test('GW-07 in the network of the node ports below 1024 are 10000 higher, and the Service hides it', async () => {
    const value = { spec: { template: { spec: { hostNetwork: true } } } };
    await change({ listeners: [httpListener('http', { port: 80 }), httpListener('more', { port: 8080 })] });
    await proxy({ envoyDeployment: { patch: { value } } });
    const targets = async () =>
      (await read('Service', 'web-gateway'))?.spec?.ports?.map(({ targetPort }) => targetPort);
    await eventually(async () => {
      const pod = (await read('Deployment', 'web-gateway'))?.spec?.template.spec;
      expect([pod?.hostNetwork, pod?.dnsPolicy]).toEqual([true, 'ClusterFirstWithHostNet']);
      expect(await targets()).toEqual([10080, 8080]);
    });
    await proxy({ useListenerPortAsContainerPort: true });
    await eventually(async () => expect(await targets()).toEqual([80, 8080]));
  });

  test('GW-02 objects of Gateways of an EnvoyGatewayCtl are beside it, unless it says that they are beside the Gateways', async () => {
    await home.api.create(KIND_REFS.Namespace, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'infra' } });
    await home.api.create(KIND_REFS.EnvoyGatewayCtl, {
      apiVersion: 'envoy-gateway.alauda.io/v1',
      kind: 'EnvoyGatewayCtl',
      metadata: { name: 'edge', namespace: 'infra' },
      spec: {},
    } as KubernetesObject);
    await home.api.create(KIND_REFS.Gateway, gateway('moved', [httpListener('http', { port: 80 })], 'infra-edge'));
    const names = async (kind: 'Deployment' | 'Service' | 'ServiceAccount') =>
      (
        await home.api.list(KIND_REFS[kind], { labelSelector: 'gateway.networking.k8s.io/gateway-name=moved' })
      ).items.map(({ metadata }) => `${metadata.namespace}/${metadata.name.replace(/[0-9a-f]{8}/, 'hash')}`);
    await eventually(async () => {
      expect(await names('Deployment')).toEqual(['infra/moved-gateway-hash']);
      expect(await names('Service')).toEqual(['infra/moved-gateway-hash']);
      expect(await names('ServiceAccount')).toEqual(['infra/moved-gateway-hash-serviceaccount']);
    });
    const [service] = (await home.api.list(KIND_REFS.Service, { namespace: 'infra' })).items;
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.40' }] } };
    const key = { namespace: 'infra', name: service?.metadata.name ?? '' };
    await home.api.patch(KIND_REFS.Service, key, { status }, { type: 'merge', subresource: 'status' });
    await eventually(async () =>
      expect((await read('Gateway', 'moved'))?.status?.addresses?.[0]?.value).toBe('192.0.2.40'),
    );
    const provider = { kubernetes: { deploy: { type: 'GatewayNamespace' } } };
    const spec = { config: { envoyGateway: { provider } } };
    await home.api.patch(KIND_REFS.EnvoyGatewayCtl, { namespace: 'infra', name: 'edge' }, { spec }, { type: 'merge' });
    await eventually(async () => {
      expect(await names('Deployment')).toEqual(['default/moved-gateway']);
      expect(await names('Service')).toEqual(['default/moved-gateway']);
    });
    await home.api.delete(KIND_REFS.Gateway, { namespace: 'default', name: 'moved' });
    await eventually(async () => {
      expect(await read('Gateway', 'moved')).toBeUndefined();
      expect(await names('Deployment')).toEqual([]);
    });
  });

  test('ALB-111 a Gateway of exclusive-gateway is an ALB2 with a Deployment and two Services; all go with it', async () => {
    await home.api.create(KIND_REFS.Gateway, gateway('g1', [httpListener('http', { port: 80 })], 'exclusive-gateway'));
    const made = async (kind: 'ALB2' | 'Deployment' | 'Service') =>
      (await home.api.list(KIND_REFS[kind], { namespace: 'default' })).items
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.startsWith('g1-'));
    await eventually(async () => {
      const [alb = ''] = await made('ALB2');
      expect(alb).toMatch(/^g1-lb-[0-9a-z]{5}$/);
      expect((await read('Gateway', 'g1'))?.metadata.labels?.['alb.cpaas.io/alb-ref']).toBe(alb);
      expect(await made('Deployment')).toEqual([alb]);
      expect(await made('Service')).toHaveLength(2);
    });
    const [alb = ''] = await made('ALB2');
    expect((await read('ALB2', alb))?.spec.config).toMatchObject({
      replicas: 1,
      enableALb: false,
      enableIngress: 'false',
    });
    // No port of a node can be taken: its pods have a network of their own.
    const pods = (await read('Deployment', alb))?.spec?.template.spec;
    expect([pods?.hostNetwork ?? false, pods?.containers.flatMap(({ ports = [] }) => ports).some(hasHostPort)]).toEqual(
      [false, false],
    );
    /** What the ALB2 says of itself, and the Gateway of it. */
    const told = async () => {
      const { state = '', reason = '' } = (await read('ALB2', alb))?.status ?? {};
      const found = (await read('Gateway', 'g1'))?.status?.conditions?.find(({ type }) => type === 'Accepted');
      return { own: `ALB2 default/${alb} is ${state}: ${reason}`, accepted: found };
    };
    const waitsFor = (reason: string) =>
      eventually(async () => {
        const { own, accepted } = await told();
        expect(own).toContain(reason);
        expect(accepted).toMatchObject({ status: 'Unknown', reason: 'Pending', message: own });
      });
    await waitsFor('is Progressing: wait workload ready 0/1');
    const ready = { replicas: 1, readyReplicas: 1, updatedReplicas: 1 };
    await home.api.patch(
      KIND_REFS.Deployment,
      { namespace: 'default', name: alb },
      { status: ready },
      { type: 'merge', subresource: 'status' },
    );
    await waitsFor('is Progressing: wait lb svc ready');
    const balanced = (await made('Service')).find((name) => name !== alb) ?? '';
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.51' }] } };
    const key = { namespace: 'default', name: balanced };
    await home.api.patch(KIND_REFS.Service, key, { status }, { type: 'merge', subresource: 'status' });
    await eventually(async () =>
      expect((await read('Gateway', 'g1'))?.status?.addresses).toEqual([{ type: 'IPAddress', value: '192.0.2.51' }]),
    );
    await eventually(async () => expect((await told()).accepted).toMatchObject({ status: 'True', reason: 'Accepted' }));
    await home.api.delete(KIND_REFS.Gateway, { namespace: 'default', name: 'g1' });
    await eventually(async () => {
      expect([await made('ALB2'), await made('Deployment'), await made('Service')]).toEqual([[], [], []]);
    });
  });

  test('ALB-112 Gateways of a shared ALB2 have no objects of their own, and its Service has their ports', async () => {
    const config = { networkMode: 'container', vip: { enableLbSvc: true }, gateway: { enable: true } };
    await home.api.create(KIND_REFS.ALB2, {
      apiVersion: 'crd.alauda.io/v2beta1',
      kind: 'ALB2',
      metadata: { name: 'shared', namespace: 'default' },
      spec: { type: 'nginx', config },
    } as KubernetesObject);
    await home.api.create(KIND_REFS.Gateway, gateway('g2', [httpListener('http', { port: 8123 })], 'shared'));
    const lbPorts = async () =>
      (await home.api.list(KIND_REFS.Service, { labelSelector: 'alb.cpaas.io/service_type=lb' })).items.flatMap(
        (service) => (service as KindMap['Service']).spec?.ports?.map(({ port }) => port) ?? [],
      );
    await eventually(async () => {
      expect((await read('GatewayClass', 'shared', ''))?.spec.controllerName).toBe('alb2.gateway.cpaas.io/shared');
      expect(await read('Deployment', 'shared')).toBeDefined();
      expect(await lbPorts()).toContain(8123);
      const accepted = (await read('Gateway', 'g2'))?.status?.conditions?.find(({ type }) => type === 'Accepted');
      expect(accepted).toMatchObject({ status: 'Unknown', reason: 'Pending' });
    });
    expect(await read('Deployment', 'g2-gateway')).toBeUndefined();
    await home.api.delete(KIND_REFS.Gateway, { namespace: 'default', name: 'g2' });
    await home.api.delete(KIND_REFS.ALB2, { namespace: 'default', name: 'shared' });
    await eventually(async () => expect(await read('Deployment', 'shared')).toBeUndefined());
  });

  test('GW-06 Gateways of a class with mergeGateways have one Deployment and one Service, beside its EnvoyProxy', async () => {
    const NAMED = 'merged-gateways';
    await home.api.create(KIND_REFS.EnvoyProxy, {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyProxy',
      metadata: { name: 'merging', namespace: 'kube-system' },
      spec: { mergeGateways: true, provider: { type: 'Kubernetes', kubernetes: { envoyDeployment: { replicas: 2 } } } },
    } as KubernetesObject);
    const { spec, ...merged } = gatewayClass('merged', 'causeway.io/gateway') as KubernetesObject & { spec: object };
    const parametersRef = {
      group: 'gateway.envoyproxy.io',
      kind: 'EnvoyProxy',
      name: 'merging',
      namespace: 'kube-system',
    };
    await home.api.create(KIND_REFS.GatewayClass, { ...merged, spec: { ...spec, parametersRef } } as KubernetesObject);
    for (const [name, port] of [
      ['m1', 80],
      ['m2', 81],
    ] as const)
      await home.api.create(KIND_REFS.Gateway, gateway(name, [httpListener('http', { port })], 'merged'));
    await eventually(async () => {
      const deployment = await read('Deployment', NAMED, 'kube-system');
      expect(deployment?.metadata.labels).toMatchObject({ 'gateway.envoyproxy.io/owning-gatewayclass': 'merged' });
      expect(deployment?.spec?.replicas).toBe(2);
      expect(deployment?.spec?.template.spec?.containers[0]?.args?.join(' ')).toContain(
        '--alb kube-system/merged.gatewayclass',
      );
      const ports = (await read('Service', NAMED, 'kube-system'))?.spec?.ports?.map(({ port }) => port);
      expect(ports).toEqual([80, 81]);
    });
    expect(await read('Deployment', 'm1-gateway')).toBeUndefined();
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.77' }] } };
    const service = { namespace: 'kube-system', name: NAMED };
    await home.api.patch(KIND_REFS.Service, service, { status }, { type: 'merge', subresource: 'status' });
    await eventually(async () => {
      for (const name of ['m1', 'm2']) {
        const addresses = (await read('Gateway', name))?.status?.addresses?.map(({ value }) => value);
        expect(addresses).toEqual(['192.0.2.77']);
      }
    });
    for (const name of ['m1', 'm2']) await home.api.delete(KIND_REFS.Gateway, { namespace: 'default', name });
    await home.api.delete(KIND_REFS.GatewayClass, { namespace: '', name: 'merged' });
    await eventually(async () => {
      expect(await read('Service', NAMED, 'kube-system')).toBeUndefined();
      expect(await read('Deployment', NAMED, 'kube-system')).toBeUndefined();
      expect(await read('GatewayClass', 'merged', '')).toBeUndefined();
    });
  });

  test('an ALB2 whose objects have the names of those of a Gateway does not get them, nor the other way round', async () => {
    const alb = (name: string): KubernetesObject => {
      const spec = { type: 'nginx', config: { networkMode: 'container' } };
      const metadata = { name, namespace: 'default' };
      return { apiVersion: 'crd.alauda.io/v2beta1', kind: 'ALB2', metadata, spec } as KubernetesObject;
    };
    const serves = async (name: string): Promise<string> => {
      const args = (await read('Deployment', name))?.spec?.template.spec?.containers[0]?.args ?? [];
      return /--alb (\S+)/.exec(args.join(' '))?.[1] ?? 'none';
    };
    const programmed = async (name: string): Promise<string> => {
      const { conditions = [] } = (await read('Gateway', name))?.status ?? {};
      const found = conditions.find(({ type }) => type === 'Programmed');
      return `${found?.reason}: ${found?.message}`;
    };
    await home.api.create(KIND_REFS.ALB2, alb('web-gateway'));
    await home.api.create(KIND_REFS.ALB2, alb('late-gateway'));
    await eventually(async () => expect(await serves('late-gateway')).toBe('default/late-gateway'));
    await home.api.create(KIND_REFS.Gateway, gateway('late', [httpListener('http', { port: 80 })], 'ours'));
    await eventually(async () => {
      expect(await programmed('late')).toContain('Invalid: ');
      expect(await programmed('late')).toContain('Deployment default/late-gateway belongs to somebody else');
      expect((await read('Gateway', 'late'))?.status?.addresses).toBeUndefined();
    });
    await eventually(async () => {
      const { items } = await home.api.list(
        { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true },
        { namespace: 'default' },
      );
      expect(JSON.stringify(items)).toContain('Deployment default/web-gateway belongs to somebody else');
    });
    expect([await serves('web-gateway'), await serves('late-gateway')]).toEqual([
      'default/web.gateway',
      'default/late-gateway',
    ]);
    for (const name of ['web-gateway', 'late-gateway'])
      await home.api.delete(KIND_REFS.ALB2, { namespace: 'default', name });
    await eventually(async () => {
      expect(await read('ALB2', 'web-gateway')).toBeUndefined();
      expect([await serves('web-gateway'), await serves('late-gateway')]).toEqual([
        'default/web.gateway',
        'default/late.gateway',
      ]);
    });
    await home.api.delete(KIND_REFS.Gateway, { namespace: 'default', name: 'late' });
  });

  test('all go with it', async () => {
    await home.api.delete(KIND_REFS.Gateway, { namespace: 'default', name: 'web' });
    await eventually(async () => {
      expect(await read('Gateway', 'web')).toBeUndefined();
      for (const [kind, name, namespace] of OBJECTS) expect(await read(kind, name, namespace)).toBeUndefined();
    });
  });
});

describe('GW-02 on a cluster', () => {
  const NAME = 'default-own-controllers';
  const deployment = async () => (await read('Deployment', NAME, INSTALLED.namespace))?.spec;
  const accepted = async () => {
    const { status, reason, message } = (await read('EnvoyGatewayCtl', 'own'))?.status?.conditions?.[0] ?? {};
    return `${status} ${reason} ${message}`;
  };
  const ctl = (spec: object): KubernetesObject & { readonly spec: object } => ({
    apiVersion: 'envoy-gateway.alauda.io/v1',
    kind: 'EnvoyGatewayCtl',
    metadata: { name: 'own', namespace: 'default' },
    spec,
  });

  const write = (spec: object) =>
    home.api.patch(KIND_REFS.EnvoyGatewayCtl, { namespace: 'default', name: 'own' }, { spec }, { type: 'merge' });

  test('an EnvoyGatewayCtl is more controllers of the one that leads, as many and where it says', async () => {
    await home.api.create(KIND_REFS.EnvoyGatewayCtl, ctl({}));
    await eventually(async () => {
      const { replicas, template } = (await deployment()) ?? {};
      expect(replicas).toBe(1);
      expect(template?.spec?.containers[0]?.resources).toEqual({
        ...{ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '100m', memory: '256Mi' } },
      });
      expect(await accepted()).toBe(
        `True Accepted GatewayClass default-own; controllers in Deployment causeway-system/${NAME}`,
      );
    });
    const pod = {
      nodeSelector: { 'node-role.kubernetes.io/infra': '' },
      tolerations: [{ key: 'reserved', operator: 'Equal' }],
    };
    await write({ deployment: { replicas: 2, pod, other: 1 } });
    await eventually(async () => {
      const { replicas, template } = (await deployment()) ?? {};
      const { serviceAccountName, nodeSelector, tolerations, containers = [] } = template?.spec ?? {};
      expect({ replicas, serviceAccountName, nodeSelector, tolerations }).toMatchObject({
        replicas: 2,
        serviceAccountName: INSTALLED.name,
        ...pod,
      });
      expect(containers[0]?.args).toEqual(controllersDeployment().spec?.template.spec?.containers[0]?.args);
      expect(await accepted()).toContain('without effect are spec.deployment.other');
    });
    const labels = (await deployment())?.selector?.matchLabels;
    expect(labels).not.toEqual(controllersDeployment().spec?.selector.matchLabels);
  });

  test('edits by hand are taken back; a new image follows; what the API server refuses is told and changes nothing', async () => {
    const key = { namespace: INSTALLED.namespace, name: NAME };
    await home.api.patch(KIND_REFS.Deployment, key, { spec: { replicas: 7 } }, { type: 'merge' });
    await eventually(async () => expect((await deployment())?.replicas).toBe(2));
    const installed = (await home.api.get(KIND_REFS.Deployment, INSTALLED)) as Deployment;
    const [container] = installed.spec?.template.spec?.containers ?? [];
    const containers = [{ ...container, image: 'registry.example/causeway:2' }];
    await home.api.patch(
      KIND_REFS.Deployment,
      INSTALLED,
      { spec: { template: { spec: { containers } } } },
      { type: 'merge' },
    );
    await eventually(async () =>
      expect((await deployment())?.template.spec?.containers[0]?.image).toBe('registry.example/causeway:2'),
    );
    await write({ deployment: { replicas: 3, resources: { limits: { cpu: 'much' } } } });
    await eventually(async () => expect(await accepted()).toMatch(/^False InvalidParameters .*cpu/));
    expect((await deployment())?.replicas).toBe(2);
  });

  test('it goes with it', async () => {
    await home.api.delete(KIND_REFS.EnvoyGatewayCtl, { namespace: 'default', name: 'own' });
    await eventually(async () => {
      expect(await deployment()).toBeUndefined();
      expect(await read('ConfigMap', 'envoy-gateway-config')).toBeUndefined();
    });
  });
});
