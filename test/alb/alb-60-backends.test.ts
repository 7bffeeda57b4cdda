import { DnsServer } from '@causeway/sources/dns/testing/dns-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startAuthServer } from '../acceptance/auth-server.ts';
import { ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { group, serviceTo, slice } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { gateway, HTTP_PORT, httpListener, httpRoute, to } from '../gateway/gateway-lab.ts';
import { ALB, answersWith, Lab, shares } from './lab.ts';

const PODS = ['a', 'b', 'c'];
let lab: Lab;
let dns: DnsServer;

beforeAll(async () => {
  dns = await DnsServer.start();
  lab = await Lab.startAlone(PODS, {}, ['--dns-server', dns.address]);
});
afterAll(async () => {
  await lab.stop();
  dns.close();
});

function portOf(name: string): number {
  return lab.backends[name]?.port ?? 0;
}

function externalName(name: string, target: string, port: number) {
  const spec = { type: 'ExternalName', externalName: target, ports: [{ port }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec };
}

function groupTo(name: string, port: number) {
  return { services: [{ namespace: 'default', name, port, weight: 100 }] };
}

describe('ALB-60 where backends come from', () => {
  test('1 endpoint becomes 3: requests spread over them, no reload; one that is not ready gets none', async () => {
    await lab.serve('pods', ['a']);
    const port = await lab.open('pods', { serviceGroup: group({ pods: 100 }) });
    await answersWith(200, port);
    const [before] = await lab.home.list('Instance');
    await lab.serve('pods', PODS);
    await eventually(async () => expect(Object.keys(await shares(12, () => ask(port))).sort()).toEqual(PODS));
    const [after] = await lab.home.list('Instance');
    expect(after?.status?.reloads).toBe(before?.status?.reloads);

    const notReady = [{ addresses: ['127.0.0.1'], conditions: { ready: false } }];
    await lab.home.apply(slice('pods', portOf('b'), notReady, 'pods-b'));
    await eventually(async () => expect(Object.keys(await shares(12, () => ask(port))).sort()).toEqual(['a', 'c']));
  });

  test('a headless Service is like any other', async () => {
    const [service, endpoints] = serviceTo({ name: 'headless', port: portOf('a') });
    await lab.home.apply({ ...service, spec: { ...service.spec, clusterIP: 'None' } }, endpoints);
    const port = await lab.open('headless', { serviceGroup: group({ headless: 100 }) });
    expect((await answersWith(200, port)).headers['x-backend']).toBe('a');
  });

  test('ExternalName: DNS says where; its changes are followed, its failures change nothing and are told', async () => {
    dns.names.set('backend.example', ['127.0.0.1']);
    await lab.home.apply(externalName('outside', 'backend.example', portOf('a')));
    const port = await lab.open('outside', { serviceGroup: groupTo('outside', portOf('a')) });
    expect((await answersWith(200, port)).headers['x-backend']).toBe('a');
    const explained = await lab.home.kubectl(['get', 'service', 'outside', '-o', 'jsonpath={.spec.externalName}']);
    expect(explained).toBe('backend.example');

    dns.names.set('backend.example', ['127.0.0.9']);
    // Backends listen on 127.0.0.1 only.
    await answersWith(502, port);
    dns.names.set('backend.example', ['127.0.0.1']);
    await answersWith(200, port);

    dns.names.delete('backend.example');
    await eventually(async () => {
      const events = await lab.home.kubectl(['get', 'events', '-o', 'jsonpath={.items[*].message}']);
      expect(events).toContain('spec.externalName backend.example: queryA ENOTFOUND backend.example');
    });
    expect((await ask(port)).status).toBe(200);
    // Whoever serves it next knows them too.
    await lab.home.killProgram('agent');
    const later = await lab.open('later', { serviceGroup: groupTo('outside', portOf('a')) });
    await answersWith(200, later);
    expect((await ask(port)).status).toBe(200);
  });

  test('ExternalName: an address, and a name that points into the link-local network', async () => {
    await lab.home.apply(externalName('address', '127.0.0.1', portOf('b')));
    const port = await lab.open('address', { serviceGroup: groupTo('address', portOf('b')) });
    expect((await answersWith(200, port)).headers['x-backend']).toBe('b');

    dns.names.set('rebind.example', ['169.254.169.254']);
    await lab.home.apply(externalName('rebind', 'rebind.example', 80));
    const refused = await lab.open('rebind', { serviceGroup: groupTo('rebind', 80) });
    expect((await answersWith(500, refused)).headers['x-alb-err-reason']).toMatch(/^InvalidBalancer/);
  });

  test('enableCrossClusters: endpoints that came from other clusters count, also without a local Service', async () => {
    await lab.serve('local', ['a']);
    const ready = [{ addresses: ['127.0.0.1'], conditions: { ready: true } }];
    const labels = { 'submariner-io/clusterID': 'east' };
    const imported = (name: string, pod: string) => ({
      ...slice(name, portOf(pod), ready, `${name}-east`),
      metadata: { name: `${name}-east`, namespace: 'default', labels },
    });
    await lab.home.apply(imported('local', 'b'), imported('far', 'c'));
    const port = await lab.open('local', { serviceGroup: group({ local: 100 }) });
    const far = await lab.open('far', { serviceGroup: groupTo('far', portOf('c')) });
    await answersWith(200, port);
    expect(await shares(6, () => ask(port))).toEqual({ a: 6 });
    await answersWith(500, far);

    const on = '{"spec":{"config":{"enableCrossClusters":"true"}}}';
    await lab.home.kubectl(['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge', '-p', on]);
    await eventually(async () => expect(await shares(6, () => ask(port))).toEqual({ a: 3, b: 3 }));
    expect((await answersWith(200, far)).headers['x-backend']).toBe('c');
  });
});

describe('GW-45 names of Backends', () => {
  const object = (kind: string, name: string, spec: object) => ({
    apiVersion: 'gateway.envoyproxy.io/v1alpha1',
    kind,
    metadata: { name, namespace: 'default' },
    spec,
  });
  const targetRefs = (name: string) => [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name }];
  /** A route for requests of one path to a Backend that is a name. */
  const toName = (name: string, hostname: string) => {
    const backendRefs = [{ group: 'gateway.envoyproxy.io', kind: 'Backend', name }];
    return [
      object('Backend', name, { endpoints: [{ fqdn: { hostname, port: portOf('a') } }] }),
      httpRoute(name, [to('a', `/${name}`, { backendRefs })], { parentRefs: [{ name: 'named' }] }),
    ];
  };
  const statusOf = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const found = await lab.home.read('Gateway', { namespace: 'default', name: 'named' });
    return (await ask(HTTP_PORT, path, { to: found?.status?.addresses?.[0]?.value ?? '', headers })).status;
  };

  test('a BackendTrafficPolicy says which of their addresses are used', async () => {
    // Backends listen on 127.0.0.1 only.
    dns.names.set('both.example', ['127.0.0.1', '::1']);
    await lab.home.apply(gateway('named', [httpListener()]), ...toName('both', 'both.example'));
    for (const [lookupFamily, status] of [
      ['IPv6', 502],
      ['IPv4', 200],
    ] as const) {
      await lab.home.apply(
        object('BackendTrafficPolicy', 'both', { targetRefs: targetRefs('both'), dns: { lookupFamily } }),
      );
      await eventually(async () => expect(await statusOf('/both')).toBe(status));
    }
  });

  test('and of mirrors; a SecurityPolicy says it of whom it asks', async () => {
    const auth = await startAuthServer();
    dns.names.set('asked.example', ['127.0.0.1', '::1']);
    const asked = { group: 'gateway.envoyproxy.io', kind: 'Backend', name: 'asked' };
    const askedFor = (path: string) => auth.asked.filter(({ url }) => url === path).length;
    const guard = (lookupFamily: string) =>
      object('SecurityPolicy', 'guarded', {
        targetRefs: targetRefs('guarded'),
        extAuth: { http: { backendRefs: [asked], backendSettings: { dns: { lookupFamily } } } },
      });
    const copies = (lookupFamily: string) =>
      object('BackendTrafficPolicy', 'copied', { targetRefs: targetRefs('copied'), dns: { lookupFamily } });
    const keys = (lookupFamily: string) => {
      const remoteJWKS = {
        uri: 'http://issuer.example/jwks',
        backendRefs: [asked],
        backendSettings: { dns: { lookupFamily } },
      };
      return object('SecurityPolicy', 'signed', {
        targetRefs: targetRefs('signed'),
        jwt: { providers: [{ name: 'issuer', remoteJWKS }] },
      });
    };
    const mirror = { type: 'RequestMirror', requestMirror: { backendRef: asked } } as const;
    const parentRefs = [{ name: 'named' }];
    await lab.home.apply(
      gateway('named', [httpListener()]),
      object('Backend', 'asked', { endpoints: [{ fqdn: { hostname: 'asked.example', port: auth.port } }] }),
      httpRoute('guarded', [to('a', '/guarded')], { parentRefs }),
      httpRoute('copied', [to('a', '/copied', { filters: [mirror] })], { parentRefs }),
      httpRoute('signed', [to('a', '/signed')], { parentRefs }),
      guard('IPv6'),
      copies('IPv6'),
      keys('IPv6'),
    );
    const token = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.AAAA`;
    const headers = { authorization: `Bearer ${token}` };
    await eventually(async () => expect(await statusOf('/guarded')).toBe(403));
    await eventually(async () => expect(await statusOf('/copied')).toBe(200));
    await eventually(async () => expect(await statusOf('/signed', headers)).toBe(401));
    expect(auth.asked).toEqual([]);
    await lab.home.apply(guard('IPv4'), copies('IPv4'), keys('IPv4'));
    await eventually(async () => expect(await statusOf('/guarded')).toBe(200));
    await eventually(async () => {
      expect(await statusOf('/copied')).toBe(200);
      expect(askedFor('/copied')).toBeGreaterThan(0);
      expect(await statusOf('/signed', headers)).toBe(401);
      expect(askedFor('/jwks')).toBeGreaterThan(0);
    });
    await lab.home.apply(
      object('SecurityPolicy', 'guarded', {
        targetRefs: targetRefs('guarded'),
        extAuth: { http: { backendRefs: [asked], backendSettings: { dns: { respectDnsTtl: false } } } },
      }),
    );
    await eventually(async () => {
      const { status } = (await lab.home.read('SecurityPolicy', { namespace: 'default', name: 'guarded' })) ?? {};
      expect(status?.ancestors[0]?.conditions[0]?.message).toBe(
        'spec.extAuth.http.backendSettings.dns.respectDnsTtl: false is not served',
      );
    });
    await auth.close();
  });

  test('and how often they are asked for', async () => {
    const refresh = (name: string, spec: object) =>
      object('BackendTrafficPolicy', name, { targetRefs: targetRefs(name), dns: spec });
    for (const name of ['seldom', 'often', 'clock']) dns.names.set(`${name}.example`, ['127.0.0.1']);
    await lab.home.apply(
      gateway('named', [httpListener()]),
      ...['seldom', 'often', 'clock'].flatMap((name) => toName(name, `${name}.example`)),
      refresh('seldom', { dnsRefreshRate: '1h', respectDnsTtl: false }),
      refresh('often', { dnsRefreshRate: '1h', respectDnsTtl: true }),
    );
    for (const name of ['seldom', 'often']) await eventually(async () => expect(await statusOf(`/${name}`)).toBe(200));
    // Answers count for a second.
    const during = async (name: string) => {
      const [before, clock] = [dns.questions(`${name}.example`), dns.questions('clock.example')];
      await eventually(() => {
        expect(dns.questions('clock.example')).toBeGreaterThan(clock + 7);
        return Promise.resolve();
      });
      return dns.questions(`${name}.example`) - before;
    };
    await eventually(async () => expect(await during('seldom')).toBe(0));
    expect(await during('often')).toBeGreaterThan(2);
    // What it finds, and what another rule wants, counts for the name.
    dns.names.set('seldom.example', ['127.0.0.9']);
    expect(await during('seldom')).toBe(0);
    expect(await statusOf('/seldom')).toBe(200);
    await lab.home.apply(refresh('seldom', { dnsRefreshRate: '1s', respectDnsTtl: false }));
    await eventually(async () => expect(await statusOf('/seldom')).toBe(502));
    expect(await during('seldom')).toBeGreaterThan(2);

    await lab.home.apply(refresh('seldom', { dnsRefreshRate: '10ms' }));
    await eventually(async () => {
      const key = { namespace: 'default', name: 'seldom' };
      const { status } = (await lab.home.read('BackendTrafficPolicy', key)) ?? {};
      expect(status?.ancestors[0]?.conditions[0]?.message).toBe(
        'spec.dns.dnsRefreshRate: 10ms is taken as 1s, the shortest',
      );
    });
  });
});
