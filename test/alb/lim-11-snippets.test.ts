import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../e2e/eventually.ts';
import { eventsOf } from './events.ts';
import { ingressOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

const NGINX = 'nginx.ingress.kubernetes.io/';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
});
afterAll(() => lab.stop());

describe('LIM-11 snippets', () => {
  const raw = {
    'configuration-snippet': 'more_set_headers "X-Raw: 1"; return 418;',
    'server-snippet': 'location /raw { return 418; }',
    'auth-snippet': 'proxy_set_header X-Raw 1;',
    'stream-snippet': 'server { listen 1; }',
  };

  test('raw ones stay out, and the event names the typed setting', async () => {
    const annotations = Object.fromEntries(Object.entries(raw).map(([name, text]) => [`${NGINX}${name}`, text]));
    await lab.home.apply(ingressOf('raw', { className: ALB, annotations, hosts: { '': [{ path: '/' }] } }));
    const answer = await answersWith(200, lab.ports.http, '/raw');
    expect(answer.headers['x-raw']).toBeUndefined();
    expect(answer.body).not.toContain('x-raw');
    await eventually(async () => {
      const events = (await eventsOf(lab.home, 'Ingress', 'raw')).join('\n');
      for (const name of Object.keys(raw)) expect(events).toContain(`${name}]: raw configuration is never taken`);
      expect(events).toContain('rewrite-response');
      expect(events).toContain('server-alias');
    });
  });

  test('the typed setting does what the snippet was for', async () => {
    const annotations = { 'alb.ingress.cpaas.io/rewrite-response': '{"headers":{"X-Typed":"1"}}' };
    await lab.home.apply(ingressOf('raw', { className: ALB, annotations, hosts: { '': [{ path: '/' }] } }));
    await eventually(async () => expect((await answersWith(200, lab.ports.http, '/')).headers['x-typed']).toBe('1'));
  });
});
