import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { Installation } from '../acceptance/installation.ts';
import { eventually } from '../e2e/eventually.ts';

let home: Installation;

beforeAll(async () => {
  home = await Installation.join();
});
afterAll(() => home.stop());

function gatewayClass(name: string, controllerName: string, spec: object = {}): object {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'GatewayClass',
    metadata: { name },
    spec: { controllerName, ...spec },
  };
}

async function classOf(name: string) {
  return home.read('GatewayClass', { namespace: '', name });
}

describe('GW-03 GatewayClass', () => {
  test('causeway is there from the beginning, and says what its Gateways can do', async () => {
    await eventually(async () => {
      const { status } = (await classOf('causeway')) ?? {};
      expect(status?.conditions?.[0]).toMatchObject({ type: 'Accepted', status: 'True', reason: 'Accepted' });
      expect(status?.conditions?.[1]).toMatchObject({ type: 'SupportedVersion', status: 'True' });
      const names = status?.supportedFeatures?.map(({ name }) => name) ?? [];
      expect(names).toContain('HTTPRoute');
      expect(names).toEqual([...names].sort());
    });
  });

  test('every change is observed; the class of somebody else is not touched', async () => {
    await home.apply(gatewayClass('foreign', 'example.com/x'), gatewayClass('ours', 'causeway.io/gateway'));
    const accepted = async () => (await classOf('ours'))?.status?.conditions?.[0];
    await eventually(async () => expect(await accepted()).toMatchObject({ status: 'True', observedGeneration: 1 }));
    await home.apply(gatewayClass('ours', 'causeway.io/gateway', { description: 'changed' }));
    await eventually(async () => expect(await accepted()).toMatchObject({ status: 'True', observedGeneration: 2 }));
    expect((await classOf('foreign'))?.status?.conditions?.[0]?.reason).toBe('Pending');
  });

  test('the controller cannot change; parameters that nobody knows are refused', async () => {
    await expect(home.apply(gatewayClass('ours', 'example.com/x'))).rejects.toThrow('Value is immutable');
    const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'none', namespace: 'default' };
    await home.apply(gatewayClass('parameters', 'causeway.io/gateway', { parametersRef }));
    await eventually(async () => {
      const { status } = (await classOf('parameters')) ?? {};
      expect(status?.conditions?.[0]).toMatchObject({ status: 'False', reason: 'InvalidParameters' });
    });
  });
});

describe('GW-01 versions', () => {
  const route = (apiVersion: string, kind: string) => ({
    apiVersion: `gateway.networking.k8s.io/${apiVersion}`,
    kind,
    metadata: { name: 'versions', namespace: 'default' },
    spec: { parentRefs: [{ name: 'none' }], rules: [{ backendRefs: [{ name: 'a', port: 80 }] }] },
  });

  test('what is written in an older one is read in the newest; one that is no more is not known', async () => {
    expect(await home.tryApply(route('v1beta1', 'HTTPRoute'))).toMatchObject({ code: 0 });
    const read = async (version: string) => {
      const args = [
        'get',
        `httproutes.${version}.gateway.networking.k8s.io`,
        'versions',
        '-n',
        'default',
        '-o',
        'json',
      ];
      return JSON.parse(await home.kubectl(args)) as { readonly apiVersion: string; readonly spec: object };
    };
    const [newest, older] = [await read('v1'), await read('v1beta1')];
    expect([newest.apiVersion, older.apiVersion]).toEqual(
      ['v1', 'v1beta1'].map((each) => `gateway.networking.k8s.io/${each}`),
    );
    expect(newest.spec).toMatchObject(route('v1', 'HTTPRoute').spec);
    expect(newest.spec).toEqual(older.spec);
    expect((await home.tryApply(route('v1alpha2', 'GRPCRoute'))).stderr).toContain('no matches for kind');
  });
});

describe('GW-02 EnvoyGatewayCtl', () => {
  const ctl = (name: string, spec: object = {}): object => ({
    apiVersion: 'envoy-gateway.alauda.io/v1',
    kind: 'EnvoyGatewayCtl',
    metadata: { name, namespace: 'default' },
    spec,
  });
  const accepted = async (name: string): Promise<string> => {
    const found = (await home.read('EnvoyGatewayCtl', { namespace: 'default', name }))?.status?.conditions?.[0];
    return `${found?.status} ${found?.reason} ${found?.message}`;
  };

  test('a GatewayClass of its name comes and goes with it; unknown settings are told, those without effect too', async () => {
    const deployment = { replicas: 2 };
    await home.apply(ctl('a-first', { deployment, config: { envoyGateway: { logging: {} } } }));
    await eventually(async () => {
      const { status } = (await classOf('default-a-first')) ?? {};
      expect(status?.conditions?.[0]).toMatchObject({ status: 'True' });
      const names = status?.supportedFeatures?.map(({ name }) => name) ?? [];
      expect(names).toContain('HTTPRoute');
      expect(names).toEqual([...names].sort());
      expect(await accepted('a-first')).toBe(
        'True Accepted GatewayClass default-a-first; without effect are spec.config.envoyGateway.logging, spec.deployment.replicas',
      );
    });
    await home.apply(ctl('a-first', { deployment, config: { nonsense: {} } }));
    await eventually(async () => {
      expect(await accepted('a-first')).toContain('False InvalidParameters spec.config.nonsense: unknown');
      expect((await classOf('default-a-first'))?.status?.conditions?.[0]).toMatchObject({ status: 'True' });
    });
    const provider = { kubernetes: { deploy: { type: 'Elsewhere' } } };
    await expect(home.apply(ctl('a-first', { config: { envoyGateway: { provider } } }))).rejects.toThrow(
      'spec.config.envoyGateway.provider.kubernetes.deploy.type',
    );
  });

  test('its configuration is a ConfigMap that nobody else writes; while it is wrong the last good one is in force', async () => {
    const key = { namespace: 'default', name: 'envoy-gateway-config' };
    const written = async () => parse((await home.read('ConfigMap', key))?.data?.['envoy-gateway.yaml'] ?? '');
    const logging = { level: { default: 'warn' } };
    await home.apply(ctl('a-first', { config: { envoyGateway: { logging } } }));
    const inForce = {
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyGateway',
      gateway: { controllerName: 'causeway.io/gateway' },
      provider: { type: 'Kubernetes' },
      logging,
    };
    await eventually(async () => expect(await written()).toEqual(inForce));
    await home.kubectl([
      'patch',
      'configmap',
      key.name,
      '--type=merge',
      '-p',
      '{"data":{"envoy-gateway.yaml":"x","y":"z"}}',
    ]);
    await eventually(async () => {
      expect(await written()).toEqual(inForce);
      expect(Object.keys((await home.read('ConfigMap', key))?.data ?? {})).toEqual(['envoy-gateway.yaml']);
    });
    await home.apply(ctl('a-first', { config: { envoyGateway: { logging: {}, nonsense: 1 } } }));
    await eventually(async () =>
      expect(await accepted('a-first')).toBe('False InvalidParameters spec.config.envoyGateway.nonsense: unknown'),
    );
    expect(await written()).toEqual(inForce);
    await home.kubectl(['delete', 'configmap', key.name]);
    await eventually(async () => expect(await written()).toEqual(inForce));
  });

  test('a second one in a namespace is refused, until the first is gone', async () => {
    await home.apply(ctl('a-first'));
    await eventually(async () => {
      await expect(home.apply(ctl('b-second'))).rejects.toThrow('EnvoyGatewayCtl default/a-first is there already');
    });
    await home.kubectl(['delete', 'envoygatewayctl', 'a-first', '-n', 'default']);
    await eventually(async () => {
      await home.apply(ctl('b-second'));
      expect(await classOf('default-a-first')).toBeUndefined();
      const map = await home.read('ConfigMap', { namespace: 'default', name: 'envoy-gateway-config' });
      expect(map?.metadata.annotations).toEqual({ 'envoy-gateway.alauda.io/owner': 'default/b-second' });
      expect((await classOf('default-b-second'))?.status?.conditions?.[0]).toMatchObject({ status: 'True' });
    });
  });
});
