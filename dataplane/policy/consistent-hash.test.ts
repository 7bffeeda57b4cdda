import { describe, expect, test } from 'vitest';
import { newHashCircle, peerOfKey } from './consistent-hash.ts';
import type { Peer } from './record.ts';
import { textHash } from './text-hash.ts';

function peers(count: number, weight: (index: number) => number = () => 1): Peer[] {
  return Array.from({ length: count }, (_, i) => ({
    address: `10.0.${i >> 8}.${i & 255}`,
    port: 80,
    weight: weight(i),
  }));
}

/** Which peer has each of `keys` keys, as `address:port`. */
function owners(list: readonly Peer[], keys: number): string[] {
  const circle = newHashCircle(list);
  return Array.from({ length: keys }, (_, i) => {
    const peer = list[peerOfKey(circle, textHash(`192.168.${i >> 8}.${i & 255}`))];
    return `${peer?.address}:${peer?.port}`;
  });
}

function counts(list: readonly Peer[], keys: number): number[] {
  const all = owners(list, keys);
  return list.map(({ address, port }) => all.filter((owner) => owner === `${address}:${port}`).length);
}

describe('keys are spread evenly', () => {
  const cases = [
    { count: 2, keys: 10_000 },
    { count: 4, keys: 10_000 },
    { count: 50, keys: 20_000 },
  ];
  for (const { count, keys } of cases) {
    test(`${count} peers`, () => {
      const mean = keys / count;
      const shares = counts(peers(count), keys).map((share) => share / mean);
      expect(Math.max(...shares)).toBeLessThan(1.4);
      expect(Math.min(...shares)).toBeGreaterThan(0.6);
    });
  }
});

test('ALB-52: of 200 addresses each of 4 pods gets 15 to 35 percent', () => {
  for (const share of counts(peers(4), 200)) {
    expect(share).toBeGreaterThanOrEqual(30);
    expect(share).toBeLessThanOrEqual(70);
  }
});

test('weights are shares', () => {
  const [light = 0, heavy = 0] = counts(
    peers(2, (i) => (i === 0 ? 30 : 70)),
    20_000,
  );
  expect(light / 20_000).toBeGreaterThan(0.22);
  expect(light / 20_000).toBeLessThan(0.38);
  expect(light + heavy).toBe(20_000);
});

describe('when one of n peers goes, its keys move and no other', () => {
  for (const count of [2, 4, 10, 100]) {
    test(`${count} peers`, () => {
      const all = peers(count);
      const gone = all[1];
      const before = owners(all, 5000);
      const after = owners(all.toSpliced(1, 1), 5000);
      for (const [key, owner] of before.entries()) {
        if (owner !== `${gone?.address}:${gone?.port}`) expect(after[key]).toBe(owner);
      }
      const moved = before.filter((owner, key) => owner !== after[key]).length;
      expect(moved).toBeGreaterThan((5000 / count) * 0.5);
      expect(moved).toBeLessThan((5000 / count) * 1.6);
    });
  }
});

test('the order of the peers does not matter', () => {
  expect(owners(peers(7).toReversed(), 500)).toEqual(owners(peers(7), 500));
});

test('one peer has every key', () => {
  expect(new Set(owners(peers(1), 100)).size).toBe(1);
});
