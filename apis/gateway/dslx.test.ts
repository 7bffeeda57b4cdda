import { describe, expect, test } from 'vitest';
import { checkDslx } from './dslx.ts';
import type { DslxTerm } from './rule.ts';

const host: DslxTerm = { type: 'HOST', values: [['EQ', 'a.com']] };

describe('checkDslx (ALB spec 3.4)', () => {
  const cases: { name: string; dslx: DslxTerm[]; want: string[] }[] = [
    { name: 'good', dslx: [host, { type: 'COOKIE', key: 'uid', values: [['EXIST'], ['IN', 'a', 'b']] }], want: [] },
    { name: 'empty list', dslx: [], want: [': Required value: an empty list never matches'] },
    {
      name: 'unknown type',
      dslx: [{ type: 'PATH' as 'URL', values: [['EQ', '/']] }],
      want: [
        '[0].type: Unsupported value: "PATH": supported values: "HOST", "URL", "METHOD", "HEADER", "PARAM", "COOKIE", "SRC_IP"',
      ],
    },
    {
      name: 'unknown operator',
      dslx: [
        host,
        {
          type: 'URL',
          values: [
            ['EQ', '/a'],
            ['LIKE', '/b'],
          ],
        },
      ],
      want: [
        '[1].values[1][0]: Unsupported value: "LIKE": supported values: "EQ", "IN", "STARTS_WITH", "ENDS_WITH", "REGEX", "RANGE", "EXIST"',
      ],
    },
    {
      name: 'operator of another type',
      dslx: [{ type: 'HOST', values: [['EXIST']] }],
      want: ['[0].values[0][0]: Invalid value: "EXIST": not usable with HOST'],
    },
    {
      name: 'too many operands',
      dslx: [{ type: 'URL', values: [['EQ', '/a', '/b']] }],
      want: ['[0].values[0]: Invalid value: EQ takes exactly 1 operand, got 2'],
    },
    {
      name: 'empty row',
      dslx: [{ type: 'URL', values: [[]] }],
      want: ['[0].values[0]: Required value: a row is an operator and its operands'],
    },
    { name: 'no rows', dslx: [{ type: 'URL', values: [] }], want: ['[0].values: Required value: at least one row'] },
    {
      name: 'key missing',
      dslx: [{ type: 'HEADER', values: [['EXIST']] }],
      want: ['[0].key: Required value: HEADER needs a key'],
    },
    {
      name: 'key too many',
      dslx: [{ type: 'HOST', key: 'x', values: [['EQ', 'a']] }],
      want: ['[0].key: Forbidden: HOST takes no key'],
    },
    {
      name: 'ALB-10 range upside down',
      dslx: [{ type: 'SRC_IP', values: [['RANGE', '10.0.0.9', '10.0.0.1']] }],
      want: ['[0].values[0]: Invalid value: range start above end: 10.0.0.9 > 10.0.0.1'],
    },
    { name: 'numeric range', dslx: [{ type: 'SRC_IP', values: [['RANGE', '10.0.0.9', '10.0.0.10']] }], want: [] },
  ];
  for (const c of cases) {
    test(c.name, () => expect(checkDslx(c.dslx).map((m) => `${m.field}: ${m.message}`)).toEqual(c.want));
  }

  test('regex that does not compile is an error, one that needs backtracking a warning', () => {
    const severity = (pattern: string) =>
      checkDslx([{ type: 'URL', values: [['REGEX', pattern]] }]).map((m) => m.severity);
    expect(severity('^/v[0-9]+/')).toEqual([]);
    expect(severity('^/(?!admin)')).toEqual(['warning']);
    expect(severity('(?>a+)b')).toEqual(['warning']);
    expect(severity('(')).toEqual(['error']);
  });

  test('what no request can have is a warning', () => {
    const warnings = (type: DslxTerm['type'], ...row: string[]) =>
      checkDslx([{ type, values: [row] }]).map((m) => `${m.severity} ${m.field}: ${m.message}`);
    expect(warnings('HOST', 'IN', 'a.com', 'b.com:80')).toEqual([
      'warning [0].values[0][2]: "b.com:80" is no host name, which has no port; ENDS_WITH takes wildcards',
    ]);
    expect(warnings('URL', 'EQ', 'x')).toEqual(['warning [0].values[0][1]: "x" is no path: paths begin with /']);
    expect(warnings('METHOD', 'EQ', 'get')).toEqual([
      'warning [0].values[0][1]: "get" is no method: they are sent in upper case',
    ]);
    expect(warnings('SRC_IP', 'EQ', '10.0.0.0/8')).toEqual([
      'warning [0].values[0][1]: "10.0.0.0/8" is no address; RANGE takes the ends of a network',
    ]);
    expect(warnings('SRC_IP', 'IN', '10.0.0.1', '[::1]')).toEqual([]);
  });
});
