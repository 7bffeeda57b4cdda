import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpListener, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(
    ['a', 'b', 'c'],
    [
      httpListener('wild', { port: 8080, hostname: '*.example.com' }),
      httpListener('exact', { port: 8081, hostname: 'api.example.com' }),
      httpListener('every', { port: 8082 }),
    ],
  );
});
afterAll(() => lab.stop());

async function answersAt(port: number, wanted: Readonly<Record<string, string>>): Promise<void> {
  await eventually(async () => {
    const got: Record<string, string> = {};
    for (const host of Object.keys(wanted)) got[host] = await lab.answerer('/', { host, port });
    expect(got).toEqual(wanted);
  });
}

describe('GW-13 hostnames of listeners and routes', () => {
  test('a route serves what both have in common', async () => {
    const hostnames = ['api.example.com', 'web.example.com', 'other.org'];
    const parentRefs = [8080, 8081, 8082].map((port) => ({ name: 'demo', port }));
    await lab.home.apply(httpRoute('list', [to('a')], { hostnames, parentRefs }));
    await answersAt(8080, {
      'api.example.com': 'a',
      'WEB.example.com:8080': 'a',
      'other.org': '404',
      'x.example.com': '404',
    });
    await answersAt(8081, { 'api.example.com': 'a', 'web.example.com': '404', 'other.org': '404' });
    await answersAt(8082, { 'api.example.com': 'a', 'other.org': 'a', 'else.org': '404' });
  });

  test('a wildcard stands for any number of labels, and gives way to names', async () => {
    const parentRefs = [8081, 8082].map((port) => ({ name: 'demo', port }));
    await lab.home.apply(
      httpRoute('wild', [to('b')], { hostnames: ['*.example.com'], parentRefs }),
      httpRoute('deep', [to('c')], { hostnames: ['*.b.example.com'], parentRefs }),
    );
    await answersAt(8082, {
      'api.example.com': 'a',
      'x.example.com': 'b',
      'x.y.example.com': 'b',
      'x.b.example.com': 'c',
      'example.com': '404',
    });
    await answersAt(8081, { 'api.example.com': 'a', 'x.example.com': '404' });
  });

  test('nothing in common: not accepted there, and not counted', async () => {
    const parentRefs = [{ name: 'demo', sectionName: 'exact' }];
    await lab.home.apply(httpRoute('none', [to('b')], { hostnames: ['web.example.com'], parentRefs }));
    await eventually(async () => {
      expect(await lab.routeCondition('none', 'Accepted')).toBe('False NoMatchingListenerHostname');
      const { status } = (await lab.gateway('demo')) ?? {};
      expect(status?.listeners?.find(({ name }) => name === 'exact')?.attachedRoutes).toBe(2);
    });
  });
});
