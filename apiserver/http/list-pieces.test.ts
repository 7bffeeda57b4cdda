import { expect, test } from 'vitest';
import { ListPieces } from './list-pieces.ts';

const itemsOf = (count: number): { json: string }[] =>
  Array.from({ length: count }, (_, index) => ({ json: JSON.stringify({ index, text: 'x'.repeat(1000) }) }));

/** All that a reader gets, as a list. */
function readAll(pieces: ListPieces): unknown[] {
  const parts: Buffer[] = [];
  for (let piece = pieces.at(0); piece !== undefined; piece = pieces.at(parts.length)) parts.push(piece);
  return JSON.parse(`[${Buffer.concat(parts).toString()}]`);
}

test('readers of the same list at a time share its pieces, and each gets all of it', () => {
  const items = itemsOf(500);
  let rendered = 0;
  const render = (json: string): string => {
    rendered++;
    return json;
  };
  const wanted = items.map(({ json }) => JSON.parse(json));
  const readers = Array.from({ length: 5 }, () => ListPieces.of(items, 'a', render));
  // In step: nobody is ahead of what was made.
  for (let index = 0; index < 3; index++) for (const reader of readers.slice(1)) reader.at(index);
  for (const reader of readers) expect(readAll(reader)).toEqual(wanted);
  // The first was alone when it asked.
  expect(rendered).toBe(1000);
  const other = ListPieces.of(items, 'b', (json) => json.replace('"index"', '"place"'));
  expect(readAll(other)[0]).toHaveProperty('place', 0);
  const changed = ListPieces.of([...items.slice(1)], 'a', render);
  expect(readAll(changed)).toEqual(wanted.slice(1));
  for (const reader of [...readers, other, changed]) reader.release();
});

test.each([
  { count: 0, single: true },
  { count: 3, single: true },
  { count: 300, single: false },
])('$count items: in a single piece: $single', ({ count, single }) => {
  const items = itemsOf(count);
  const readers = Array.from({ length: 3 }, () => ListPieces.of(items, 'a', (json) => json));
  for (const reader of readers) {
    reader.at(0);
    expect(reader.isSingle).toBe(single);
    reader.release();
  }
});
