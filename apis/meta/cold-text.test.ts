import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ColdTexts } from './cold-text.ts';

const texts = fc.array(
  fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.integer({ min: 0, max: 90_000 }).map((length) => `{"n":"${'x'.repeat(length)}"}`),
    fc.json(),
    // Alike, as objects of one kind are.
    fc
      .record({
        name: fc.string({ maxLength: 12 }),
        uid: fc.uuid(),
        port: fc.nat(65_535),
        paths: fc.array(fc.webPath()),
      })
      .map(({ name, ...rest }) => JSON.stringify({ kind: 'Rule', metadata: { name, labels: { name } }, spec: rest })),
  ),
  { maxLength: 200 },
);

test('every text is read back', () => {
  fc.assert(
    fc.property(texts, (all) => {
      const cold = new ColdTexts();
      expect(all.map((text) => cold.add(text)).map((item) => item.read())).toEqual(all);
    }),
    { numRuns: 100, seed: 7 },
  );
});
