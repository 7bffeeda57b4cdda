import { expect, test } from 'vitest';
import { isCompressed, takesZstd } from './zstd.ts';

test('clients that take it, and like nothing more that there is', () => {
  for (const accepted of ['zstd', 'gzip, br, zstd', ' ZSTD ;q=1', 'gzip;q=0.5, zstd;q=0.5', 'zstd;q=0.2, deflate']) {
    expect([accepted, takesZstd(accepted)]).toEqual([accepted, true]);
  }
  for (const accepted of ['', 'gzip', '*', 'zstd;q=0', 'zstd;q=0.4, gzip', 'br, zstd;q=0.9', 'xzstd', 'zstd2']) {
    expect([accepted, takesZstd(accepted)]).toEqual([accepted, false]);
  }
});

test('a weight that is none counts as the highest', () => {
  expect(takesZstd('zstd;q=much, gzip')).toBe(true);
  expect(takesZstd('zstd;q=2, gzip')).toBe(true);
});

test('media types without their parameters', () => {
  expect(['text/html', 'Text/Plain; charset=utf-8', 'application/json'].map(isCompressed)).toEqual([true, true, true]);
  expect(['', 'image/png', 'application/grpc', 'text/event-stream'].map(isCompressed)).toEqual([
    ...[false, false, false, false],
  ]);
});
