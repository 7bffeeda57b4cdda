import { describe, expect, test } from 'vitest';
import { warningHeaders } from './warnings.ts';

describe('values of the header warning', () => {
  test.each([
    { name: 'none', texts: [], want: [] },
    { name: 'quotes and backslashes are escaped', texts: ['a "b" \\c'], want: ['299 - "a \\"b\\" \\\\c"'] },
    { name: 'one line of ASCII', texts: ['a\r\nX-Evil: ü'], want: ['299 - "a X-Evil:  "'] },
    { name: 'twice the same', texts: ['a', 'b', 'a'], want: ['299 - "a"', '299 - "b"'] },
    { name: 'a long one that has room', texts: ['x'.repeat(4000)], want: [`299 - "${'x'.repeat(4000)}"`] },
  ])('$name', ({ texts, want }) => expect(warningHeaders(texts)).toEqual(want));

  test('hundreds of long ones stay below what clients accept, and say how many are missing', () => {
    const headers = warningHeaders(Array.from({ length: 300 }, (_, index) => `${index} ${'x'.repeat(400)}`));
    expect(headers).toHaveLength(17);
    expect(headers[0]).toBe(`299 - "0 ${'x'.repeat(251)}..."`);
    expect(headers[16]).toBe('299 - "284 more warnings"');
  });
});
