import { expect, test } from 'vitest';
import { healthText } from './health.ts';

const cases = [
  { path: ['livez'], query: '', text: 'ok' },
  { path: ['readyz', 'etcd'], query: 'verbose', text: 'ok' },
  { path: ['livez'], query: 'verbose', text: '[+]ping ok\n[+]log ok\n[+]etcd ok\nlivez check passed\n' },
  {
    path: ['healthz'],
    query: 'verbose=true&exclude=etcd&exclude=x',
    text:
      '[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\n' +
      'warn: some health checks cannot be excluded: no matches for "x"\nhealthz check passed\n',
  },
];
for (const { path, query, text } of cases) {
  test(`/${path.join('/')}?${query}`, () => expect(healthText(path, new URLSearchParams(query))).toBe(text));
}

test('a check that is not there', () => {
  expect(() => healthText(['livez', 'shutdown'], new URLSearchParams())).toThrow(
    expect.objectContaining({ code: 404 }) as Error,
  );
});
