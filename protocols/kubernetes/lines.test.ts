import fc from 'fast-check';
import { expect, test } from 'vitest';
import { linesOf } from './lines.ts';

async function* chunksOf(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (let i = 0; start < bytes.length; i += 1) {
    const size = sizes[i % sizes.length] ?? 1;
    yield bytes.subarray(start, start + size);
    start += size;
  }
}

async function collect(bytes: Buffer, sizes: readonly number[], maxBytes = 1000) {
  const lines: string[] = [];
  let incomplete = 0;
  for await (const line of linesOf(chunksOf(bytes, sizes), maxBytes, (n) => (incomplete = n))) lines.push(line);
  return { lines, incomplete };
}

test('lines come out as they went in, wherever the chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' '))),
      fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\n', ' ')),
      fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
      async (lines, rest, sizes) => {
        const bytes = Buffer.from([...lines, rest].join('\n'));
        expect(await collect(bytes, sizes)).toEqual({
          lines: lines.filter((line) => line !== ''),
          incomplete: Buffer.byteLength(rest),
        });
      },
    ),
    { seed: 4711, numRuns: 300 },
  );
});

test('a line without end does not fill the memory', async () => {
  await expect(collect(Buffer.alloc(2000, 'x'), [100])).rejects.toThrow(RangeError);
});
