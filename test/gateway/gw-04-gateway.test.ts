import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTP_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b']);
});
afterAll(() => lab.stop());

describe('GW-04 a Gateway has a data plane and an address of its own', () => {
  test('it is accepted and programmed; its listener says what may be attached, and how much is', async () => {
    const { status } = (await lab.gateway('demo')) ?? {};
    expect(status?.conditions?.map(({ type, status: holds }) => `${type} ${holds}`)).toEqual([
      'Accepted True',
      'Programmed True',
      'ResolvedRefs True',
    ]);
    const [listener] = status?.listeners ?? [];
    expect(listener?.attachedRoutes).toBe(0);
    const group = 'gateway.networking.k8s.io';
    expect(listener?.supportedKinds).toEqual(['HTTPRoute', 'GRPCRoute'].map((kind) => ({ group, kind })));
    expect(await lab.home.kubectl(['get', 'gateway', 'demo', '-n', 'default'])).toMatch(
      new RegExp(`causeway +${lab.address.replaceAll('.', '\\.')} +True`),
    );
  });

  test('two of them use one port, each with routes of its own; who asks for an address that is free gets it', async () => {
    await lab.home.apply(gateway('other', [httpListener()]));
    await lab.home.apply(httpRoute('a', [to('a')]), httpRoute('b', [to('b')], { parentRefs: [{ name: 'other' }] }));
    const other = await lab.programmed('other');
    expect(other).not.toBe(lab.address);
    await eventually(async () => {
      expect([await lab.answerer('/'), await lab.answerer('/', { to: other })]).toEqual(['a', 'b']);
    });
    await lab.home.kubectl(['delete', 'gateway', 'other', '-n', 'default']);
    await eventually(async () => await expect(lab.ask('/', { to: other })).rejects.toThrow());
    expect(await lab.answerer('/')).toBe('a');
    const again = gateway('again', [httpListener()]);
    await lab.home.apply({ ...again, spec: { ...again.spec, addresses: [{ type: 'IPAddress', value: other }] } });
    expect(await lab.programmed('again')).toBe(other);
  });

  test('of a class that nobody has, or that is somebody else’s, nothing is said', async () => {
    await lab.home.apply(
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'GatewayClass',
        metadata: { name: 'foreign' },
        spec: { controllerName: 'example.com/other' },
      },
      gateway('nobodys', [httpListener()], 'nothing'),
      gateway('foreign', [httpListener()], 'foreign'),
      gateway('own', [httpListener()]),
    );
    await lab.programmed('own');
    for (const name of ['nobodys', 'foreign']) {
      const { status } = (await lab.gateway(name)) ?? {};
      expect(status?.conditions?.map(({ reason }) => reason)).toEqual(['Pending', 'Pending']);
    }
  });

  test('a Service of its name has its ports, labels, annotations and addresses, and goes with it', async () => {
    const plain = gateway('labelled', [httpListener('http'), httpListener('more', { port: 8080 })]);
    const infrastructure = { labels: { team: 'shop' }, annotations: { 'example.com/zone': 'a.com' } };
    await lab.home.apply({ ...plain, spec: { ...plain.spec, infrastructure } });
    const ip = await lab.programmed('labelled');
    const key = { namespace: 'default', name: 'labelled-gateway' };
    await eventually(async () =>
      expect(await lab.home.read('Service', key)).toMatchObject({
        metadata: {
          labels: { team: 'shop', 'gateway.networking.k8s.io/gateway-name': 'labelled' },
          annotations: { 'example.com/zone': 'a.com' },
        },
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }, { port: 8080 }] },
        status: { loadBalancer: { ingress: [{ ip }] } },
      }),
    );
    const other = { labels: { tier: 'edge', team: null }, annotations: { 'example.com/zone': null } };
    const change = JSON.stringify({ spec: { infrastructure: other } });
    await lab.home.kubectl(['patch', 'gateway', 'labelled', '-n', 'default', '--type=merge', '-p', change]);
    await eventually(async () => {
      const { labels, annotations } = (await lab.home.read('Service', key))?.metadata ?? {};
      expect(labels).toEqual({
        tier: 'edge',
        'gateway.networking.k8s.io/gateway-name': 'labelled',
        'gateway.envoyproxy.io/owning-gateway-name': 'labelled',
        'gateway.envoyproxy.io/owning-gateway-namespace': 'default',
      });
      expect(annotations).not.toHaveProperty(['example.com/zone']);
    });
    await lab.home.kubectl(['delete', 'gateway', 'labelled', '-n', 'default']);
    await eventually(async () => expect(await lab.home.read('Service', key)).toBeUndefined());
  });

  test('what it asks for and does not get is said', async () => {
    const asking = (name: string, spec: object) => {
      const plain = gateway(name, [httpListener()]);
      return { ...plain, spec: { ...plain.spec, ...spec } };
    };
    await lab.home.apply(
      asking('chosen', { addresses: [{ type: 'IPAddress', value: '127.0.0.1' }] }),
      asking('any', { addresses: [{ type: 'IPAddress' }] }),
      asking('named', { addresses: [{ type: 'Hostname', value: 'a.com' }] }),
      asking('shaped', { infrastructure: { parametersRef: { group: 'example.com', kind: 'Shape', name: 'a' } } }),
    );
    await lab.programmed('any');
    await eventually(async () => {
      const said = async (name: string): Promise<string | undefined> =>
        (await lab.gateway(name))?.status?.conditions?.find(({ status }) => status === 'False')?.reason;
      expect([await said('chosen'), await said('named'), await said('shaped')]).toEqual([
        'AddressNotUsable',
        'UnsupportedAddress',
        'InvalidParameters',
      ]);
    });
  });

  test('GW-05 it gets the address that an annotation of its EnvoyProxy asks for; one outside of all pools is told', async () => {
    const asking = (address: string) => ({
      ...PROXY,
      metadata: { name: 'vip', namespace: 'default' },
      spec: {
        provider: {
          type: 'Kubernetes',
          kubernetes: { envoyService: { annotations: { 'metallb.universe.tf/loadBalancerIPs': address } } },
        },
      },
    });
    const free = await lab.programmed('again');
    await lab.home.kubectl(['delete', 'gateway', 'again', '-n', 'default']);
    const plain = gateway('vip', [httpListener()]);
    const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'vip' };
    await lab.home.apply(asking('127.0.0.1'), { ...plain, spec: { ...plain.spec, infrastructure: { parametersRef } } });
    await eventually(async () => {
      const { conditions } = (await lab.gateway('vip'))?.status ?? {};
      const programmed = conditions?.find(({ type }) => type === 'Programmed');
      expect(programmed).toMatchObject({ status: 'False', reason: 'AddressNotAssigned' });
    });
    await lab.home.apply(asking(free));
    await eventually(async () => expect(await lab.programmed('vip')).toBe(free));
  });

  test('GW-06 the settings of its EnvoyProxy, as far as they mean anything here; what has no effect is named', async () => {
    const proxy = (name: string, spec: object): object => ({
      apiVersion: 'gateway.envoyproxy.io/v1alpha1',
      kind: 'EnvoyProxy',
      metadata: { name, namespace: 'default' },
      spec,
    });
    const shaped = (name: string): object => {
      const plain = gateway(name, [httpListener()]);
      const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name };
      return { ...plain, spec: { ...plain.spec, infrastructure: { parametersRef } } };
    };
    const provider = { type: 'Kubernetes', kubernetes: { envoyService: { type: 'ClusterIP' } } };
    await lab.home.apply(
      proxy('tuned', {
        provider,
        concurrency: 1,
        shutdown: { drainTimeout: '5s' },
        telemetry: {
          metrics: {
            prometheus: { compression: { type: 'Zstd' } },
            enablePerEndpointStats: true,
            clusterStatName: 'a',
          },
        },
        filterOrder: [
          { name: 'envoy.filters.http.cors', before: 'envoy.filters.http.jwt_authn' },
          { name: 'envoy.filters.http.rbac', after: 'envoy.filters.http.jwt_authn' },
          { name: 'envoy.filters.http.oauth2', before: 'envoy.filters.http.basic_auth' },
        ],
        mergeGateways: true,
        preserveRouteOrder: true,
      }),
      shaped('tuned'),
      shaped('unshaped'),
      httpRoute('ordered', [to('a'), to('b', '/b')], {
        parentRefs: [{ name: 'tuned' }, { name: 'demo' }],
        hostnames: ['ordered.test'],
      }),
    );
    const tuned = await lab.programmed('tuned');
    await eventually(async () => {
      const answers = [tuned, lab.address].map((address) => lab.answerer('/b', { to: address, host: 'ordered.test' }));
      expect(await Promise.all(answers)).toEqual(['a', 'b']);
    });
    await eventually(async () => {
      const accepted = async (name: string): Promise<string> => {
        const found = (await lab.gateway(name))?.status?.conditions?.find(({ type }) => type === 'Accepted');
        return `${found?.status} ${found?.reason} ${found?.message}`;
      };
      const told = [
        'spec.filterOrder[2] (oauth2 does not always come before basic_auth here)',
        'spec.mergeGateways (only as parameters of a GatewayClass)',
        'spec.telemetry.metrics.clusterStatName',
        'spec.telemetry.metrics.prometheus.compression (Zstd is not served)',
      ];
      expect(await accepted('tuned')).toContain(`without effect are ${told.join(', ')}`);
      expect(await accepted('unshaped')).toContain('False InvalidParameters');
    });
    // Without its parameters a Gateway that was never served is not told to be there; one that is goes on.
    const there = async (name: string): Promise<unknown> => {
      const { addresses = [], listeners = [], conditions = [] } = (await lab.gateway(name))?.status ?? {};
      const said = ['Accepted', 'Programmed'].map((each) => conditions.find(({ type }) => type === each)?.reason);
      return [...said, addresses.length, listeners.length];
    };
    expect(await there('unshaped')).toEqual(['InvalidParameters', 'Invalid', 0, 0]);
    await lab.home.kubectl(['delete', 'envoyproxy', 'tuned', '-n', 'default']);
    await eventually(async () => expect(await there('tuned')).toEqual(['InvalidParameters', 'Programmed', 1, 1]));
    await eventually(async () => expect(await lab.answerer('/b', { to: tuned, host: 'ordered.test' })).toBe('b'));
    await lab.home.apply(proxy('unshaped', {}));
    await lab.programmed('unshaped');
    const both = { envoyDeployment: {}, envoyDaemonSet: {} };
    const bad = [
      [{ envoyDaemonSet: {}, envoyHpa: { maxReplicas: 2 } }, 'cannot use envoyHpa if envoyDaemonSet is used'],
      [{ envoyHpa: { minReplicas: 3, maxReplicas: 2 } }, 'maxReplicas cannot be less than minReplicas'],
      [{ envoyPDB: { minAvailable: 1, maxUnavailable: 1 } }, 'only one of minAvailable or maxUnavailable'],
      [both, 'only one of envoyDeployment or envoyDaemonSet'],
      [{ envoyService: { type: 'ClusterIP', loadBalancerIP: '192.0.2.1' } }, 'loadBalancerIP can only be set'],
      [{ envoyDeployment: { container: { image: 'a', imageRepository: 'b' } } }, 'Either image or imageRepository'],
    ] as const;
    for (const [kubernetes, message] of bad) {
      const object = proxy('bad', { provider: { type: 'Kubernetes', kubernetes } });
      await expect(lab.home.apply(object)).rejects.toThrow(message);
    }
  });

  test('GW-06 the access log has the fields, conditions and files that its EnvoyProxy says; what is not known is named', async () => {
    const file = (path: string) => [{ type: 'File', file: { path } }];
    const json = {
      at: '%START_TIME%',
      what: '%REQ(:METHOD)% %REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%',
      user: '%REQ(X-USER):3%',
      other: '%REQ(X-OTHER)%',
      backend: '%RESP(X-BACKEND)%',
      code: '%RESPONSE_CODE%',
      details: '%RESPONSE_CODE_DETAILS%',
      route: '%ROUTE_NAME%',
      client: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
      upstream: '%UPSTREAM_HOST%',
    };
    const settings = [
      { format: { type: 'JSON', json }, sinks: file('/dev/stdout') },
      {
        format: { type: 'Text', text: '100%% %RESPONSE_CODE% %RESPONSE_FLAGS% %REQ(X-USER)%\n' },
        matches: ["response.code >= 400 && request.url_path.startsWith('/none')"],
        sinks: file('/var/log/errors.log'),
      },
      { format: { type: 'Text', text: '%WHATEVER(X)%' }, sinks: file('/dev/stdout') },
      { format: { type: 'Text', text: '%REQ(AUTHORIZATION)%' }, sinks: file('/dev/stdout') },
      { format: { type: 'Text', text: '-' }, matches: ['size(request.path) > 3'], sinks: file('/dev/stdout') },
    ];
    const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'logged' };
    const logged = gateway('logged', [httpListener()]);
    await lab.home.apply(
      {
        ...PROXY,
        metadata: { name: 'logged', namespace: 'default' },
        spec: { telemetry: { accessLog: { settings } } },
      },
      { ...logged, spec: { ...logged.spec, infrastructure: { parametersRef } } },
      httpRoute('logged', [to('a', '/logged')], { parentRefs: [{ name: 'logged' }] }),
    );
    const address = await lab.programmed('logged');
    const headers = { 'x-user': 'ann"é\tb' };
    await eventually(async () => expect(await lab.answerer('/logged?x=1', { to: address, headers })).toBe('a'));
    expect(await lab.answerer('/none', { to: address, headers })).toBe('404');
    const instances = await lab.home.list('Instance');
    const { status } = instances.find(({ metadata }) => metadata.name.startsWith('logged.gateway')) ?? {};
    const linesOf = (name: string) => readFileSync(`${status?.logDirectory}/${name}`, 'utf8').trimEnd().split('\n');
    await eventually(() => {
      const lines = linesOf('access.log').map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines).toContainEqual({
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.]\d{3}Z$/),
        what: 'GET /logged?x=1',
        user: 'ann',
        other: null,
        backend: 'a',
        code: 200,
        details: 'via_upstream',
        route: 'httproute/default/logged/rule/0/match/0',
        client: expect.any(String),
        upstream: expect.stringMatching(/^127[.]0[.]0[.]1:/),
      });
      const none = { what: 'GET /none', code: 404, details: 'InvalidUpstream : no rule match', route: null };
      expect(lines).toContainEqual(expect.objectContaining({ ...none, upstream: null }));
      const [error, ...others] = linesOf('errors.log');
      expect(error).toMatch(/^100% 404 NR ann".*\\x09b$/);
      expect(others).toEqual([]);
    });
    const accepted = (await lab.gateway('logged'))?.status?.conditions?.find(({ type }) => type === 'Accepted');
    const field = 'spec.telemetry.accessLog.settings';
    for (const told of [
      `${field}[2].format.text (%WHATEVER(X)%: the operator is not known)`,
      `${field}[3].format.text (%REQ(AUTHORIZATION)%: header authorization is told to nobody)`,
      `${field}[4].matches[0] (`,
    ])
      expect(accepted?.message).toContain(told);
    await lab.home.kubectl(['delete', 'gateway', 'logged', '-n', 'default']);
  });

  test('GW-06 Gateways of a class with mergeGateways share a data plane; of two that want the same the older has it', async () => {
    const parametersRef = { group: 'gateway.envoyproxy.io', kind: 'EnvoyProxy', name: 'merging' };
    const shared = (name: string, ...listeners: Parameters<typeof gateway>[1]) => gateway(name, listeners, 'merged');
    const apart = shared('apart', httpListener('http', { hostname: 'apart.test' }));
    await lab.home.apply(
      { ...PROXY, metadata: { name: 'merging', namespace: 'default' }, spec: { mergeGateways: true } },
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'GatewayClass',
        metadata: { name: 'merged' },
        spec: { controllerName: 'causeway.io/gateway', parametersRef: { ...parametersRef, namespace: 'default' } },
      },
      shared('first', httpListener('http')),
    );
    const address = await lab.programmed('first');
    const more = HTTP_PORT + 1;
    await lab.home.apply(
      shared(
        'second',
        httpListener('http', { hostname: 'second.test' }),
        httpListener('same'),
        httpListener('more', { port: more }),
      ),
      { ...apart, spec: { ...apart.spec, infrastructure: { parametersRef } } },
      httpRoute('of-first', [to('a')], { parentRefs: [{ name: 'first' }] }),
      httpRoute('of-second', [to('b', '/b')], { parentRefs: [{ name: 'second', sectionName: 'http' }] }),
      httpRoute('of-same', [to('b', '/same')], { parentRefs: [{ name: 'second', sectionName: 'same' }] }),
    );
    expect(await lab.programmed('second')).toBe(address);
    await eventually(async () => {
      expect(await lab.listenerCondition('second', 'same', 'Conflicted')).toBe('True HostnameConflict');
      const { status } = (await lab.gateway('second')) ?? {};
      const accepted = status?.conditions?.find(({ type }) => type === 'Accepted');
      expect(accepted).toMatchObject({ status: 'True', reason: 'ListenersNotValid' });
      expect(accepted?.message).toContain('listener http of Gateway default/first has the same port and hostname');
      const refused = (await lab.gateway('apart'))?.status?.conditions?.find(({ type }) => type === 'Accepted');
      expect(refused).toMatchObject({ status: 'False', reason: 'InvalidParameters' });
      expect(refused?.message).toContain('mergeGateways');
      const answerer = (path: string, host: string) => lab.answerer(path, { to: address, host });
      expect(await answerer('/', 'any.test')).toBe('a');
      expect(await answerer('/same', 'any.test')).toBe('a');
      expect(await answerer('/b', 'second.test')).toBe('b');
      expect(await answerer('/', 'second.test')).toBe('404');
    });
    const services = await lab.home.kubectl([
      ...['get', 'services', '-n', 'default', '-l', 'gateway.envoyproxy.io/owning-gatewayclass=merged'],
      ...['-o', 'jsonpath={.items[*].metadata.name} {.items[*].spec.ports[*].port}'],
    ]);
    expect(services).toBe(`merged-gateways ${HTTP_PORT} ${more}`);
    // While its parameters are away the class goes on as it was.
    await lab.home.kubectl(['delete', 'envoyproxy', 'merging', '-n', 'default']);
    await eventually(async () => {
      const found = await lab.home.read('GatewayClass', { namespace: '', name: 'merged' });
      expect(found?.status?.conditions?.find(({ type }) => type === 'Accepted')?.reason).toBe('InvalidParameters');
    });
    await lab.home.kubectl(['delete', 'gateway', 'first', '-n', 'default']);
    await eventually(async () => {
      expect(await lab.listenerCondition('second', 'same', 'Conflicted')).toBe('False NoConflicts');
      expect(await lab.answerer('/same', { to: address, host: 'any.test' })).toBe('b');
      expect(await lab.answerer('/b', { to: address, host: 'second.test' })).toBe('b');
    });
    await lab.home.kubectl(['delete', 'gateway', 'second', 'apart', '-n', 'default']);
    await eventually(async () => await expect(lab.ask('/', { to: address })).rejects.toThrow());
  });
});

const PROXY = { apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'EnvoyProxy' };
