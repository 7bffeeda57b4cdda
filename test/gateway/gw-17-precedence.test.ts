import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { GatewayLab, httpRoute, type Rule, to } from './gateway-lab.ts';

let lab: GatewayLab;

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b', 'c', 'd']);
});
afterAll(() => lab.stop());

type Match = NonNullable<Rule['matches']>[number];
const rule = (service: string, match: Match): Rule => ({ ...to(service), matches: [match] });

describe('GW-17 which route comes first', () => {
  test('exact paths, then the longest prefix, whatever the order in which they are written', async () => {
    await lab.home.apply(
      httpRoute('paths', [
        rule('a', { path: { value: '/match' } }),
        rule('b', { path: { value: '/match/prefix' } }),
        rule('c', { path: { type: 'Exact', value: '/match/exact' } }),
        rule('d', { path: { type: 'RegularExpression', value: '/match/re[a-z]+' } }),
      ]),
    );
    await lab.answers({
      '/match': 'a',
      '/match/': 'a',
      '/matches': '404',
      '/match/prefix/x': 'b',
      '/match/prefixes': 'a',
      '/match/exact': 'c',
      '/match/exact/': 'a',
      '/match/regex': 'd',
      '/match/regex/x': 'a',
    });
  });

  test('then a method, then the number of headers, then of parameters', async () => {
    const path = { value: '/parts' };
    const header = (name: string) => ({ name, value: '1' });
    await lab.home.apply(
      httpRoute('parts', [
        rule('a', { path, queryParams: [header('x'), header('y')] }),
        rule('b', { path, headers: [header('x'), header('y')] }),
        rule('c', { path, headers: [header('x'), header('y'), header('z')] }),
        rule('d', { path, method: 'POST' }),
      ]),
    );
    const both = { headers: { x: '1', y: '1' } };
    await eventually(async () => {
      expect([
        await lab.answerer('/parts?x=1&y=1'),
        await lab.answerer('/parts?x=1&y=1', both),
        await lab.answerer('/parts?x=1&y=1', { headers: { ...both.headers, z: '1' } }),
        await lab.answerer('/parts?x=1&y=1', { headers: both.headers, method: 'POST' }),
        await lab.answerer('/parts'),
      ]).toEqual(['a', 'b', 'c', 'd', '404']);
    });
  });

  test('then the oldest route, and its first rule; the host comes before all of this', async () => {
    await lab.home.apply(httpRoute('zz-older', [to('a', '/same'), to('b', '/same')]));
    // Times of creation have seconds.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await lab.home.apply(
      httpRoute('newer', [to('c', '/same')]),
      httpRoute('host', [to('d', '/')], { hostnames: ['host.com'] }),
    );
    await lab.answers({ '/same': 'a', 'host.com/same': 'd' });
    await lab.home.kubectl(['delete', 'httproute', 'zz-older', '-n', 'default']);
    await lab.answers({ '/same': 'c' });
    await lab.home.apply(httpRoute('zz-older', [to('a', '/same')]));
    await eventually(async () => expect(await lab.routeCondition('zz-older', 'Accepted')).toBe('True Accepted'));
    await lab.answers({ '/same': 'c' });
  });
});
