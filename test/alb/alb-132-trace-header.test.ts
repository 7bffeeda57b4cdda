import { hostname } from 'node:os';
import { selfSigned } from '@causeway/dataplane/test/certificates';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { group, serviceTo, tlsSecret } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { freePort } from '../e2e/traffic.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const ASKED = { headers: { 'cpaas-trace': 'true' } };

let lab: Lab;
let web: number;
let front: number;

beforeAll(async () => {
  lab = await Lab.start(['a', 'b']);
  await lab.serve('both', ['a', 'b']);
  web = await lab.open('web');
  await lab.addRule('web', 'first', { priority: 1, dslx: under('/first'), serviceGroup: group({ a: 100 }) });
  await lab.addRule('web', 'second', { priority: 2, dslx: under('/second'), serviceGroup: group({ both: 100 }) });
  await lab.home.apply(...serviceTo({ name: 'refuses', port: await freePort() }));
  await lab.addRule('web', 'refused', { priority: 3, dslx: under('/refused'), serviceGroup: group({ refuses: 100 }) });
  // Another port of the same ALB stands for another ALB in front of it.
  await lab.home.apply(...serviceTo({ name: 'inner', port: web }));
  front = await lab.open('front', { serviceGroup: group({ inner: 100 }) });
  await answersWith(200, front, '/first');
  await answersWith(200, web, '/second');
  await answersWith(502, web, '/refused');
});
afterAll(() => lab.stop());

function under(path: string): { type: 'URL'; values: string[][] }[] {
  return [{ type: 'URL', values: [['STARTS_WITH', path]] }];
}

function traceOf({ headers }: Answer): unknown {
  return JSON.parse(String(headers['x-cpaas-trace']));
}

function upstream(backend: string): string {
  return `127.0.0.1:${lab.backends[backend]?.port}`;
}

describe('ALB-132, LIM-28 trace header', () => {
  test('names pod, rule, its place in the order, Service and endpoint', async () => {
    expect(traceOf(await ask(web, '/first', ASKED))).toEqual({
      ...{ alb_pod: hostname(), rule: 'first', index: 0, upstream: 'default/a:80', upstream_ip: upstream('a') },
    });
    const answer = await ask(web, '/second', ASKED);
    const backend = String(answer.headers['x-backend']);
    expect(answer.status).toBe(200);
    expect(traceOf(answer)).toMatchObject({ rule: 'second', index: 1, upstream_ip: upstream(backend) });
  });

  test('without the header, or with another value: absent', async () => {
    expect((await ask(web, '/first')).headers).not.toHaveProperty('x-cpaas-trace');
    const answer = await ask(web, '/first', { headers: { 'cpaas-trace': 'no' } });
    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('x-cpaas-trace');
  });

  test('errors have it too, and are the same errors', async () => {
    const none = await ask(web, '/none', ASKED);
    expect(none).toMatchObject({ status: 404, body: 'X-Error: 404\n' });
    expect(traceOf(none)).toEqual({ alb_pod: hostname(), rule: '', upstream: '', upstream_ip: '' });
    const refused = await ask(web, '/refused', ASKED);
    expect(refused).toMatchObject({ status: 502, body: 'X-Error: 502\n' });
    expect(traceOf(refused)).toMatchObject({ rule: 'refused', upstream: 'default/refuses:80' });
  });

  test('a traced request is otherwise an ordinary one: method, body and answer', async () => {
    const options = { method: 'POST', body: 'x'.repeat(50_000) };
    const [plain, traced] = [
      await ask(web, '/first?status=201&body=ok', options),
      await ask(web, '/first?status=201&body=ok', { ...options, ...ASKED }),
    ];
    expect(traced).toMatchObject({ status: plain.status, body: plain.body });
    expect(traced.headers['via']).toBe(plain.headers['via']);
  });

  test('through two ALBs: once for each', async () => {
    const [inner, outer] = String((await ask(front, '/first', ASKED)).headers['x-cpaas-trace'])
      .split(/(?<=\}), (?=\{)/)
      .map((text) => JSON.parse(text) as unknown);
    expect(inner).toMatchObject({ rule: 'first', upstream_ip: upstream('a') });
    expect(outer).toMatchObject({ rule: 'front', upstream: 'default/inner:80', upstream_ip: `127.0.0.1:${web}` });
  });

  test('on a TLS port, from the default group', async () => {
    await lab.home.apply(tlsSecret('d', await selfSigned('d.example')));
    const secure = await lab.open('secure', {
      ...{ protocol: 'https', certificate_name: 'default/d', serviceGroup: group({ a: 100 }) },
    });
    const answer = await eventually(async () => {
      const one = await ask(secure, '/', { serverName: '', ...ASKED });
      expect(one.status).toBe(200);
      return one;
    });
    expect(traceOf(answer)).toMatchObject({ rule: 'secure', upstream_ip: upstream('a') });
  });

  test('can be switched off for an ALB', async () => {
    const patch = (on: boolean) =>
      lab.home.kubectl([
        ...['patch', 'alb2', ALB, '-n', ALB_NAMESPACE, '--type=merge'],
        ...['-p', `{"spec":{"config":{"traceHeader":${on}}}}`],
      ]);
    await patch(false);
    await eventually(async () => {
      const answer = await ask(web, '/first', ASKED);
      expect(answer.status).toBe(200);
      expect(answer.headers).not.toHaveProperty('x-cpaas-trace');
    });
    await patch(true);
    await eventually(async () => expect((await ask(web, '/first', ASKED)).headers).toHaveProperty('x-cpaas-trace'));
  });
});
