/** dslx and priority: spec ALB sections 3 and 4. */
import { type BadInput, rule } from './bad-input.ts';

function term(name: string, dslxTerm: unknown, says: string): BadInput {
  return rule(name, { dslx: [dslxTerm] }, says);
}

function rows(type: string, values: unknown, says: string, key?: string): BadInput {
  return term(`${type} ${JSON.stringify(values)}`, key === undefined ? { type, values } : { type, key, values }, says);
}

const ALL = 'x'.repeat(4097);

export const RULE_MATCHES: readonly BadInput[] = [
  rule('no dslx', { dslx: undefined }, 'spec.dslx: Required value: an empty list never matches'),
  rule('empty dslx', { dslx: [] }, 'spec.dslx: Required value: an empty list never matches'),
  rule(
    'dslx is no list',
    { dslx: { type: 'URL' } },
    'spec.dslx: Invalid value: "object": spec.dslx in body must be of type array: "object"',
  ),
  rule(
    'dslx is a text',
    { dslx: '(AND (EQ URL /))' },
    'spec.dslx: Invalid value: "string": spec.dslx in body must be of type array: "string"',
  ),
  rule(
    'the mistake is in the second term',
    {
      dslx: [
        { type: 'URL', values: [['EQ', '/']] },
        { type: 'URL', values: [['EQ']] },
      ],
    },
    'spec.dslx[1].values[0]: Invalid value: EQ takes exactly 1 operand, got 0',
  ),
  term(
    'a term that is no object',
    'URL',
    'spec.dslx[0]: Invalid value: "string": spec.dslx[0] in body must be of type object: "string"',
  ),
  term('a term without type', { values: [['EQ', '/']] }, 'spec.dslx[0].type: Required value'),
  term(
    'unknown type',
    { type: 'BODY', values: [['EQ', '/']] },
    'spec.dslx[0].type: Unsupported value: "BODY": supported values: "HOST", "URL", "METHOD", "HEADER", "PARAM", "COOKIE", "SRC_IP"',
  ),
  term(
    'type in lower case',
    { type: 'url', values: [['EQ', '/']] },
    'spec.dslx[0].type: Unsupported value: "url": supported values: "HOST", "URL", "METHOD", "HEADER", "PARAM", "COOKIE", "SRC_IP"',
  ),
  term(
    'type is a number',
    { type: 1, values: [['EQ', '/']] },
    'spec.dslx[0].type: Invalid value: "integer": spec.dslx[0].type in body must be of type string: "integer"',
  ),
  term('no rows', { type: 'URL' }, 'spec.dslx[0].values: Required value: at least one row'),
  term('empty rows', { type: 'URL', values: [] }, 'spec.dslx[0].values: Required value: at least one row'),
  term(
    'rows are a text',
    { type: 'URL', values: 'EQ /' },
    'spec.dslx[0].values: Invalid value: "string": spec.dslx[0].values in body must be of type array: "string"',
  ),
  term(
    'one row instead of a list of rows',
    { type: 'URL', values: ['EQ', '/'] },
    'spec.dslx[0].values[0]: Invalid value: "string": spec.dslx[0].values[0] in body must be of type array: "string"',
  ),
  term(
    'an operand that is a number',
    { type: 'PARAM', key: 'a', values: [['EQ', 1]] },
    'spec.dslx[0].values[0][1]: Invalid value: "integer": spec.dslx[0].values[0][1] in body must be of type string: "integer"',
  ),
  term(
    'an operand that is null',
    { type: 'PARAM', key: 'a', values: [['EQ', null]] },
    'spec.dslx[0].values[0][1]: Invalid value: "null": spec.dslx[0].values[0][1] in body must be of type string: "null"',
  ),
  term('key on URL', { type: 'URL', key: 'x', values: [['EQ', '/']] }, 'spec.dslx[0].key: Forbidden: URL takes no key'),
  term(
    'key on HOST',
    { type: 'HOST', key: 'x', values: [['EQ', 'a.com']] },
    'spec.dslx[0].key: Forbidden: HOST takes no key',
  ),
  term(
    'key on METHOD',
    { type: 'METHOD', key: 'x', values: [['EQ', 'GET']] },
    'spec.dslx[0].key: Forbidden: METHOD takes no key',
  ),
  term(
    'key on SRC_IP',
    { type: 'SRC_IP', key: 'x', values: [['EQ', '10.0.0.1']] },
    'spec.dslx[0].key: Forbidden: SRC_IP takes no key',
  ),
  term(
    'no key on HEADER',
    { type: 'HEADER', values: [['EQ', 'x']] },
    'spec.dslx[0].key: Required value: HEADER needs a key',
  ),
  term(
    'empty key on HEADER',
    { type: 'HEADER', key: '', values: [['EQ', 'x']] },
    'spec.dslx[0].key: Required value: HEADER needs a key',
  ),
  term(
    'no key on PARAM',
    { type: 'PARAM', values: [['EXIST']] },
    'spec.dslx[0].key: Required value: PARAM needs a key',
  ),
  term(
    'no key on COOKIE',
    { type: 'COOKIE', values: [['EXIST']] },
    'spec.dslx[0].key: Required value: COOKIE needs a key',
  ),
  term(
    'key is a number',
    { type: 'PARAM', key: 1, values: [['EXIST']] },
    'spec.dslx[0].key: Invalid value: "integer": spec.dslx[0].key in body must be of type string: "integer"',
  ),
  rows(
    'URL',
    [['LIKE', '/']],
    'spec.dslx[0].values[0][0]: Unsupported value: "LIKE": supported values: "EQ", "IN", "STARTS_WITH", "ENDS_WITH", "REGEX", "RANGE", "EXIST"',
  ),
  rows(
    'URL',
    [['eq', '/']],
    'spec.dslx[0].values[0][0]: Unsupported value: "eq": supported values: "EQ", "IN", "STARTS_WITH", "ENDS_WITH", "REGEX", "RANGE", "EXIST"',
  ),
  rows(
    'URL',
    [['']],
    'spec.dslx[0].values[0][0]: Unsupported value: "": supported values: "EQ", "IN", "STARTS_WITH", "ENDS_WITH", "REGEX", "RANGE", "EXIST"',
  ),
  rows('URL', [[]], 'spec.dslx[0].values[0]: Required value: a row is an operator and its operands'),
  rows('URL', [['EQ', '/'], []], 'spec.dslx[0].values[1]: Required value: a row is an operator and its operands'),
  rows(
    'URL',
    [['NOT', '/']],
    'spec.dslx[0].values[0][0]: Unsupported value: "NOT": supported values: "EQ", "IN", "STARTS_WITH", "ENDS_WITH", "REGEX", "RANGE", "EXIST"',
  ),
  rows('HOST', [['RANGE', 'a', 'b']], 'spec.dslx[0].values[0][0]: Invalid value: "RANGE": not usable with HOST'),
  rows('HOST', [['EXIST']], 'spec.dslx[0].values[0][0]: Invalid value: "EXIST": not usable with HOST'),
  rows('URL', [['RANGE', '/a', '/b']], 'spec.dslx[0].values[0][0]: Invalid value: "RANGE": not usable with URL'),
  rows('URL', [['EXIST']], 'spec.dslx[0].values[0][0]: Invalid value: "EXIST": not usable with URL'),
  rows(
    'METHOD',
    [['STARTS_WITH', 'G']],
    'spec.dslx[0].values[0][0]: Invalid value: "STARTS_WITH": not usable with METHOD',
  ),
  rows('METHOD', [['ENDS_WITH', 'T']], 'spec.dslx[0].values[0][0]: Invalid value: "ENDS_WITH": not usable with METHOD'),
  rows('METHOD', [['RANGE', 'A', 'Z']], 'spec.dslx[0].values[0][0]: Invalid value: "RANGE": not usable with METHOD'),
  rows('METHOD', [['EXIST']], 'spec.dslx[0].values[0][0]: Invalid value: "EXIST": not usable with METHOD'),
  rows(
    'SRC_IP',
    [['ENDS_WITH', '.1']],
    'spec.dslx[0].values[0][0]: Invalid value: "ENDS_WITH": not usable with SRC_IP',
  ),
  rows('SRC_IP', [['EXIST']], 'spec.dslx[0].values[0][0]: Invalid value: "EXIST": not usable with SRC_IP'),
  rows('URL', [['EQ']], 'spec.dslx[0].values[0]: Invalid value: EQ takes exactly 1 operand, got 0'),
  rows('URL', [['EQ', '/a', '/b']], 'spec.dslx[0].values[0]: Invalid value: EQ takes exactly 1 operand, got 2'),
  rows('HOST', [['IN']], 'spec.dslx[0].values[0]: Invalid value: IN takes at least 1 operand, got 0'),
  rows('URL', [['STARTS_WITH']], 'spec.dslx[0].values[0]: Invalid value: STARTS_WITH takes exactly 1 operand, got 0'),
  rows(
    'URL',
    [['STARTS_WITH', '/a', '/b']],
    'spec.dslx[0].values[0]: Invalid value: STARTS_WITH takes exactly 1 operand, got 2',
  ),
  rows('HOST', [['ENDS_WITH']], 'spec.dslx[0].values[0]: Invalid value: ENDS_WITH takes exactly 1 operand, got 0'),
  rows(
    'HOST',
    [['ENDS_WITH', '.a.com', '.b.com']],
    'spec.dslx[0].values[0]: Invalid value: ENDS_WITH takes exactly 1 operand, got 2',
  ),
  rows('URL', [['REGEX']], 'spec.dslx[0].values[0]: Invalid value: REGEX takes exactly 1 operand, got 0'),
  rows('URL', [['REGEX', 'a', 'b']], 'spec.dslx[0].values[0]: Invalid value: REGEX takes exactly 1 operand, got 2'),
  rows(
    'SRC_IP',
    [['RANGE', '1.1.1.1']],
    'spec.dslx[0].values[0]: Invalid value: RANGE takes exactly 2 operands, got 1',
  ),
  rows(
    'SRC_IP',
    [['RANGE', '1.1.1.1', '1.1.1.2', '1.1.1.3']],
    'spec.dslx[0].values[0]: Invalid value: RANGE takes exactly 2 operands, got 3',
  ),
  rows(
    'COOKIE',
    [['EXIST', 'x']],
    'spec.dslx[0].values[0]: Invalid value: EXIST takes exactly 0 operands, got 1',
    'uid',
  ),
  rows(
    'HEADER',
    [
      ['EQ', 'a'],
      ['RANGE', 'a'],
    ],
    'spec.dslx[0].values[1]: Invalid value: RANGE takes exactly 2 operands, got 1',
    'x',
  ),
  rows(
    'SRC_IP',
    [['RANGE', '10.0.0.9', '10.0.0.1']],
    'spec.dslx[0].values[0]: Invalid value: range start above end: 10.0.0.9 > 10.0.0.1',
  ),
  rows(
    'SRC_IP',
    [['RANGE', '10.0.1.0', '10.0.0.255']],
    'spec.dslx[0].values[0]: Invalid value: range start above end: 10.0.1.0 > 10.0.0.255',
  ),
  rows(
    'SRC_IP',
    [['RANGE', '2001:db8::ff', '2001:db8::1']],
    'spec.dslx[0].values[0]: Invalid value: range start above end: 2001:db8::ff > 2001:db8::1',
  ),
  rows(
    'SRC_IP',
    [['RANGE', '[2001:db8::a]', '[2001:db8::9]']],
    'spec.dslx[0].values[0]: Invalid value: range start above end: [2001:db8::a] > [2001:db8::9]',
  ),
  rows('HEADER', [['RANGE', 'b', 'a']], 'spec.dslx[0].values[0]: Invalid value: range start above end: b > a', 'x'),
  rows(
    'URL',
    [['REGEX', '(']],
    'spec.dslx[0].values[0][1]: Invalid value: "(": error parsing regexp: missing closing ): `(`',
  ),
  rows(
    'URL',
    [['REGEX', ')']],
    'spec.dslx[0].values[0][1]: Invalid value: ")": error parsing regexp: unexpected ): `)`',
  ),
  rows(
    'URL',
    [['REGEX', '[a']],
    'spec.dslx[0].values[0][1]: Invalid value: "[a": error parsing regexp: missing closing ]: `[a`',
  ),
  rows(
    'URL',
    [['REGEX', '[z-a]']],
    'spec.dslx[0].values[0][1]: Invalid value: "[z-a]": error parsing regexp: invalid character class range: `z-a`',
  ),
  rows(
    'URL',
    [['REGEX', '*']],
    'spec.dslx[0].values[0][1]: Invalid value: "*": error parsing regexp: missing argument to repetition operator: `*`',
  ),
  rows(
    'URL',
    [['REGEX', 'a\\']],
    'spec.dslx[0].values[0][1]: Invalid value: "a\\\\": error parsing regexp: trailing backslash at end of expression',
  ),
  rows(
    'URL',
    [['REGEX', '(?P<n>a']],
    'spec.dslx[0].values[0][1]: Invalid value: "(?P<n>a": error parsing regexp: missing closing ): `(?P<n>a`',
  ),
  rows(
    'URL',
    [['REGEX', 'a{2,1}']],
    'spec.dslx[0].values[0][1]: Invalid value: "a{2,1}": error parsing regexp: invalid repeat count: `{2,1}`',
  ),
  rows(
    'URL',
    [['REGEX', '(?<=a']],
    'spec.dslx[0].values[0][1]: Invalid value: "(?<=a": error parsing regexp: invalid named capture: `(?<=a`',
  ),
  term(
    'an expression of 4,097 characters',
    { type: 'URL', values: [['REGEX', ALL]] },
    'must have at most 4096 characters',
  ),
  rule(
    'priority below -100',
    { priority: -101 },
    'spec.priority: Invalid value: -101: spec.priority in body should be greater than or equal to -100',
  ),
  rule(
    'priority above 1000',
    { priority: 1001 },
    'spec.priority: Invalid value: 1001: spec.priority in body should be less than or equal to 1000',
  ),
  rule(
    'priority with a fraction',
    { priority: 1.5 },
    'spec.priority: Invalid value: "number": spec.priority in body must be of type integer: "number"',
  ),
  rule(
    'priority is a text',
    { priority: '5' },
    'spec.priority: Invalid value: "string": spec.priority in body must be of type integer: "string"',
  ),
];
