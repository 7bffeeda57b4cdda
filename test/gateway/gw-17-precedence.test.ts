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

describe('GW-18 the shape of a route', () => {
  test('16 rules with 7 matches each are served; without rules it takes every path, and leads nowhere', async () => {
    const rules = Array.from({ length: 16 }, (_rule, index) => ({
      ...to(index % 2 === 0 ? 'a' : 'b'),
      matches: Array.from({ length: 7 }, (_match, match) => ({ path: { value: `/${index}/${match}` } })),
    }));
    const spec = { parentRefs: [{ name: 'demo' }], hostnames: ['bare.com'] };
    await lab.home.apply(httpRoute('full', rules, { hostnames: ['full.com'] }), { ...httpRoute('bare', []), spec });
    await lab.answers({
      'full.com/0/0': 'a',
      'full.com/15/6': 'b',
      'full.com/15/7': '404',
      'full.com/16/0': '404',
      'bare.com/any': '500',
    });
    for (const name of ['full', 'bare']) expect(await lab.routeCondition(name, 'Accepted')).toBe('True Accepted');
  });
});

describe('GW-19 what a match compares', () => {
  test('all that one match says, or another; header names in any case, parameters as written; patterns the whole value', async () => {
    const regex = (name: string, value: string) => ({ type: 'RegularExpression' as const, name, value });
    const either = [
      { path: { type: 'Exact' as const, value: '/api' }, headers: [{ name: 'version', value: 'v1' }] },
      { queryParams: [{ name: 'test', value: '1' }] },
    ];
    await lab.home.apply(
      httpRoute(
        'either',
        [
          { ...to('a'), matches: either },
          rule('b', { path: { value: '/patterns' }, headers: [regex('X-Id', '[0-9]+')] }),
          rule('c', { path: { value: '/patterns' }, queryParams: [regex('id', '[0-9]+')] }),
          rule('d', { path: { value: '/trace' }, method: 'TRACE' }),
        ],
        { hostnames: ['either.com'] },
      ),
    );
    const host = 'either.com';
    await eventually(async () => {
      expect([
        await lab.answerer('/api', { host, headers: { VERSION: 'v1' } }),
        await lab.answerer('/api', { host, headers: { version: 'V1' } }),
        await lab.answerer('/api/', { host, headers: { version: 'v1' } }),
        await lab.answerer('/x?test=1', { host }),
        await lab.answerer('/x?TEST=1', { host }),
        await lab.answerer('/patterns', { host, headers: { 'x-id': '17' } }),
        await lab.answerer('/patterns?id=17', { host, headers: { 'x-id': '17x' } }),
        await lab.answerer('/patterns?id=x17', { host }),
        await lab.answerer('/trace', { host, method: 'TRACE' }),
      ]).toEqual(['a', '404', '404', 'a', '404', 'b', 'c', '404', '405']);
      const found = await lab.home.read('HTTPRoute', { namespace: 'default', name: 'either' });
      const accepted = found?.status?.parents[0]?.conditions.find(({ type }) => type === 'Accepted');
      expect([accepted?.status, accepted?.message]).toEqual([
        'True',
        'the route is served; rules[3].matches[0].method: TRACE is answered 405, whatever a route says',
      ]);
    });
  });
});

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
