import type { Rule } from '@causeway/resources/kinds';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
  port = await lab.open('web');
});
afterAll(() => lab.stop());

/** What the backend sees. */
async function seen(path: string, host = 'a.com', of = port): Promise<Echo> {
  return JSON.parse((await answersWith(200, of, path, { host })).body) as Echo;
}

describe('ALB-72 rewrite', () => {
  test.each<[string, Partial<Rule['spec']>, string, string]>([
    [
      'prefix-x',
      {
        dslx: [{ type: 'URL', values: [['REGEX', '^/(prefix-x)(/|$)(.*)']] }],
        rewrite_base: '/(prefix-x)(/|$)(.*)',
        rewrite_target: '/$3',
      },
      '/prefix-x/abc?q=1',
      '/abc?q=1',
    ],
    [
      'es-proxy',
      {
        dslx: [{ type: 'URL', values: [['STARTS_WITH', '/es_proxy']] }],
        rewrite_base: '/es_proxy(/|$)(.*)',
        rewrite_target: '/$2',
      },
      '/es_proxy/v1',
      '/v1',
    ],
    ['whole', { rewrite_base: '.*', rewrite_target: '/fixed' }, '/whole/a%0Ab?x=%20', '/fixed?x=%20'],
    ['url-is-the-base', { url: '/url-is-the-base', rewrite_target: '/' }, '/url-is-the-base/b', '/b'],
    [
      'encoded',
      { rewrite_base: '/encoded', rewrite_target: '/e' },
      '/encoded/a%20b%C3%BC+c%25?d=%2F',
      '/e/a%20b%C3%BC+c%25?d=%2F',
    ],
    ['no-match', { rewrite_base: '^/other', rewrite_target: '/e' }, '/no-match/a%20b', '/no-match/a%20b'],
  ])('%s', async (name, spec, asked, expected) => {
    await lab.addPath('web', name, spec);
    const echo = await seen(asked);
    expect(echo.url).toBe(expected);
    // The backend learns what was asked for.
    expect(echo.headers['x-original-uri']).toBe(asked);
    expect(echo.headers['x-original-url']).toBe(`http://a.com${asked}`);
  });

  test('a base that is no regular expression is refused at admission', async () => {
    await expect(lab.addPath('web', 'bad', { rewrite_base: '(', rewrite_target: '/' })).rejects.toThrow(
      'spec.rewrite_base: Invalid value',
    );
    await expect(lab.addPath('web', 'bad', { rewrite_base: '/', rewrite_target: '/a b' })).rejects.toThrow(
      'spec.rewrite_target: Invalid value',
    );
  });

  test('rewrite-target of an Ingress; a target that cannot be one is told, and the path stays', async () => {
    const annotations = (target: string) => ({ 'nginx.ingress.kubernetes.io/rewrite-target': target });
    const path = { path: '/something(/|$)(.*)', pathType: 'ImplementationSpecific' };
    await lab.home.apply(
      ingressOf('good', { className: ALB, hosts: { 'good.com': [path] }, annotations: annotations('/$2') }),
      ingressOf('root', { className: ALB, hosts: { 'root.com': [{ path: '/a' }] }, annotations: annotations('/') }),
      ingressOf('bad', { className: ALB, hosts: { 'bad.com': [{}] }, annotations: annotations('/a; return 200') }),
    );
    const at = (host: string, asked: string) => seen(asked, host, lab.ports.http);
    expect((await at('good.com', '/something/new')).url).toBe('/new');
    expect((await at('good.com', '/something')).url).toBe('/');
    expect((await at('root.com', '/a/b')).url).toBe('/b');
    expect((await at('bad.com', '/x')).url).toBe('/x');
    await eventually(async () =>
      expect((await eventsOf(lab.home, 'Ingress', 'bad')).join('\n')).toContain(
        'rewrite-target]: Invalid value: "/a; return 200"',
      ),
    );
  });

  test('the order of rules is that of the path as it was asked for', async () => {
    await lab.addPath('web', 'first', { rewrite_base: '/first', rewrite_target: '/whole', priority: 2 });
    expect((await seen('/first/x')).url).toBe('/whole/x');
  });
});
