import { describe, expect, test } from 'vitest';
import { newPeerRing, nextPeer } from './round-robin.ts';

function picks(weights: readonly number[], count: number, start = 0): number[] {
  const ring = newPeerRing(
    weights.map((weight, i) => ({ address: '127.0.0.1', port: i + 1, weight })),
    start,
  );
  return Array.from({ length: count }, () => nextPeer(ring));
}

function shares(weights: readonly number[], count: number): number[] {
  const all = picks(weights, count);
  return weights.map((_, i) => all.filter((peer) => peer === i).length);
}

test('the smooth order of nginx', () => {
  expect(picks([5, 1, 1], 7)).toEqual([0, 0, 1, 0, 2, 0, 0]);
});

test('equal weights rotate, from the given start', () => {
  expect(picks([50, 50, 50], 5, 0.34)).toEqual([1, 2, 0, 1, 2]);
});

describe('shares are exact over a round', () => {
  const cases = [
    { name: 'one peer', weights: [3], count: 10, want: [10] },
    { name: 'ALB-51', weights: [70, 30], count: 100, want: [70, 30] },
    { name: 'ALB-61', weights: [25, 25, 50], count: 4000, want: [1000, 1000, 2000] },
    { name: 'a round too long to compute in advance', weights: [1999, 1], count: 2000, want: [1999, 1] },
  ];
  for (const { name, weights, count, want } of cases) {
    test(name, () => expect(shares(weights, count)).toEqual(want));
  }
});

test('every start yields a peer of the ring', () => {
  for (const start of [0, 0.5, 0.999_999_999]) {
    for (const weights of [[1], [1, 1, 1], [2, 1], [1999, 1]]) {
      for (const peer of picks(weights, 10, start)) expect(weights[peer]).toBeDefined();
    }
  }
});
