import { expect, test } from 'vitest';
import { FairQueue } from './fair-queue.ts';

test('one with many requests does not hold up another', async () => {
  const queue = new FairQueue({ atATime: 4, waiting: 100 });
  const order: string[] = [];
  const serve = async (user: string): Promise<void> => {
    const leave = await queue.enter(user);
    order.push(user);
    await new Promise(setImmediate);
    leave();
  };
  const greedy = Array.from({ length: 50 }, () => serve('greedy'));
  const modest = [serve('modest'), serve('modest')];
  await Promise.all([...greedy, ...modest]);
  expect(order.lastIndexOf('modest')).toBeLessThan(8);
  expect(order).toHaveLength(52);
});

test('a user has at most half of the places, and a line that ends', async () => {
  const queue = new FairQueue({ atATime: 4, waiting: 3 });
  const leaves = [await queue.enter('a'), await queue.enter('a')];
  const waiting = [1, 2, 3].map(() => queue.enter('a'));
  await expect(queue.enter('a')).rejects.toMatchObject({ code: 429, reason: 'TooManyRequests' });
  const other = await queue.enter('b');
  other();
  for (const leave of leaves) leave();
  for (const next of waiting) (await next)();
  (await queue.enter('a'))();
});

test('of requests that are read in one turn of the event loop, that of another user does not wait for all', async () => {
  const queue = new FairQueue();
  const order: string[] = [];
  const serve = async (user: string): Promise<void> => {
    const leave = await queue.enter(user);
    order.push(user);
    // A request works this long before it waits for the disk.
    for (const began = performance.now(); performance.now() - began < 1; );
    setTimeout(leave, 1);
  };
  const read = (user: string): Promise<void> =>
    new Promise((resolve) => setImmediate(() => void serve(user).then(resolve)));
  await Promise.all([...Array.from({ length: 60 }, () => read('greedy')), read('modest')]);
  expect(order).toHaveLength(61);
  expect(order.indexOf('modest')).toBeLessThan(6);
});
