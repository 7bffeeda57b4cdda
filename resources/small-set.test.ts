import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SmallSet } from './small-set.ts';

/** More than are held in a list. */
const elements = [...'abcdefghijkl', ''];
const step = fc.record({ add: fc.boolean(), element: fc.constantFrom(...elements) });
const steps = fc.array(step, { maxLength: 60, size: 'max' });

test('has what a Set has', () => {
  fc.assert(
    fc.property(steps, (all) => {
      const small = new SmallSet();
      const set = new Set<string>();
      for (const { add, element } of all) {
        if (add) expect(small.add(element)).toBe(!set.has(element));
        if (add) set.add(element);
        else {
          small.delete(element);
          set.delete(element);
        }
        expect([...small].sort()).toEqual([...set].sort());
        expect(small.isEmpty).toBe(set.size === 0);
      }
    }),
    { seed: 1 },
  );
});
