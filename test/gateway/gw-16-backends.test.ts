import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serviceTo } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, run } from '../launcher/up-process.ts';
import { GatewayLab, HTTP_PORT, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b', 'c']);
});
afterAll(() => lab.stop());

async function shares(path: string, count: number): Promise<Readonly<Record<string, number>>> {
  const got: Record<string, number> = {};
  for (let index = 0; index < count; index += 1) {
    const name = await lab.answerer(path);
    got[name] = (got[name] ?? 0) + 1;
  }
  return got;
}

const backend = (name: string, weight: number) => ({ name, port: 80, weight });

describe('GW-16 backendRefs', () => {
  test('weights are shares; 0 gets nothing', async () => {
    const backendRefs = [backend('a', 70), backend('b', 30), backend('c', 0)];
    await lab.home.apply(httpRoute('weights', [to('a', '/weights', { backendRefs })]));
    await eventually(async () => expect(await lab.answerer('/weights')).not.toBe('404'));
    const got = await shares('/weights', 100);
    expect(got['c']).toBeUndefined();
    expect(Math.abs((got['a'] ?? 0) - 70)).toBeLessThanOrEqual(5);
  });

  test('what cannot be reached gets 500 for its share; no endpoint 503; no weight 500', async () => {
    const [empty] = serviceTo({ name: 'empty', port: 80 });
    await lab.home.apply(
      empty,
      httpRoute('broken', [
        to('a', '/half', { backendRefs: [backend('a', 1), backend('missing', 1)] }),
        to('missing', '/missing'),
        to('a', '/port', { backendRefs: [{ name: 'a', port: 81 }] }),
        to('empty', '/empty'),
        to('a', '/partly', { backendRefs: [backend('a', 1), backend('empty', 1), backend('b', 0)] }),
        to('a', '/zero', { backendRefs: [backend('a', 0)] }),
        { matches: [{ path: { value: '/none' } }] },
        to('a', '/kind', { backendRefs: [{ group: 'example.com', kind: 'Bucket', name: 'a', port: 80 }] }),
        to('a', '/foreign', { backendRefs: [{ name: 'kubernetes', namespace: 'kube-system', port: 80 }] }),
        to('b', '/good'),
      ]),
    );
    await lab.answers({
      '/missing': '500',
      '/port': '500',
      '/empty': '503',
      '/zero': '500',
      '/none': '500',
      '/kind': '500',
      '/foreign': '500',
      '/good': 'b',
    });
    const got = await shares('/half', 60);
    expect(Object.keys(got).sort()).toEqual(['500', 'a']);
    // Its share is its own: the others do not get more than theirs.
    const partly = await shares('/partly', 100);
    expect(Object.keys(partly).sort()).toEqual(['503', 'a']);
    const explained = await run(launcher, [
      ...['explain', 'request', `http://${lab.address}:${HTTP_PORT}/partly`, '--alb', 'default/demo'],
      ...['--kubeconfig', lab.home.kubeconfigFile],
    ]);
    expect(explained.stdout).toContain('to default/empty:80 (50 %): no ready endpoint; its share is answered with 503');
    expect(await lab.routeCondition('broken', 'Accepted')).toBe('True Accepted');
    expect(await lab.routeCondition('broken', 'ResolvedRefs')).toBe('False BackendNotFound');
  });

  test('each reason; and it is gone when the Service comes', async () => {
    await lab.home.apply(
      httpRoute('kind', [to('a', '/1', { backendRefs: [{ group: 'example.com', kind: 'Bucket', name: 'a' }] })]),
      httpRoute('foreign', [to('a', '/2', { backendRefs: [{ name: 'x', namespace: 'kube-system', port: 80 }] })]),
      httpRoute('late', [to('late', '/late')]),
    );
    await eventually(async () => {
      expect(await lab.routeCondition('kind', 'ResolvedRefs')).toBe('False InvalidKind');
      expect(await lab.routeCondition('foreign', 'ResolvedRefs')).toBe('False RefNotPermitted');
      expect(await lab.routeCondition('late', 'ResolvedRefs')).toBe('False BackendNotFound');
    });
    await lab.home.apply(...serviceTo({ name: 'late', port: lab.backends[2]?.port ?? 0 }));
    await lab.answers({ '/late': 'c' });
    await eventually(async () => expect(await lab.routeCondition('late', 'ResolvedRefs')).toBe('True ResolvedRefs'));
  });

  test('what cannot be is refused with its field', async () => {
    for (const backendRefs of [[backend('a', -1)], [backend('a', 1_000_001)], [{ name: 'a' }]]) {
      const refused = httpRoute('refused', [to('a', '/', { backendRefs })]);
      await expect(lab.home.apply(refused)).rejects.toThrow('spec.rules[0].backendRefs[0]');
    }
  });
});
