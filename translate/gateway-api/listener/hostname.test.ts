import { describe, expect, test } from 'vitest';
import { parseDuration } from '../duration.ts';
import { covers, hostRank, intersection } from './hostname.ts';

describe('GW-13 intersection of a listener and a route', () => {
  const cases: readonly {
    readonly listener: string;
    readonly route: readonly string[];
    readonly want: readonly string[];
  }[] = [
    { listener: '', route: [], want: [''] },
    { listener: '', route: ['a.com', 'B.com'], want: ['a.com', 'b.com'] },
    { listener: 'a.com', route: [], want: ['a.com'] },
    { listener: 'a.com', route: ['a.com'], want: ['a.com'] },
    {
      listener: '*.example.com',
      route: ['api.example.com', 'web.example.com', 'other.org', 'example.com'],
      want: ['api.example.com', 'web.example.com'],
    },
    { listener: 'api.example.com', route: ['*.example.com', '*.com'], want: ['api.example.com'] },
    { listener: '*.example.com', route: ['*.com'], want: ['*.example.com'] },
    { listener: '*.com', route: ['*.example.com'], want: ['*.example.com'] },
    { listener: 'a.com', route: ['b.com', '*.a.com'], want: [] },
  ];
  for (const { listener, route, want } of cases) {
    test(`${listener || 'every host'} and ${route.join(', ') || 'every host'}`, () => {
      expect(intersection(listener, route)).toEqual(want);
    });
  }
});

test('a wildcard covers any number of labels, and not its own domain', () => {
  expect(['a.x.com', 'a.b.x.com', '*.b.x.com'].every((name) => covers('*.x.com', name))).toBe(true);
  expect(['x.com', 'ax.com', ''].some((name) => covers('*.x.com', name))).toBe(false);
});

test('names say more than wildcards, longer wildcards more than shorter ones', () => {
  const ranks = ['', '*.com', '*.example.com', 'a.b'].map(hostRank);
  expect([...ranks].sort((a, b) => a - b)).toEqual(ranks);
});

test('durations', () => {
  expect(['1h2m3s4ms', '500ms', '0s', '10m', '1.5s', '30', ''].map(parseDuration)).toEqual([
    3_723_004,
    500,
    0,
    600_000,
    undefined,
    undefined,
    undefined,
  ]);
});
