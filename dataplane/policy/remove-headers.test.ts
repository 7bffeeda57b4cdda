import { expect, test } from 'vitest';
import { compileHeaderNames, isRemoved } from './remove-headers.ts';

test('GW-42 headers by the form of their names, but none that messages need', () => {
  const tests = compileHeaderNames([
    { op: 'equal', value: 'X-One' },
    { op: 'prefix', value: 'X-Int-' },
    { op: 'suffix', value: '-Secret' },
    { op: 'regex', pattern: '^x-[0-9]+$' },
    { op: 'prefix', value: 'co' },
  ]);
  const names = ['x-one', 'X-ONE', 'x-one-more', 'x-int-a', 'x-in', 'a-secret', 'secret', 'x-12', 'x-1a'];
  expect(names.filter((name) => isRemoved(tests, name))).toEqual(['x-one', 'X-ONE', 'x-int-a', 'a-secret', 'x-12']);
  expect(['Connection', 'Content-Length', 'cookie'].filter((name) => isRemoved(tests, name))).toEqual(['cookie']);
});
