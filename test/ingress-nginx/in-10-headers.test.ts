import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { ingressOf } from '../alb/ingresses.ts';
import { ALB, answersWith, Lab } from '../alb/lab.ts';
import { eventually } from '../e2e/eventually.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app'], { workerLimit: 1 });
});
afterAll(() => lab.stop());

function configMap(name: string, data: Readonly<Record<string, string>>, namespace = 'default') {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, data };
}

async function serve(host: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  await lab.home.apply(ingressOf(host.replace('.', '-'), { className: ALB, hosts: { [host]: [{}] }, annotations }));
}

async function warnings(): Promise<string> {
  return lab.home.kubectl(['get', 'events', '-n', 'kube-system']);
}

describe('IN-10 header modification, by an ALB', () => {
  test('request headers are set and removed, answer headers set and removed', async () => {
    await serve('a.com', {
      'alb.ingress.cpaas.io/rewrite-request': '{"headers":{"X-Env":"test"},"headers_remove":["Accept-Encoding"]}',
      'alb.ingress.cpaas.io/rewrite-response':
        '{"headers":{"X-Frame-Options":"DENY"},"headers_remove":["X-Powered-By"]}',
    });
    const path = `/?header=${encodeURIComponent('x-powered-by: echo')}`;
    const { body, headers } = await answersWith(200, lab.ports.http, path, {
      host: 'a.com',
      headers: { 'accept-encoding': 'identity' },
    });
    const seen = (JSON.parse(body) as Echo).headers;
    expect(seen['x-env']).toBe('test');
    expect(seen['accept-encoding']).toBeUndefined();
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['x-powered-by']).toBeUndefined();
  });

  test('custom-headers: answer headers from a ConfigMap, which may change', async () => {
    await lab.home.apply(configMap('headers', { 'X-Frame-Options': 'DENY', 'X-Own': '1' }));
    await serve('b.com', { 'nginx.ingress.kubernetes.io/custom-headers': 'default/headers' });
    const { headers } = await answersWith(200, lab.ports.http, '/', { host: 'b.com' });
    expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-own': '1' });
    await lab.home.apply(configMap('headers', { 'X-Own': '2' }));
    await eventually(async () => {
      const answer = await answersWith(200, lab.ports.http, '/', { host: 'b.com' });
      expect(answer.headers).toMatchObject({ 'x-own': '2' });
      expect(answer.headers['x-frame-options']).toBeUndefined();
    });
  });

  test('custom-headers: a name or value that cannot be one makes the map ineffective, and is told', async () => {
    await lab.home.apply(configMap('broken', { 'X-Own': '1', 'X-Bad': 'a\nSet-Cookie: b' }));
    await serve('c.com', { 'nginx.ingress.kubernetes.io/custom-headers': 'broken' });
    const { headers } = await answersWith(200, lab.ports.http, '/', { host: 'c.com' });
    expect(headers['x-own']).toBeUndefined();
    await eventually(async () =>
      expect(await warnings()).toMatch(/customHeaders: ConfigMap default\/broken: the value .* has control/),
    );
  });

  test('custom-headers: not of another namespace without consent', async () => {
    await lab.home.apply(configMap('theirs', { 'X-Own': '1' }, 'kube-system'));
    await serve('d.com', { 'nginx.ingress.kubernetes.io/custom-headers': 'kube-system/theirs' });
    const { headers } = await answersWith(200, lab.ports.http, '/', { host: 'd.com' });
    expect(headers['x-own']).toBeUndefined();
    await eventually(async () => expect(await warnings()).toMatch(/RefNotPermitted .*ConfigMap kube-system\/theirs/));
  });
});
