import { describe, expect, test } from 'vitest';
import { parseLogCondition } from './log-condition.ts';
import { parseLogText } from './log-format.ts';

describe('formats of lines of the access log', () => {
  test.each([
    ['plain', ['plain']],
    ['100%%', ['100%']],
    ['[%PROTOCOL%]', ['[', { values: ['protocol'] }, ']']],
    ['%REQ(X-A?:PATH):10%', [{ values: ['request:x-a', 'target'], length: 10 }]],
    ['%RESP(X-B)%%BYTES_SENT%', [{ values: ['response:x-b'] }, { values: ['bytesSent'] }]],
    ['%UPSTREAM_CLUSTER%', [{ values: [] }]],
    ['%WHAT%', '%WHAT%: the operator is not known'],
    ['%START_TIME(%s)%', '%START_TIME(%s)%: only without an argument'],
    ['%REQ(COOKIE)%', '%REQ(COOKIE)%: header cookie is told to nobody'],
    ['%REQ(a b)%', '%REQ(a b)%: no name of a header'],
    ['50%', 'no operator begins with "%"'],
  ])('%s', (format, want) => expect(parseLogText(format)).toEqual(want));
});

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
