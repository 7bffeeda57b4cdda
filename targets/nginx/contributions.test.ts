import type { GatewayFragment } from '@causeway/ir/gateway';
import { expect, test } from 'vitest';
import { Contributions } from './contributions.ts';
import { endpoints } from './testing/fragments.ts';

const one = endpoints('a/b:1', 1);
const two = endpoints('a/b:1', 2);

function put(contributions: Contributions, owner: string, ...fragments: GatewayFragment[]): [unknown, unknown][] {
  return [...contributions.put(owner, fragments)].map(({ before, after }) => [before, after]);
}

test('what an owner leaves out is withdrawn', () => {
  const all = new Contributions(() => undefined);
  expect(put(all, 'x', one)).toEqual([[undefined, one]]);
  expect(put(all, 'x', two)).toEqual([[one, two]]);
  expect(put(all, 'x')).toEqual([[two, undefined]]);
  expect(put(all, 'x')).toEqual([]);
});

test('a fragment of several owners stays until the last one withdraws it', () => {
  const all = new Contributions(() => undefined);
  put(all, 'x', one);
  put(all, 'y', one);
  put(all, 'z', one);
  expect(put(all, 'x')).toEqual([[one, one]]);
  expect(put(all, 'z')).toEqual([[one, one]]);
  expect(put(all, 'y')).toEqual([[one, undefined]]);
});

test('of several owners the last to put counts, also when it puts again', () => {
  const all = new Contributions(() => undefined);
  put(all, 'x', one);
  expect(put(all, 'y', two)).toEqual([[one, two]]);
  expect(put(all, 'x', one)).toEqual([[two, one]]);
  expect(put(all, 'x')).toEqual([[one, two]]);
});
