import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, ask } from '../acceptance/http-request.ts';
import { ALB_NAMESPACE } from '../acceptance/installation.ts';
import { group } from '../acceptance/objects.ts';
import { eventually } from '../e2e/eventually.ts';
import { frontendName, ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['svc1', 'svc2', 'app']);
});
afterAll(() => lab.stop());

describe('ALB-24 Ingress defaultBackend', () => {
  const onlyDefault = (name: string, defaultService: string) => ingressOf(name, { className: ALB, defaultService });

  function answeredBy(backend: string, path = '/unmatched', host = 'localhost'): Promise<Answer> {
    return eventually(async () => {
      const answer = await ask(lab.ports.http, path, { host });
      expect(answer.headers['x-backend']).toBe(backend);
      return answer;
    });
  }

  test('Ingress A (default svc1), Ingress B (default svc2): the first wins', async () => {
    await lab.home.apply(onlyDefault('a', 'svc1'));
    await answeredBy('svc1');
    await lab.home.apply(onlyDefault('b', 'svc2'), ingressOf('web', { className: ALB, hosts: { 'a.com': [{}] } }));
    await answeredBy('app', '/', 'a.com');
    await answeredBy('svc1');
    expect(await rulesOf(lab.home, 'b')).toEqual({});
  });

  test('delete A: svc2 takes over', async () => {
    await lab.home.kubectl(['delete', 'ingress', 'a']);
    await answeredBy('svc2');
  });

  test('B changes its Service: so does the port', async () => {
    await lab.home.apply(onlyDefault('b', 'svc1'));
    await answeredBy('svc1');
  });

  test("an administrator's group is not replaced, and not taken away", async () => {
    await lab.home.kubectl(['delete', 'ingress', 'b']);
    await answersWith(404, lab.ports.http, '/unmatched');
    const name = frontendName(ALB, lab.ports.http);
    const patch = JSON.stringify({ spec: { serviceGroup: group({ svc2: 100 }) } });
    await lab.home.kubectl(['patch', 'frontend', name, '-n', ALB_NAMESPACE, '--type=merge', '-p', patch]);
    await answeredBy('svc2');
    await lab.home.apply(onlyDefault('b', 'svc1'), ingressOf('more', { className: ALB, hosts: { 'b.com': [{}] } }));
    await answeredBy('app', '/', 'b.com');
    await answeredBy('svc2');
    await lab.home.kubectl(['delete', 'ingress', 'b', 'more']);
    await answersWith(200, lab.ports.http, '/', { host: 'b.com' });
    await answeredBy('svc2', '/', 'b.com');
  });

  test('beside rules: a last rule of priority 998 for their hosts only', async () => {
    const hosts = { 'one.com': [{ path: '/app' }], 'two.com': [{ path: '/app' }] };
    await lab.home.apply(ingressOf('beside', { className: ALB, hosts, defaultService: 'svc1' }));
    for (const host of ['one.com', 'two.com']) {
      await answeredBy('app', '/app', host);
      await answeredBy('svc1', '/other', host);
    }
    await answeredBy('svc2', '/other', 'three.com');
    const rules = await rulesOf(lab.home, 'beside');
    expect(Object.values(rules).map(({ spec }) => spec.priority)).toEqual([5, 998, 5, 998]);
  });
});
