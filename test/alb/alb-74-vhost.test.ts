import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Echo } from '../acceptance/echo-backend.ts';
import { group } from '../acceptance/objects.ts';
import { ingressOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = await lab.open('web');
  await lab.addRule('web', 'vhost', {
    dslx: [{ type: 'URL', values: [['STARTS_WITH', '/']] }],
    serviceGroup: group({ app: 100 }),
    vhost: 'b.example',
  });
});
afterAll(() => lab.stop());

describe('ALB-74 vhost', () => {
  const expected = { host: 'b.example', 'x-forwarded-host': 'a.com:8080' };

  test('the backend sees it as Host, and the original as X-Forwarded-Host', async () => {
    const { body } = await answersWith(200, port, '/', { host: 'a.com:8080' });
    expect((JSON.parse(body) as Echo).headers).toMatchObject(expected);
  });

  test('the same by upstream-vhost of an Ingress', async () => {
    const annotations = { 'nginx.ingress.kubernetes.io/upstream-vhost': 'b.example' };
    await lab.home.apply(ingressOf('vhost', { className: ALB, hosts: { 'a.com': [{}] }, annotations }));
    const { body } = await answersWith(200, lab.ports.http, '/', { host: 'a.com:8080' });
    expect((JSON.parse(body) as Echo).headers).toMatchObject(expected);
  });

  test('what is no host is refused at admission', async () => {
    const bad = lab.addRule('web', 'bad', { dslx: [{ type: 'URL', values: [['EQ', '/']] }], vhost: 'a b' });
    await expect(bad).rejects.toThrow('spec.vhost: Invalid value');
  });
});
