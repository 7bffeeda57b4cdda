import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, HTTP_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a'], [httpListener('http'), httpListener('other', { port: 8081 })]);
});
afterAll(() => lab.stop());

describe('GW-15 parentRefs', () => {
  test('each is told what became of the route there', async () => {
    const parentRefs = [
      { name: 'demo', sectionName: 'http', port: HTTP_PORT },
      { name: 'demo', sectionName: 'wrong', port: HTTP_PORT },
      { name: 'demo', sectionName: 'http', port: 8081 },
    ];
    await lab.home.apply(httpRoute('three', [to('a')], { parentRefs }));
    await eventually(async () => {
      expect(await lab.routeCondition('three', 'Accepted', 0)).toBe('True Accepted');
      expect(await lab.routeCondition('three', 'Accepted', 1)).toBe('False NoMatchingParent');
      expect(await lab.routeCondition('three', 'Accepted', 2)).toBe('False NoMatchingParent');
    });
    await lab.answers({ '/': 'a' });
    expect(await lab.answerer('/', { port: 8081 })).toBe('404');
  });

  test('by port alone', async () => {
    await lab.home.apply(httpRoute('three', [to('a')], { parentRefs: [{ name: 'demo', port: 8081 }] }));
    await eventually(async () => {
      expect([await lab.answerer('/'), await lab.answerer('/', { port: 8081 })]).toEqual(['404', 'a']);
    });
  });

  test('what others say of a route stays; what we said goes when it leaves us', async () => {
    const key = { namespace: 'default', name: 'shared' };
    await lab.home.apply(httpRoute('shared', [to('a')]));
    await eventually(async () => expect(await lab.routeCondition('shared', 'Accepted')).toBe('True Accepted'));
    const theirs = {
      parentRef: { name: 'elsewhere' },
      controllerName: 'example.com/other',
      conditions: [
        {
          type: 'Accepted',
          status: 'True',
          reason: 'Accepted',
          message: '',
          lastTransitionTime: '2026-01-01T00:00:00Z',
        },
      ],
    };
    const { status } = (await lab.home.read('HTTPRoute', key)) ?? {};
    const patch = JSON.stringify({ status: { parents: [...(status?.parents ?? []), theirs] } });
    await lab.home.kubectl([
      ...['patch', 'httproute', 'shared', '-n', 'default', '--subresource=status'],
      ...['--type=merge', '-p', patch],
    ]);
    await lab.home.apply(httpRoute('shared', [to('a')], { parentRefs: [{ name: 'elsewhere' }] }));
    await eventually(async () => {
      const after = (await lab.home.read('HTTPRoute', key))?.status?.parents ?? [];
      expect(after.map(({ controllerName }) => controllerName)).toEqual(['example.com/other']);
    });
  });

  test('the same parent twice is refused', async () => {
    const parentRefs = [{ name: 'demo' }, { name: 'demo' }];
    await expect(lab.home.apply(httpRoute('twice', [to('a')], { parentRefs }))).rejects.toThrow(
      'sectionName or port must be unique when parentRefs includes 2 or more references to the same parent',
    );
  });

  test('status follows each generation, and stays quiet otherwise', async () => {
    const key = { namespace: 'default', name: 'three' };
    const since = async () =>
      (await lab.home.read('HTTPRoute', key))?.status?.parents[0]?.conditions.map(
        ({ type, lastTransitionTime }) => `${type} ${lastTransitionTime}`,
      );
    const old = await since();
    await lab.home.apply(httpRoute('three', [to('a', '/x')], { parentRefs: [{ name: 'demo', port: 8081 }] }));
    await eventually(async () => {
      const { metadata, status } = (await lab.home.read('HTTPRoute', key)) ?? {};
      for (const { observedGeneration } of status?.parents[0]?.conditions ?? []) {
        expect(observedGeneration).toBe(metadata?.generation);
      }
    });
    expect(await since()).toEqual(old);
    const before = await lab.home.read('HTTPRoute', key);
    await lab.home.kubectl(['annotate', 'httproute', 'three', '-n', 'default', 'note=x']);
    await lab.home.apply(httpRoute('later', [to('a', '/y')]));
    await eventually(async () => expect(await lab.routeCondition('later', 'Accepted')).toBe('True Accepted'));
    expect((await lab.home.read('HTTPRoute', key))?.status).toEqual(before?.status);
  });
});
