import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { expect, test } from 'vitest';
import { tokenReview } from './token-review.ts';

/** Knows one token, can be down. */
function reviewer() {
  const state = { down: false, good: 'a', asked: 0, time: 0 };
  const api = {
    post: (_path: string, { spec }: { readonly spec: { readonly token: string } }) => {
      state.asked += 1;
      if (state.down) return Promise.reject(new Error('down'));
      return Promise.resolve({ status: { authenticated: spec.token === state.good } });
    },
  };
  return { state, review: tokenReview(api as unknown as KubernetesClient, () => state.time) };
}

test('a good token is asked about once a minute, a bad one every time', async () => {
  const { state, review } = reviewer();
  for (const time of [0, 59_000, 61_000]) {
    state.time = time;
    expect(await review('a')).toBe(true);
    expect(await review('b')).toBe(false);
  }
  expect(state.asked).toBe(2 + 3);
});

test('while the API server is down, a known token is good for a while, an unknown one never', async () => {
  const { state, review } = reviewer();
  await review('a');
  state.down = true;
  state.time = 14 * 60_000;
  expect(await review('a')).toBe(true);
  await expect(review('b')).rejects.toThrow('down');
  state.time = 16 * 60_000;
  await expect(review('a')).rejects.toThrow('down');
});

test('a token that is withdrawn is refused after a minute', async () => {
  const { state, review } = reviewer();
  await review('a');
  state.good = 'c';
  state.time = 61_000;
  expect(await review('a')).toBe(false);
});
