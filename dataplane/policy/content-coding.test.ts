import { expect, test } from 'vitest';
import { type ContentCoding, chosenCoding, isCompressed } from './content-coding.ts';

const ALL: readonly ContentCoding[] = ['br', 'gzip', 'zstd'];

test('what the client likes most, of several alike the first that is offered', () => {
  const cases: readonly (readonly [string, ContentCoding | undefined])[] = [
    ['zstd', 'zstd'],
    ['zstd, gzip, br', 'br'],
    [' ZSTD ;q=1, br;q=0.9', 'zstd'],
    ['gzip;q=0.5, zstd;q=0.5', 'gzip'],
    ['zstd;q=0.2, deflate', 'zstd'],
    ['*', 'br'],
    ['br;q=0, *;q=0.1', 'gzip'],
    ...['', 'deflate', 'zstd;q=0', 'xzstd', 'zstd2', '*;q=0', ';,,'].map((accepted) => [accepted, undefined] as const),
  ];
  for (const [accepted, chosen] of cases) expect([accepted, chosenCoding(accepted, ALL)]).toEqual([accepted, chosen]);
  expect(chosenCoding('br, gzip, zstd', ['zstd', 'gzip'])).toBe('zstd');
  expect(chosenCoding('br', [])).toBeUndefined();
});

test('a weight that is none counts as the highest', () => {
  expect(chosenCoding('br;q=0.9, zstd;q=much', ALL)).toBe('zstd');
  expect(chosenCoding('br;q=0.9, zstd;q=2', ALL)).toBe('zstd');
});

test('media types without their parameters', () => {
  expect(['text/html', 'Text/Plain; charset=utf-8', 'application/json'].map(isCompressed)).toEqual([true, true, true]);
  expect(['', 'image/png', 'application/grpc', 'text/event-stream'].map(isCompressed)).toEqual([
    ...[false, false, false, false],
  ]);
});
