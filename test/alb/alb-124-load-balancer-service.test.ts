import { type ALB2, KIND_REFS, type Service } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { frontend, group, ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { alb } from '../e2e/quick-start.ts';
import { freePort } from '../e2e/traffic.ts';
import { ALB, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  await lab.home.apply(ingress('app', '/', 'app', { className: ALB }));
});
afterAll(() => lab.stop());

async function servicesOf(name: string): Promise<readonly Service[]> {
  return (await lab.home.list('Service')).filter(({ metadata }) => metadata.name.startsWith(`${name}-lb-`));
}

function theService(name = ALB): Promise<Service> {
  return eventually(async () => {
    const services = await servicesOf(name);
    expect(services).toHaveLength(1);
    return services[0] as Service;
  });
}

async function statusOf(name = ALB): Promise<ALB2['status']> {
  return (await lab.home.read('ALB2', { namespace: ALB_NAMESPACE, name }))?.status;
}

async function ingressAddresses(): Promise<readonly string[]> {
  const stored = await lab.home.read('Ingress', { namespace: 'default', name: 'app' });
  return (stored?.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname ?? '');
}

/** What a cloud controller does. */
async function allot(service: Service, ip: string): Promise<void> {
  const { namespace = '', name } = service.metadata;
  const status = { loadBalancer: { ingress: [{ ip }] } };
  await lab.home.api.patch(
    KIND_REFS.Service,
    { namespace, name },
    { status },
    { type: 'merge', subresource: 'status' },
  );
}

describe('ALB-124 LoadBalancer Service', () => {
  test('switched on: it is there with the metrics port and each Frontend, and waits for an address', async () => {
    await lab.home.configure(ALB, {
      vip: { enableLbSvc: true, lbSvcAnnotations: { 'example.com/pool': 'a', 'example.com/kept': 'b' } },
    });
    const service = await theService();
    expect(service).toMatchObject({
      metadata: {
        labels: { 'alb.cpaas.io/service_type': 'lb' },
        annotations: { 'example.com/pool': 'a', 'example.com/kept': 'b' },
      },
      spec: { type: 'LoadBalancer', selector: { service_name: `alb2-${ALB}` } },
    });
    const ports = service.spec?.ports?.map(({ name }) => name);
    expect(ports).toContain('metrics');
    expect(ports).toContain(`http-${lab.ports.http}`);
    await eventually(async () =>
      expect(await statusOf()).toMatchObject({
        state: 'Progressing',
        reason: 'wait lb svc ready',
        detail: { address: { ok: false, msg: '' } },
      }),
    );
  });

  test('a new Frontend, udp: the Service has its port; the others keep their node ports', async () => {
    const before = await theService();
    const port = await freePort();
    await lab.home.apply(frontend(ALB, 'dns', port, { protocol: 'udp', serviceGroup: group({ app: 100 }) }));
    await eventually(async () => {
      const ports = (await theService()).spec?.ports ?? [];
      expect(ports.find(({ name }) => name === `udp-${port}`)).toMatchObject({ port, protocol: 'UDP' });
      for (const old of before.spec?.ports ?? []) expect(ports).toContainEqual(old);
    });
    await lab.home.kubectl(['delete', 'frontend', 'dns', '-n', ALB_NAMESPACE]);
    await eventually(async () => expect((await theService()).spec?.ports).toEqual(before.spec?.ports));
  });

  test('its address appears in the status of the ALB2 and of the Ingress', async () => {
    await allot(await theService(), '192.0.2.44');
    await eventually(async () =>
      expect(await statusOf()).toMatchObject({
        state: 'Running',
        reason: '',
        detail: { address: { ok: true, msg: '192.0.2.44', ipv4: ['192.0.2.44'] } },
      }),
    );
    await eventually(async () => expect(await ingressAddresses()).toContain('192.0.2.44'));
    expect(await lab.home.kubectl(['get', 'alb2', ALB, '-n', ALB_NAMESPACE])).toContain('192.0.2.44');
  });

  test('an annotation that leaves the ALB2 leaves the Service; one of a cloud controller stays', async () => {
    const { name } = (await theService()).metadata;
    await lab.home.kubectl(['annotate', 'service', name, '-n', ALB_NAMESPACE, 'cloud.example.com/id=7']);
    const patch = '{"spec":{"config":{"vip":{"lbSvcAnnotations":{"example.com/pool":null}}}}}';
    await lab.home.kubectl(['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
    await eventually(async () => {
      const annotations = (await theService()).metadata.annotations ?? {};
      expect(Object.keys(annotations)).not.toContain('example.com/pool');
      expect(annotations).toMatchObject({ 'example.com/kept': 'b', 'cloud.example.com/id': '7' });
    });
  });

  test('deleted, it is created again', async () => {
    const { uid, name } = (await theService()).metadata;
    await lab.home.kubectl(['delete', 'service', name, '-n', ALB_NAMESPACE]);
    await eventually(async () => expect((await theService()).metadata.uid).not.toBe(uid));
  });

  test('switched off: it is deleted, and its address goes from every status', async () => {
    await allot(await theService(), '192.0.2.45');
    await eventually(async () => expect(await ingressAddresses()).toContain('192.0.2.45'));
    await lab.home.configure(ALB, { vip: { enableLbSvc: false } });
    await eventually(async () => expect(await servicesOf(ALB)).toEqual([]));
    await eventually(async () =>
      expect(await statusOf()).toMatchObject({ state: 'Running', detail: { address: { msg: '' } } }),
    );
    await eventually(async () => {
      const addresses = await ingressAddresses();
      expect(addresses).toContain('127.0.0.1');
      for (const gone of ['192.0.2.44', '192.0.2.45']) expect(addresses).not.toContain(gone);
    });
  });

  test.skipIf(process.getuid?.() !== 0)(
    'container mode at home: there is one by itself, with the address of the data plane',
    async () => {
      const ports = { http: await freePort(), https: await freePort(), metrics: await freePort() };
      await lab.home.apply(alb('own', ports, { networkMode: 'container' }));
      await eventually(async () => expect(await statusOf('own')).toMatchObject({ state: 'Running', reason: '' }));
      const address = (await statusOf('own'))?.detail?.address?.ipv4?.[0];
      expect(address).toMatch(/^198\.1[89]\./);
      expect((await theService('own')).status?.loadBalancer?.ingress).toEqual([{ ip: address, ipMode: 'VIP' }]);
      await lab.home.apply(ingress('app', '/', 'app', { className: 'own' }));
      await eventually(async () => expect(await ingressAddresses()).toContain(address));
      await eventually(async () => expect((await fetch(`http://${address}:${ports.http}/`)).status).toBe(200));
      await lab.home.kubectl(['delete', 'alb2', 'own', '-n', ALB_NAMESPACE]);
      expect(await servicesOf('own')).toEqual([]);
    },
  );
});
