import { expect, test } from 'vitest';
import { renderTable } from './table.ts';

test('columns are as wide as their widest cell; a cell without text is a dash', () => {
  const rows = [
    { name: 'a', text: 'some words' },
    { name: 'longer', text: '' },
  ];
  const table = renderTable(
    [
      ['NAME', ({ name }) => name],
      ['TEXT', ({ text }) => text],
    ],
    rows,
  );
  expect(table).toBe('NAME     TEXT\na        some words\nlonger   -');
});

test('what users wrote does not move the cursor', () => {
  const table = renderTable([['TEXT', (text) => text]], ['a\u001b[2Jb\n\u202ec']);
  expect(table).toBe('TEXT\na\\u{1b}[2Jb\\u{a}\\u{202e}c');
});
