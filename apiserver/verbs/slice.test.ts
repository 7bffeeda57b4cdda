import { expect, test } from 'vitest';
import { Slice } from './slice.ts';

async function work(user: string, turns: number, done: (user: string) => void): Promise<void> {
  const slice = new Slice(user);
  for (let turn = 0; turn < turns; turn++) {
    await slice.pause();
    done(user);
  }
}

test('a user with much long work does not hold up another', async () => {
  const order: string[] = [];
  const done = (user: string): void => {
    order.push(user);
  };
  const greedy = Array.from({ length: 50 }, () => work('greedy', 20, done));
  await Promise.all([work('modest', 20, done), ...greedy]);
  // One turn each, one after the other.
  expect(order.lastIndexOf('modest')).toBeLessThan(42);
  expect(order).toHaveLength(51 * 20);
});

test('in one turn of the event loop there is one slice of all that is long', async () => {
  let loops = 0;
  let counting = true;
  const count = (): void => {
    loops++;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  const slices = Array.from({ length: 30 }, (_, index) => work(`user-${index % 3}`, 1, () => {}));
  await Promise.all(slices);
  counting = false;
  expect(loops).toBeGreaterThanOrEqual(29);
});
