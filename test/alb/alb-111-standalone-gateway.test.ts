import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, HTTP_PORT, httpListener, httpRoute, to } from '../gateway/gateway-lab.ts';

const CLASS = 'exclusive-gateway';
const REF = 'alb.cpaas.io/alb-ref';
const key = (name: string) => ({ namespace: 'default', name });

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a']);
});
afterAll(() => lab.stop());

async function answerer(address: string): Promise<string> {
  const { status, headers } = await ask(HTTP_PORT, '/', { to: address });
  return String(headers['x-backend'] ?? status);
}

async function services(alb: string): Promise<readonly string[]> {
  const found = await lab.home.list('Service');
  return found.flatMap(({ metadata: { name } }) => (name.startsWith(`${alb}-lb-`) ? name : []));
}

describe('ALB-111 a Gateway with an ALB2 of its own', () => {
  test('the ALB2 is made and named, the Gateway is reached at its address, and both go together', async () => {
    expect(await lab.home.read('GatewayClass', { namespace: '', name: CLASS })).toMatchObject({
      metadata: { labels: { 'gatewayclass.cpaas.io/deploy': 'cpaas.io', 'gatewayclass.cpaas.io/type': 'standalone' } },
      spec: { controllerName: `alb2.gateway.cpaas.io/${CLASS}` },
    });
    await lab.home.apply(
      gateway('g1', [httpListener()], CLASS),
      httpRoute('g1', [to('a')], { parentRefs: [{ name: 'g1' }] }),
    );
    const address = await lab.programmed('g1');
    const name = (await lab.gateway('g1'))?.metadata.labels?.[REF] ?? '';
    expect(name).toMatch(/^g1-lb-[0-9a-f]{5}$/);
    await eventually(async () => expect(await answerer(address)).toBe('a'));
    const alb = await lab.home.read('ALB2', key(name));
    expect(alb?.spec.config).toMatchObject({
      ...{ replicas: 1, networkMode: 'container', vip: { enableLbSvc: true } },
      gateway: { mode: 'standalone', name: 'g1/default' },
    });
    expect(await lab.home.read('IngressClass', { namespace: '', name })).toBeUndefined();
    const [service = ''] = await services(name);
    expect((await lab.home.read('Service', key(service)))?.spec?.ports?.map(({ port }) => port)).toContain(HTTP_PORT);
    expect(await lab.home.kubectl(['get', 'gateway', 'g1', '-n', 'default'])).toContain(CLASS);

    await lab.home.kubectl(['delete', 'gateway', 'g1', '-n', 'default']);
    await eventually(async () => {
      const instances = (await lab.home.list('Instance')).map(
        ({ metadata }) => metadata.labels?.['alb2.cpaas.io/name'],
      );
      expect([await lab.home.read('ALB2', key(name)), await services(name)]).toEqual([undefined, []]);
      expect(instances).toEqual(['demo.gateway']);
    });
  });

  test('ALB-116 one that names its ALB2 waits for it, and takes it along', async () => {
    const g2 = gateway('g2', [httpListener()], CLASS);
    await lab.home.apply(
      { ...g2, metadata: { ...g2.metadata, labels: { [REF]: 'mine' } } },
      httpRoute('g2', [to('a')], { parentRefs: [{ name: 'g2' }] }),
    );
    await eventually(async () => {
      const { status } = (await lab.gateway('g2')) ?? {};
      expect(status?.conditions?.find(({ type }) => type === 'Accepted')).toMatchObject({
        status: 'Unknown',
        reason: 'Pending',
        message: 'ALB2 default/mine not found',
      });
    });
    await lab.home.apply({
      apiVersion: 'crd.alauda.io/v2beta1',
      kind: 'ALB2',
      metadata: key('mine'),
      spec: { type: 'nginx', config: { replicas: 1, gateway: { mode: 'standalone', name: 'g2/default' } } },
    });
    const address = await lab.programmed('g2');
    await eventually(async () => expect(await answerer(address)).toBe('a'));
    await lab.home.kubectl(['delete', 'gateway', 'g2', '-n', 'default']);
    await eventually(async () => expect(await lab.home.read('ALB2', key('mine'))).toBeUndefined());
  });
});
