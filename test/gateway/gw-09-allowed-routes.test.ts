import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, gateway, httpListener, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;

beforeAll(async () => {
  const selector = { matchLabels: { team: 'frontend' } };
  lab = await GatewayLab.start(
    ['a'],
    [
      httpListener('all', { port: 8080, allowedRoutes: { namespaces: { from: 'All' } } }),
      httpListener('same', { port: 8081 }),
      httpListener('chosen', { port: 8082, allowedRoutes: { namespaces: { from: 'Selector', selector } } }),
      httpListener('kinds', { port: 8083, allowedRoutes: { kinds: [{ kind: 'TCPRoute' }, { kind: 'HTTPRoute' }] } }),
      httpListener('none', { port: 8084, allowedRoutes: { kinds: [{ kind: 'NoSuchRoute' }] } }),
    ],
  );
  await lab.home.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
});
afterAll(() => lab.stop());

async function attached(): Promise<Readonly<Record<string, number>>> {
  const { status } = (await lab.gateway('demo')) ?? {};
  return Object.fromEntries((status?.listeners ?? []).map(({ name, attachedRoutes }) => [name, attachedRoutes]));
}

async function routeOf(namespace: string): Promise<void> {
  const route = httpRoute('web', [to('a')], { parentRefs: [{ name: 'demo', namespace: 'default' }] });
  await lab.home.apply({ ...route, metadata: { name: 'web', namespace } });
}

describe('GW-09 allowedRoutes', () => {
  test('by namespace, and by the labels that it has now', async () => {
    await routeOf('default');
    await eventually(async () => expect(await attached()).toEqual({ all: 1, same: 1, chosen: 0, kinds: 1, none: 0 }));
    await routeOf('shop');
    await eventually(async () => expect(await attached()).toEqual({ all: 2, same: 1, chosen: 0, kinds: 1, none: 0 }));
    await lab.home.kubectl(['label', 'namespace', 'shop', 'team=frontend']);
    await eventually(async () => expect(await attached()).toEqual({ all: 2, same: 1, chosen: 1, kinds: 1, none: 0 }));
    await lab.home.kubectl(['delete', 'httproute', 'web', '-n', 'default']);
    await eventually(async () => expect(await attached()).toEqual({ all: 1, same: 0, chosen: 1, kinds: 0, none: 0 }));
  });

  test('by kind; those that the protocol does not take are told', async () => {
    expect(await lab.listenerCondition('demo', 'kinds', 'ResolvedRefs')).toBe('False InvalidRouteKinds');
    expect(await lab.listenerCondition('demo', 'none', 'ResolvedRefs')).toBe('False InvalidRouteKinds');
    const { status } = (await lab.gateway('demo')) ?? {};
    const kinds = status?.listeners?.map(({ supportedKinds = [] }) => supportedKinds.map(({ kind }) => kind));
    expect(kinds?.[3]).toEqual(['HTTPRoute']);
    expect(kinds?.[4]).toEqual([]);
  });

  test('a listener for chosen namespaces that chooses none is told so; others of its Gateway work', async () => {
    const namespaces = { from: 'Selector' } as const;
    await lab.home.apply(
      gateway('unchosen', [
        httpListener('none', { allowedRoutes: { namespaces } }),
        httpListener('good', { port: 8085 }),
      ]),
      httpRoute('unchosen', [to('a')], { parentRefs: [{ name: 'unchosen' }] }),
    );
    await eventually(async () => {
      expect(await lab.listenerCondition('unchosen', 'none', 'Programmed')).toBe('False Invalid');
      expect(await lab.listenerCondition('unchosen', 'good', 'Programmed')).toBe('True Programmed');
      const { conditions, listeners } = (await lab.gateway('unchosen'))?.status ?? {};
      expect(listeners?.map(({ attachedRoutes }) => attachedRoutes)).toEqual([0, 1]);
      const accepted = conditions?.find(({ type }) => type === 'Accepted');
      expect(accepted).toMatchObject({ status: 'True', reason: 'ListenersNotValid' });
      expect(accepted?.message).toContain('allowedRoutes.namespaces.selector: Required value');
    });
  });

  test('a route that no listener takes is told why', async () => {
    const refs = [
      { name: 'demo', sectionName: 'none' },
      { name: 'demo', sectionName: 'chosen' },
    ];
    await lab.home.apply(httpRoute('refused', [to('a')], { parentRefs: refs }));
    await eventually(async () => {
      for (const parent of [0, 1]) {
        expect(await lab.routeCondition('refused', 'Accepted', parent)).toBe('False NotAllowedByListeners');
      }
    });
  });
});
