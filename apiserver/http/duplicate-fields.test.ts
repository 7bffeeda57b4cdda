import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../schema/json.ts';
import { duplicateFields, outlineOf } from './duplicate-fields.ts';

function repeatedIn(text: string): readonly string[] {
  return duplicateFields(text, JSON.parse(text), outlineOf(text).fields);
}

describe('duplicate fields', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['{"a":1,"b":[{"a":1},{"a":1}],"c":{"a":1}}', []],
    ['{"a":1,"a":2,"a":3}', ['a']],
    ['{"spec":{"ports":[{"x":1},{"port":1, "port" : 2}],"ports":[]}}', ['spec.ports[1].port', 'spec.ports']],
    ['[{"a":1},{"op":1,"op":2}]', ['[1].op']],
    [String.raw`{"a\"":"x: {","a\\":",","\u0061":1,"a":[":",":"]}`, ['a']],
    ['{"a":{"":1,"":2}}', ['a.']],
    ['"a:b"', []],
    ['{}', []],
  ];
  test.each(cases)('%s', (text, want) => expect(repeatedIn(text)).toEqual(want));

  test('what JSON.stringify writes has none', () => {
    const noneIn = (value: JsonValue): boolean => {
      const text = JSON.stringify(value, null, value === null ? 0 : 1);
      return repeatedIn(text).length === 0;
    };
    fc.assert(
      fc.property(fc.jsonValue(), (value) => noneIn(JSON.parse(JSON.stringify(value)))),
      { seed: 5, numRuns: 500 },
    );
  });

  test.each([
    ['1', 0],
    ['{}', 1],
    ['{"a":[{"b":"}}}[[["},{}]}', 3],
  ])('%s is so deep', (text, depth) => expect(outlineOf(text).depth).toBe(depth));

  test('depth does not matter', () => {
    const text = `${'{"a":'.repeat(5000)}{"b":1,"b":2}${'}'.repeat(5000)}`;
    expect(repeatedIn(text)).toHaveLength(1);
  });
});
