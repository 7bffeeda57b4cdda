import { expect, test } from 'vitest';
import { parseBody } from './body.ts';

const TAGS = [
  { name: 'base64 is the text that it stands for', yaml: 'a: !!binary aGk=', value: { a: 'hi' } },
  { name: 'base64 over lines', yaml: 'a: !!binary |\n  aG\n  k=\n', value: { a: 'hi' } },
  { name: 'a time is a text', yaml: 'a: !!timestamp 2001-01-01', value: { a: '2001-01-01' } },
  { name: 'a set is a map without values', yaml: 'a: !!set {x, y}', value: { a: { x: null, y: null } } },
  { name: 'an ordered map is a list', yaml: 'a: !!omap [x: 1]', value: { a: [{ x: 1 }] } },
  { name: 'a tag of nobody', yaml: 'a: !mine x', value: { a: 'x' } },
];

for (const { name, yaml, value } of TAGS) {
  test(`YAML becomes JSON: ${name}`, () => {
    expect(parseBody(yaml, true).value).toEqual(value);
  });
}

test('base64 that is none is refused', () => {
  expect(() => parseBody('a: !!binary x - -1', true)).toThrow('!!binary value contains invalid base64 data');
});
