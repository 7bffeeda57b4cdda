import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../acceptance/http-request.ts';
import { ingress } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, type Outcome, run } from '../launcher/up-process.ts';
import { NginxLab } from './nginx-lab.ts';

let lab: NginxLab;

beforeAll(async () => {
  lab = await NginxLab.start(['a'], { watchIngressWithoutClass: false });
  await lab.home.apply(
    ingress('shop', '/shop', 'a', { className: 'default-demo' }),
    ingress('foreign', '/loan', 'a', { className: 'bank' }),
  );
  await eventually(async () => expect((await ask(lab.http, '/shop')).status).toBe(200));
});
afterAll(() => lab.stop());

/** `./causeway ARGS` against the running `up`. */
function causeway(...args: readonly string[]): Promise<Outcome> {
  return run(launcher, [...args, '--data-dir', lab.home.dataDirectory]);
}

async function json(...args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await causeway(...args, '-o', 'json');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

describe('causeway alb and explain, for an IngressNginx', () => {
  test('list, status: by its name, its address and its ports', async () => {
    expect(await json('alb', 'list')).toMatchObject([
      {
        ...{ kind: 'IngressNginx', namespace: 'default', name: 'demo', state: 'Running', readyInstances: 1 },
        ...{ addresses: ['192.0.2.7'], serves: { className: 'default-demo', unclassified: false, namespaces: 'all' } },
      },
    ]);
    const { stdout } = await causeway('alb', 'status', 'default/demo');
    expect(stdout).toContain('IngressNginx default/demo: Running');
    expect(stdout).toMatch(new RegExp(`${lab.http} +http +demo\\.ingress-nginx-http +1 +listening`));
  });

  test('rules and policies', async () => {
    expect(await json('alb', 'rules', 'demo')).toMatchObject({
      ports: expect.arrayContaining([
        expect.objectContaining({
          port: lab.http,
          rules: [expect.objectContaining({ source: 'Ingress default/shop', terms: ['path is under "/shop"'] })],
        }),
      ]),
    });
    expect(await json('alb', 'policies', 'demo', '--port', String(lab.http))).toMatchObject({
      ports: [{ port: lab.http }],
      groups: [{ peers: [{ address: '127.0.0.1', port: lab.backends[0]?.port }] }],
    });
  });

  test('check-ingress: served, and of another class', async () => {
    expect(await json('alb', 'check-ingress', 'default/shop')).toMatchObject({
      albs: [{ alb: 'default/demo.ingress-nginx', serves: true, ports: [{ port: lab.http, rules: 1 }, {}] }],
    });
    const { stdout } = await causeway('alb', 'check-ingress', 'default/foreign', '--alb', 'demo');
    expect(stdout).toMatch(/demo\.ingress-nginx +no +- +class: the Ingress asks for class bank/);
  });

  test('top: its requests', async () => {
    await ask(lab.http, '/shop');
    await eventually(async () => {
      const [traffic] = (await json('alb', 'top', 'demo', '--seconds', '1')) as readonly { rules: readonly object[] }[];
      expect(traffic?.rules).toContainEqual(
        expect.objectContaining({ port: lab.http, source: 'Ingress default/shop', clientErrors: 0 }),
      );
    });
  });

  test('explain request', async () => {
    const url = `http://127.0.0.1:${lab.http}/shop/cart`;
    expect(await json('explain', 'request', url, '--alb', 'demo')).toMatchObject([
      {
        rule: { source: 'Ingress default/shop' },
        outcome: { type: 'forward', backends: [{ service: 'default/a:80' }] },
      },
    ]);
    expect((await causeway('explain', 'request', url)).stdout).toMatch(/^IngressNginx default\/demo,/);
  });

  test('what does not exist ends with 1', async () => {
    const { code, stderr } = await causeway('alb', 'rules', 'none');
    expect(stderr).toContain('there is no ALB2 none, and no IngressNginx');
    expect(code).toBe(1);
  });
});
