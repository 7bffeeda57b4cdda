import { expect, test } from 'vitest';
import { SmallMap } from './small-map.ts';

test('is a map, whatever it holds', () => {
  const small = new SmallMap<number>();
  const map = new Map<string, number>();
  // A few keys, so that both often grow, shrink and are empty.
  let seed = 1;
  for (let step = 0; step < 400; step += 1) {
    seed = (seed * 48_271) % 2_147_483_647;
    const key = `k${seed % 3}`;
    if (seed % 5 < 2) {
      small.delete(key);
      map.delete(key);
    } else {
      small.set(key, step);
      map.set(key, step);
    }
    expect([...small]).toEqual([...map]);
    expect(small.size).toBe(map.size);
    expect(small.get(key)).toBe(map.get(key));
  }
});

test('the entry at hand can be deleted', () => {
  const small = new SmallMap<number>();
  small.set('a', 1);
  small.set('b', 2);
  for (const [key] of small) small.delete(key);
  expect(small.size).toBe(0);
});
