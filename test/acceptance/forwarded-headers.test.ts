/** What backends are told: the Host of a Rule, and the headers of a proxy. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answersWith, Lab } from '../alb/lab.ts';
import type { Echo } from './echo-backend.ts';
import { group } from './objects.ts';

let lab: Lab;
let port: number;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  port = await lab.open('web');
  await lab.addRule('web', 'vhost', {
    dslx: [{ type: 'URL', values: [['STARTS_WITH', '/vhost']] }],
    serviceGroup: group({ app: 100 }),
    vhost: 'b.example',
  });
});
afterAll(() => lab.stop());

test('ALB-74 vhost, and ALB-75 what the backend is told', async () => {
  const answer = await answersWith(200, port, '/vhost/x?y=1', {
    host: 'a.com:8080',
    headers: { 'x-forwarded-for': '9.9.9.9', x_under_score: '1' },
  });
  expect(answer.headers).toMatchObject({ via: 'alb' });
  expect(answer.headers.server ?? '').not.toMatch(/\d/);
  expect(JSON.parse(answer.body) as Echo).toMatchObject({
    url: '/vhost/x?y=1',
    headers: {
      host: 'b.example',
      'x-forwarded-host': 'a.com:8080',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-for': '9.9.9.9, 127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-scheme': 'http',
      'x-forwarded-port': String(port),
      'x-original-uri': '/vhost/x?y=1',
      'x-original-url': 'http://a.com:8080/vhost/x?y=1',
      'x-original-method': 'GET',
      x_under_score: '1',
    },
  });
});
