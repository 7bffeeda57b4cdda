import { expect, test } from 'vitest';
import { SharedValues } from './shared-values.ts';

const a = { id: 'a' };
const b = { id: 'b' };

test('a value is there while somebody refers to it', () => {
  const shared = new SharedValues<{ readonly id: string }>();
  expect(shared.use('one', [a])).toEqual({ came: [a], went: [] });
  expect(shared.use('two', [b, a])).toEqual({ came: [b], went: [] });
  expect(shared.use('one', [])).toEqual({ came: [], went: [] });
  expect([...shared.values()]).toEqual([a, b]);
  expect(shared.use('two', [b])).toEqual({ came: [], went: [a] });
  expect([shared.has('a'), shared.get('b')]).toEqual([false, b]);
});

test('who refers to one twice keeps it until it does so no more', () => {
  const shared = new SharedValues<{ readonly id: string }>();
  expect(shared.use('one', [a, b, a])).toEqual({ came: [a, b], went: [] });
  expect(shared.of('one')).toEqual([a, b, a]);
  expect(shared.use('one', [b, a])).toEqual({ came: [], went: [] });
  expect(shared.use('one', [b])).toEqual({ came: [], went: [a] });
});

test('what stays neither comes nor goes', () => {
  const shared = new SharedValues<{ readonly id: string }>();
  shared.use('one', [a]);
  expect(shared.use('one', [a])).toEqual({ came: [], went: [] });
  expect(shared.use('one', [b, a])).toEqual({ came: [b], went: [] });
  expect(shared.of('two')).toEqual([]);
});
