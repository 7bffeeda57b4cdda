import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf, rulesOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

describe('ALB-26 prefix precedence', () => {
  test('index.<rule>-<path>. over alb.ingress. over nginx.ingress., name by name', async () => {
    const annotations = {
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '9',
      'nginx.ingress.kubernetes.io/proxy-connect-timeout': '1.5s',
      'alb.ingress.cpaas.io/proxy-read-timeout': '8',
      'index.0-1.alb.ingress.cpaas.io/proxy-read-timeout': '7',
    };
    await lab.home.apply(
      ingressOf('web', { className: ALB, hosts: { 'a.com': [{ path: '/one' }, { path: '/two' }] }, annotations }),
    );
    await eventually(async () => {
      const rules = Object.values(await rulesOf(lab.home, 'web'));
      expect(rules.map(({ spec }) => spec.config?.timeout)).toEqual([
        { proxy_connect_timeout_ms: 1500, proxy_read_timeout_ms: 8000 },
        { proxy_connect_timeout_ms: 1500, proxy_read_timeout_ms: 7000 },
      ]);
    });
  });

  test('it is the timeout of that path: 504 there, 200 beside', async () => {
    const annotations = { 'index.0-1.alb.ingress.cpaas.io/proxy-read-timeout': '300ms' };
    await lab.home.apply(
      ingressOf('web', { className: ALB, hosts: { 'a.com': [{ path: '/one' }, { path: '/two' }] }, annotations }),
    );
    const post = { host: 'a.com', method: 'POST' };
    const answer = await answersWith(504, lab.ports.http, '/two?sleep=2000', post);
    expect(answer.body).toBe('X-Error: 504\n');
    await answersWith(200, lab.ports.http, '/one?sleep=600', post);
  });

  test('the same for redirects', async () => {
    const annotations = {
      'nginx.ingress.kubernetes.io/permanent-redirect': 'https://nginx.com',
      'nginx.ingress.kubernetes.io/permanent-redirect-code': '308',
      'alb.ingress.cpaas.io/permanent-redirect': 'https://alb.com',
      'index.0-1.alb.ingress.cpaas.io/permanent-redirect': 'https://two.com',
    };
    await lab.home.apply(
      ingressOf('moved', { className: ALB, hosts: { 'm.com': [{ path: '/one' }, { path: '/two' }] }, annotations }),
    );
    const to = async (path: string) =>
      (await answersWith(308, lab.ports.http, path, { host: 'm.com' })).headers.location;
    expect(await to('/one')).toBe('https://alb.com');
    expect(await to('/two')).toBe('https://two.com');
  });

  test('"-1" and "abc" are ignored, with an event', async () => {
    const annotations = {
      'alb.ingress.cpaas.io/proxy-read-timeout': 'abc',
      'nginx.ingress.kubernetes.io/proxy-read-timeout': '9',
      'nginx.ingress.kubernetes.io/proxy-send-timeout': '-1',
    };
    await lab.home.apply(ingressOf('bad', { className: ALB, hosts: { 'b.com': [{}] }, annotations }));
    await eventually(async () => {
      const [rule] = Object.values(await rulesOf(lab.home, 'bad'));
      expect(rule?.spec.config?.timeout).toEqual({ proxy_read_timeout_ms: 9000 });
    });
    await eventually(async () => {
      const events = (await eventsOf(lab.home, 'Ingress', 'bad')).join('\n');
      expect(events).toContain('[alb.ingress.cpaas.io/proxy-read-timeout]: Invalid value: "abc"');
      expect(events).toContain('[nginx.ingress.kubernetes.io/proxy-send-timeout]: Invalid value: "-1"');
    });
  });
});
