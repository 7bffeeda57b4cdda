import { printableWord } from '../printable.ts';

/** A column of a table: its heading, and its text for a row. */
export type Column<Row> = readonly [heading: string, cell: (row: Row) => string | number];

const GAP = '   ';

/**
 * Rows as kubectl prints them: upper case headings, columns as wide as their widest cell, the last one as long as it is. A
 * cell without text is `-`, so that a line always has as many words as columns.
 */
export function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(([heading]) => heading),
    ...rows.map((row) => columns.map(([, cell]) => printableWord(String(cell(row))) || '-')),
  ];
  const widths = columns.map((_, index) => lines.reduce((most, line) => Math.max(most, line[index]?.length ?? 0), 0));
  return lines
    .map((line) => line.map((cell, index) => (index < columns.length - 1 ? cell.padEnd(widths[index] ?? 0) : cell)))
    .map((line) => line.join(GAP))
    .join('\n');
}
