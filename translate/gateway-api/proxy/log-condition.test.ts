import { describe, expect, test } from 'vitest';
import { parseLogCondition } from './log-condition.ts';

describe('conditions of lines of the access log', () => {
  const code = (operator: string, number: number) => ({ type: 'compare', value: 'status', operator, with: number });
  const header = (name: string) => ({ type: 'present', value: `request:${name}` });
  test.each([
    ['response.code >= 400', code('>=', 400)],
    ['!(response.code == 200)', { type: 'not', of: code('==', 200) }],
    ["'X-A' in request.headers && 'b' in request.headers", { type: 'and', of: [header('x-a'), header('b')] }],
    [
      "response.code<1||request.headers['x-a'] == \"it's\"",
      { type: 'or', of: [code('<', 1), { type: 'compare', value: 'request:x-a', operator: '==', with: "it's" }] },
    ],
    ["request.path.contains('/a')", { type: 'compare', value: 'target', operator: 'contains', with: '/a' }],
    ['size(request.path) > 3', '( is not served'],
    ['request.time > 1', 'request.time is not served'],
    ['response.code >', 'it ends too early'],
    ['response.code == 200 ?', 'not served from " ?" on'],
    ["'a' in request.headers 'b'", "'b' is not served"],
  ])('%s', (expression, want) => expect(parseLogCondition(expression)).toEqual(want));
});
