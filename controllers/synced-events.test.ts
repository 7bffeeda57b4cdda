import { objectKeyText } from '@causeway/apis/meta/object';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { SyncedEvents } from './synced-events.ts';

/*
 * Ingresses are told of one at a time while changes go on, and all at once when they have stopped.
 */

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const key = (name: string) => ({ namespace: 'default', name });

test('while changes go on, one Ingress is told of in 50 ms, in the order of the changes', async () => {
  const told: string[] = [];
  const events = new SyncedEvents((ingress) => told.push(ingress));
  for (let change = 0; change < 40; change += 1) {
    events.add(key(`i${change}`), ['alb']);
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(told).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((index) => objectKeyText(key(`i${index}`))));
});

test('300 ms after the last change the rest is told of, each once', async () => {
  const told: string[] = [];
  const events = new SyncedEvents((ingress) => told.push(ingress));
  for (const name of ['a', 'b', 'c', 'a', 'b', 'd', 'e', 'f', 'g', 'h']) events.add(key(name), ['alb']);
  await vi.advanceTimersByTimeAsync(240);
  expect(told).toHaveLength(4);
  await vi.advanceTimersByTimeAsync(100);
  expect(told).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => objectKeyText(key(name))));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toHaveLength(8);
});

test('an Ingress for which nothing was written is not told of', async () => {
  const told: string[] = [];
  new SyncedEvents((ingress) => told.push(ingress)).add(key('a'), []);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual([]);
});
