import { expect, test } from 'vitest';
import { negotiate, statusFormat } from './negotiation.ts';

test.each(['constructor', 'toString', '__proto__', 'text/html'])('%s is no media type that we have', (accept) => {
  expect(() => negotiate(accept, true)).toThrow('only the following media types are accepted');
  expect(statusFormat(accept)).toBe('json');
});
