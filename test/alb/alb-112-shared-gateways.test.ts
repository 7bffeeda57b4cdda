import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { Gateway } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';

import { frontend, group, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { gateway, httpRoute, to } from '../gateway/gateway-lab.ts';
import { launcher, run } from '../launcher/up-process.ts';
import { ingressOf } from './ingresses.ts';
import { ALB, Lab } from './lab.ts';
import { shown } from './tls-client.ts';

let lab: Lab;
let tcpPort = 0;
let ownPort = 0;

beforeAll(async () => {
  [lab, tcpPort, ownPort] = await Promise.all([
    Lab.start(['app', 'api'], { gateway: { enable: true } }),
    freePort(),
    freePort(),
  ]);
  const { http } = lab.ports;
  await lab.home.apply(
    frontend(ALB, 'alb-tcp', tcpPort, { protocol: 'tcp', serviceGroup: group({ app: 100 }) }),
    ingressOf('ing', { className: ALB, hosts: { 'a.com': [{ path: '/' }] } }),
    gateway(
      'demo',
      [
        { name: 'merged', port: http, protocol: 'HTTP' },
        { name: 'special', port: http, protocol: 'HTTP', hostname: 'a.com' },
        { name: 'own', port: ownPort, protocol: 'HTTP' },
        { name: 'other', port: tcpPort, protocol: 'HTTP' },
        { name: 'gateway-metric', port: 11782, protocol: 'TCP' },
      ],
      ALB,
    ),
  );
});
afterAll(() => lab.stop());

async function demo(): Promise<Gateway | undefined> {
  return await lab.home.read('Gateway', { namespace: 'default', name: 'demo' });
}

type Conditions = readonly { readonly type: string; readonly status: string; readonly reason: string }[];

function texts(conditions: Conditions = []): readonly string[] {
  return conditions.map(({ type, status, reason }) => `${type} ${status} ${reason}`).sort();
}

async function answerer(host: string, path = '/', port = lab.ports.http): Promise<string> {
  const { status, headers } = await ask(port, path, { host });
  return String(headers['x-backend'] ?? status);
}

async function told(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(launcher, [...args, '--kubeconfig', lab.home.kubeconfigFile]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

describe('ALB-112 Gateways that an ALB serves beside its Frontends', () => {
  test('ALB-116 there is a class; the Gateway is ready at the address of the ALB, ports that are no HTTP are whose they were', async () => {
    const found = await lab.home.read('GatewayClass', { namespace: '', name: ALB });
    expect(found).toMatchObject({
      metadata: { labels: { 'gatewayclass.cpaas.io/deploy': 'cpaas.io', 'gatewayclass.cpaas.io/type': 'shared' } },
      spec: {
        controllerName: `alb2.gateway.cpaas.io/${ALB}`,
        parametersRef: { group: 'crd.alauda.io', kind: 'ALB2', namespace: 'kube-system', name: ALB },
      },
    });
    await eventually(async () => {
      const { status } = (await demo()) ?? {};
      expect(status?.addresses).toEqual([
        { type: 'IPAddress', value: '127.0.0.1' },
        { type: 'Hostname', value: 'alb.example.com' },
      ]);
      expect(texts(status?.conditions)).toEqual([
        'Accepted True Accepted',
        'Programmed True Programmed',
        'Ready True Ready',
        'ResolvedRefs True ResolvedRefs',
      ]);
      const ready = (status?.listeners ?? []).map(({ name, conditions }) => {
        const of = texts(conditions).filter((text) => /^(Accepted|Ready) /.test(text));
        return [name, ...of].join(', ');
      });
      expect(ready).toEqual([
        'merged, Accepted True Accepted, Ready True Ready',
        'special, Accepted True Accepted, Ready True Ready',
        'own, Accepted True Accepted, Ready True Ready',
        'other, Accepted False PortUnavailable, Ready False Invalid',
        'gateway-metric, Accepted False PortUnavailable, Ready False ReservedPortUsed',
      ]);
    });
  });

  test('ALB-113 ALB-116 an HTTPRoute comes before an Ingress of the port, which answers without it; a reserved port is told', async () => {
    await eventually(async () => expect(await answerer('a.com')).toBe('app'));
    await lab.home.apply(
      gateway(
        'odd',
        [
          { name: 'health', port: 1936, protocol: 'TCP' },
          {
            ...{ name: 'kinds', port: ownPort, protocol: 'HTTP', hostname: 'odd.com' },
            allowedRoutes: { kinds: [{ kind: 'TCPRoute' }] },
          },
        ],
        ALB,
      ),
      httpRoute('web', [to('api')], { hostnames: ['a.com'] }),
      httpRoute('metric', [to('api')], { parentRefs: [{ name: 'demo', port: ownPort }] }),
      {
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'TCPRoute',
        metadata: { name: 'reserved', namespace: 'default' },
        spec: {
          parentRefs: [{ name: 'demo', sectionName: 'gateway-metric' }],
          rules: [{ backendRefs: [{ name: 'api', port: 80 }] }],
        },
      },
    );
    await eventually(async () => {
      expect([await answerer('a.com'), await answerer('b.com'), await answerer('b.com', '/', ownPort)]).toEqual([
        'api',
        '404',
        'api',
      ]);
      const web = await lab.home.read('HTTPRoute', { namespace: 'default', name: 'web' });
      const reserved = await lab.home.read('TCPRoute', { namespace: 'default', name: 'reserved' });
      const [atWeb, atReserved] = [web?.status?.parents[0], reserved?.status?.parents[0]];
      expect(atWeb?.controllerName).toBe(`alb2.gateway.cpaas.io/${ALB}`);
      expect(texts(atWeb?.conditions)).toEqual([
        'Accepted True Accepted',
        'Ready True Ready',
        'ResolvedRefs True ResolvedRefs',
      ]);
      expect(texts(atReserved?.conditions)).toContain('Ready False ReservedPortUsed');
      const odd = await lab.home.read('Gateway', { namespace: 'default', name: 'odd' });
      const [health, kinds] = (odd?.status?.listeners ?? []).map(({ conditions }) => texts(conditions));
      expect(health).toContain('Ready False ReservedPortUsed');
      expect(kinds).toEqual(
        expect.arrayContaining(['Ready False InvalidRouteKinds', 'ResolvedRefs False InvalidRouteKinds']),
      );
    });
    await lab.home.kubectl(['delete', 'gateway', 'odd', '-n', 'default']);

    const traced = await ask(ownPort, '/', { host: 'b.com', headers: { 'cpaas-trace': 'true' } });
    // ALB-114, the id of a rule.
    expect(JSON.parse(String(traced.headers['x-cpaas-trace']))).toMatchObject({
      rule: `${ownPort}-default-demo-own-default-metric-0-0`,
    });

    const url = `http://a.com:${lab.ports.http}/`;
    expect(await told('explain', 'request', url, '--alb', `kube-system/${ALB}`)).toContain(
      'HTTPRoute default/web takes it',
    );
    expect(await told('explain', 'request', `http://b.com:${ownPort}/`, '--alb', 'default/demo')).toContain(
      'HTTPRoute default/metric takes it',
    );
    expect(await told('explain', 'topology', 'default/web')).toContain('Gateway default/demo');
    const rules = await told('alb', 'rules', ALB);
    expect(rules.indexOf('HTTPRoute default/web')).toBeGreaterThan(0);
    expect(rules.indexOf('Ingress default/ing')).toBeGreaterThan(rules.indexOf('HTTPRoute default/web'));
    expect(await told('alb', 'status', ALB)).toMatch(new RegExp(`${ownPort} +http`));

    await lab.home.kubectl(['delete', 'httproute', 'web', '-n', 'default']);
    await eventually(async () => expect(await answerer('a.com')).toBe('app'));
  });

  test('ALB-113 an HTTPS listener and an HTTPS Frontend share a port: each name gets its certificate and its rules', async () => {
    const secrets = ['of-frontend', 'of-rule', 'of-gateway'];
    for (const name of secrets) await lab.home.apply(tlsSecret(name, await selfSigned(name)));
    const certificate_name = 'default/of-frontend';
    const port = await lab.open('secure', { protocol: 'https', certificate_name, serviceGroup: group({ app: 100 }) });
    await lab.addRule('secure', 'rule', {
      dslx: [{ type: 'HOST', values: [['EQ', 'rule.com']] }],
      serviceGroup: group({ app: 100 }),
      domain: 'rule.com',
      certificate_name: 'default/of-rule',
    });
    const tls = { certificateRefs: [{ name: 'of-gateway' }] };
    await lab.home.apply(
      gateway('secure', [{ name: 'tls', port, protocol: 'HTTPS', hostname: 'gw.com', tls }], ALB),
      httpRoute('secure', [to('api')], { parentRefs: [{ name: 'secure' }] }),
    );
    const answers = async (serverName: string, host = serverName): Promise<unknown> => {
      const { status, headers } = await ask(port, '/', { serverName, host });
      return [await shown(port, serverName), headers['x-backend'] ?? status];
    };
    await eventually(async () => {
      expect([await answers('gw.com'), await answers('rule.com'), await answers('', 'other.com')]).toEqual([
        ['of-gateway', 'api'],
        ['of-rule', 'app'],
        ['of-frontend', 'app'],
      ]);
      // A name without a certificate gets none, as at any Frontend (ALB-109).
      expect(await shown(port, 'other.com')).toBe('fails');
    });
    await lab.home.kubectl(['delete', 'gateway', 'secure', '-n', 'default']);
    await eventually(async () => {
      expect([await shown(port, 'gw.com'), await answers('rule.com')]).toEqual(['fails', ['of-rule', 'app']]);
    });
  });

  test('a class of that name with another controller is not served, and told so; one that is no longer wanted goes', async () => {
    await lab.home.apply({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'GatewayClass',
      metadata: { name: 'taken' },
      spec: { controllerName: 'example.com/other' },
    });
    await lab.home.configure(ALB, { gateway: { mode: 'shared', name: 'taken' } });
    await eventually(async () => {
      const { status } = (await lab.home.read('GatewayClass', { namespace: '', name: 'taken' })) ?? {};
      expect(texts(status?.conditions)).toEqual(['Accepted False InvalidController']);
      expect(await lab.home.read('GatewayClass', { namespace: '', name: ALB })).toBeUndefined();
      const { status: left } = (await demo()) ?? {};
      expect([left?.addresses, texts(left?.conditions)[0]]).toEqual([undefined, 'Accepted Unknown Pending']);
    });
    await eventually(async () => await expect(ask(ownPort, '/')).rejects.toThrow());
    await lab.home.configure(ALB, { gateway: { enable: true, name: ALB } });
    await eventually(async () => {
      expect(await answerer('b.com', '/', ownPort)).toBe('api');
      expect(texts((await demo())?.status?.conditions)).toContain('Ready True Ready');
    });
  });
});
