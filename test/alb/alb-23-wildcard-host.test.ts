import { afterAll, beforeAll, describe, test } from 'vitest';
import { ingressOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  await lab.home.apply(ingressOf('wild', { className: ALB, hosts: { '*.foo.com': [{}] } }));
  await answersWith(200, lab.ports.http, '/', { host: 'a.foo.com' });
});
afterAll(() => lab.stop());

describe('ALB-23 wildcard host *.foo.com', () => {
  const cases = [
    { host: 'a.foo.com', want: 200 },
    { host: 'A.Foo.com', want: 200 },
    { host: 'foo.com', want: 404 },
    { host: 'a.b.foo.com', want: 404 },
    { host: 'afoo.com', want: 404 },
    { host: 'a.foo.com.evil.example', want: 404 },
  ];
  test.each(cases)('$host: $want', async ({ host, want }) => {
    await answersWith(want, lab.ports.http, '/', { host });
  });
});
