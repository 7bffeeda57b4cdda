import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { launcher, run } from '../launcher/up-process.ts';
import { GatewayLab, HTTP_PORT, httpListener, httpRoute, to } from './gateway-lab.ts';

let lab: GatewayLab;

const filters = [
  {
    type: 'RequestHeaderModifier' as const,
    requestHeaderModifier: {
      set: [
        { name: 'x-for', value: '%REQ(:PATH)% at %START_TIME(%s)%, 100%%' },
        { name: 'x-none', value: '%REQ(X-NONE)%' },
      ],
    },
  },
];

beforeAll(async () => {
  lab = await GatewayLab.start(['a', 'b'], [httpListener('every'), httpListener('shop', { hostname: '*.shop.com' })]);
  await lab.home.apply(
    httpRoute('web', [to('a', '/other'), to('b', '/cart', { filters })], { hostnames: ['www.shop.com'] }),
    httpRoute('broken', [to('missing', '/broken')]),
  );
  await eventually(async () => expect(await lab.routeCondition('broken', 'ResolvedRefs')).toContain('BackendNotFound'));
});
afterAll(() => lab.stop());

async function explained(url: string): Promise<string> {
  const args = ['explain', 'request', url, '--alb', 'default/demo', '--kubeconfig', lab.home.kubeconfigFile];
  const { code, stdout, stderr } = await run(launcher, args);
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

describe('explain request at a Gateway', () => {
  test('names listener, route, rule, match, terms and backend', async () => {
    const text = await explained(`http://www.shop.com:${HTTP_PORT}/cart/x`);
    expect(text).toContain(`Gateway default/demo (${lab.address}), listener demo/shop (port ${HTTP_PORT}, http)`);
    expect(text).toContain('HTTPRoute default/web takes it, rule 1, match 0');
    expect(text).toContain('host equals "www.shop.com"');
    expect(text).toContain('header of the request, x-for: set to "/cart/x at <time>, 100%"');
    expect(text).toContain('header of the request, x-none: removed, since its value would be empty');
    expect(text).toContain(`default/b:80 (100 %): 127.0.0.1:${lab.backends[1]?.port}`);
  });

  test('says what no route takes, and what is wrong with one that does', async () => {
    const none = await explained(`http://x.shop.com:${HTTP_PORT}/`);
    expect(none).toContain('answered with 404');
    const broken = await explained(`http://a.com:${HTTP_PORT}/broken`);
    expect(broken).toContain('HTTPRoute default/broken takes it, rule 0, match 0');
    expect(broken).toContain('problem: HTTPRoute default/broken: BackendNotFound: Service default/missing not found');
    expect(broken).toContain('answered with 500');
  });
});
