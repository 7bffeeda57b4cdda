import { expect, test } from 'vitest';
import { subsetsOf } from './subset.ts';

test.each([
  {
    count: 6,
    size: 3,
    want: [
      [0, 1, 2],
      [3, 4, 5],
    ],
  },
  {
    count: 4,
    size: 3,
    want: [
      [0, 1, 2],
      [3, 0, 1],
    ],
  },
  { count: 2, size: 3, want: [[0, 1]] },
  { count: 0, size: 3, want: [] },
])('$count peers in subsets of $size', ({ count, size, want }) => {
  expect(subsetsOf(count, size)).toEqual(want);
});
