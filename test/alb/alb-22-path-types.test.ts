import { afterAll, beforeAll, describe, test } from 'vitest';
import { ingressOf } from './ingresses.ts';
import { ALB, answersWith, Lab } from './lab.ts';

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.start(['app']);
  await lab.home.apply(
    ingressOf('types', {
      className: ALB,
      hosts: {
        'text.com': [
          { path: '/abcd' },
          { path: '/a', pathType: 'Exact' },
          { path: '/x[0-9]', pathType: 'ImplementationSpecific' },
          { path: '/plain', pathType: 'ImplementationSpecific' },
        ],
      },
    }),
    ingressOf('strict', {
      className: ALB,
      annotations: { 'alb.ingress.cpaas.io/strict-prefix': 'true' },
      hosts: {
        'strict.com': [
          { path: '/abcd' },
          { path: '/slash/' },
          { path: '/plain', pathType: 'ImplementationSpecific' },
          { path: '/abcd/exact', pathType: 'Exact' },
        ],
        'root.com': [{ path: '/' }],
      },
    }),
    ingressOf('no-path', {
      className: ALB,
      hosts: { 'empty.com': [{ path: '', pathType: 'ImplementationSpecific' }] },
    }),
  );
  for (const host of ['root.com', 'empty.com']) await answersWith(200, lab.ports.http, '/', { host });
  await answersWith(200, lab.ports.http, '/a', { host: 'text.com' });
});
afterAll(() => lab.stop());

describe('ALB-22 path types', () => {
  const cases = [
    { host: 'text.com', path: '/abcd', want: 200 },
    { host: 'text.com', path: '/abcd/efg', want: 200 },
    { host: 'text.com', path: '/abcde', want: 200 },
    { host: 'text.com', path: '/abc', want: 404 },
    { host: 'text.com', path: '/a', want: 200 },
    { host: 'text.com', path: '/a/', want: 404 },
    { host: 'text.com', path: '/x7/y', want: 200 },
    { host: 'text.com', path: '/p/x7', want: 404 },
    { host: 'text.com', path: '/plainer', want: 200 },
    // alb.ingress.cpaas.io/strict-prefix: by path element.
    { host: 'strict.com', path: '/abcd', want: 200 },
    { host: 'strict.com', path: '/abcd/', want: 200 },
    { host: 'strict.com', path: '/abcd/efg', want: 200 },
    { host: 'strict.com', path: '/abcde', want: 404 },
    { host: 'strict.com', path: '/abcd/exact', want: 200 },
    { host: 'strict.com', path: '/slash', want: 200 },
    { host: 'strict.com', path: '/slash/x', want: 200 },
    { host: 'strict.com', path: '/slashes', want: 404 },
    { host: 'strict.com', path: '/plainer', want: 200 },
    { host: 'root.com', path: '/anything', want: 200 },
    { host: 'empty.com', path: '/anything', want: 200 },
  ];
  test.each(cases)('http://$host$path: $want', async ({ host, path, want }) => {
    await answersWith(want, lab.ports.http, path, { host });
  });
});
