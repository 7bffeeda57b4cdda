/** What `explain request` says is what happens (design D11). */
import { selfSigned } from '@causeway/dataplane/test/certificates';
import type { RequestExplanation } from '@causeway/explain/request';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ALB, answersWith, Lab } from '../alb/lab.ts';
import { shown } from '../alb/tls-client.ts';
import { eventually } from '../e2e/eventually.ts';
import { launcher, run } from '../launcher/up-process.ts';
import { BACKEND_ADDRESS } from './given-home.ts';
import { ask } from './http-request.ts';
import { group, tlsSecret } from './objects.ts';

/** Of this address headers are believed. */
const PROXY = '127.0.0.5';

let lab: Lab;
let web: number;
let secure: number;

beforeAll(async () => {
  lab = await Lab.start(['a', 'b', 'c'], { trustedProxies: [`${PROXY}/32`] });
  await lab.serve('all', ['a', 'b', 'c']);
  for (const name of ['d', 'wild']) await lab.home.apply(tlsSecret(name, await selfSigned(`${name}.example`)));
  const sticky = { session_affinity_policy: 'header', session_affinity_attribute: 'X-User' } as const;
  web = await lab.open('web', { serviceGroup: { ...group({ all: 100 }), ...sticky } });
  await lab.addRule('web', 'inside', {
    dslx: [{ type: 'SRC_IP', values: [['EQ', '9.9.9.9']] }],
    serviceGroup: group({ a: 100 }),
  });
  secure = await lab.open('secure', { protocol: 'https', certificate_name: 'default/d' });
  await lab.addRule('secure', 'certified', {
    dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }],
    serviceGroup: group({ a: 100 }),
    domain: '*.e.com',
    certificate_name: 'default/wild',
  });
  await answersWith(200, web);
  await answersWith(200, web, '/', { from: PROXY, headers: { 'x-real-ip': '9.9.9.9', 'x-user': 'u' } });
  await eventually(async () => expect(await shown(secure, 'c.e.com')).toBe('wild'));
});
afterAll(() => lab.stop());

async function explain(url: string, ...args: readonly string[]): Promise<RequestExplanation> {
  const line = ['explain', 'request', url, ...args, '--alb', ALB, '-o', 'json', '--data-dir', lab.home.dataDirectory];
  const { code, stdout, stderr } = await run(launcher, line);
  if (code !== 0) throw new Error(stderr);
  const [explanation] = JSON.parse(stdout) as [RequestExplanation];
  return explanation;
}

test('the endpoint of a header', async () => {
  for (const user of ['u1', 'u2', 'u3', 'u4']) {
    const { outcome, defaultGroup } = await explain(`http://localhost:${web}/`, '-H', `X-User: ${user}`);
    expect(defaultGroup).toBe(true);
    const backend = (await ask(web, '/', { headers: { 'x-user': user } })).headers['x-backend'];
    expect(outcome).toMatchObject({
      balancing: { policy: 'header', endpoint: `${BACKEND_ADDRESS}:${lab.backends[String(backend)]?.port}` },
    });
  }
});

test('the client behind a trusted proxy, and behind another', async () => {
  for (const from of [PROXY, '127.0.0.6']) {
    const { rule, client } = await explain(`http://localhost:${web}/`, '-H', 'X-Real-IP: 9.9.9.9', '--source-ip', from);
    expect(client.address).toBe(from === PROXY ? '9.9.9.9' : from);
    const traced = await ask(web, '/', { from, headers: { 'x-real-ip': '9.9.9.9', 'cpaas-trace': 'true' } });
    const { rule: taken } = JSON.parse(String(traced.headers['x-cpaas-trace'])) as { rule: string };
    expect(rule?.name ?? 'web').toBe(taken);
  }
});

test('the certificate', async () => {
  for (const host of ['c.e.com', 'x.c.e.com', 'b.com', '127.0.0.1']) {
    const { tls, outcome } = await explain(`https://${host}:${secure}/`);
    const serverName = host === '127.0.0.1' ? '' : host;
    const common = await shown(secure, serverName);
    expect(tls?.certificate?.id ?? 'fails', host).toBe(common === 'fails' ? 'fails' : `default/${common}`);
    expect(outcome.type).toBe(common === 'fails' ? 'refused' : 'forward');
  }
});
