import type { Dslx } from '@causeway/apis/gateway/rule';
import type { RouteOrderIR } from '@causeway/ir/gateway';
import { describe, expect, test } from 'vitest';
import { complexity, internalDsl, ruleOrder } from './rule-order.ts';

/** Sorts as RouteOrderIR says. */
function sorted(rules: readonly { name: string; priority: number; dslx: Dslx }[]): readonly string[] {
  return rules
    .map(ruleOrder)
    .sort(compare)
    .map(({ tie }) => tie);
}

function compare(a: RouteOrderIR, b: RouteOrderIR): number {
  if (a.priority !== b.priority) return a.priority - b.priority;
  for (const [index, value] of a.specificity.entries()) {
    const difference = (b.specificity[index] ?? 0) - value;
    if (difference !== 0) return difference;
  }
  return a.tie < b.tie ? -1 : 1;
}

const host = (operator: string, ...operands: string[]): Dslx => [{ type: 'HOST', values: [[operator, ...operands]] }];
const url = (operator: string, operand: string): Dslx => [{ type: 'URL', values: [[operator, operand]] }];

test('ALB-11 priority beats complexity', () => {
  const simple = { name: 'a', dslx: url('STARTS_WITH', '/') };
  const complex = { name: 'b', priority: 5, dslx: [...host('EQ', 'a.com'), ...url('EQ', '/x')] };
  expect(sorted([complex, { ...simple, priority: 4 }])).toEqual(['a', 'b']);
  expect(sorted([complex, { ...simple, priority: 6 }])).toEqual(['b', 'a']);
});

test('ALB-12 exact host, wildcard host, no host; exact path, longer prefix, shorter prefix', () => {
  const rules = [
    { name: 'wildcard', priority: 5, dslx: [...host('ENDS_WITH', '*.app.com'), ...url('STARTS_WITH', '/')] },
    { name: 'host', priority: 5, dslx: [...host('EQ', 'a.app.com'), ...url('STARTS_WITH', '/')] },
    { name: 'path', priority: 5, dslx: url('STARTS_WITH', '/long/path') },
    { name: 'host-path', priority: 5, dslx: [...host('EQ', 'a.app.com'), ...url('STARTS_WITH', '/long')] },
    { name: 'host-exact', priority: 5, dslx: [...host('EQ', 'a.app.com'), ...url('EQ', '/long/x')] },
  ];
  expect(sorted(rules)).toEqual(['host-exact', 'host-path', 'host', 'wildcard', 'path']);
  expect(sorted([...rules].reverse())).toEqual(['host-exact', 'host-path', 'host', 'wildcard', 'path']);
});

test('ALB-13 ties go to the smaller name', () => {
  const rules = ['r-b', 'r-a'].map((name) => ({ name, priority: 5, dslx: url('EQ', '/') }));
  expect(sorted(rules)).toEqual(['r-a', 'r-b']);
});

describe('ALB-12 weight of a term', () => {
  const cases: readonly { name: string; dslx: Dslx; want: number }[] = [
    { name: 'nothing', dslx: [], want: 0 },
    { name: 'HOST EQ', dslx: host('EQ', 'a.com'), want: 50_000 },
    { name: 'HOST IN', dslx: host('IN', 'a.com', 'b.com'), want: 50_000 },
    { name: 'HOST ENDS_WITH', dslx: host('ENDS_WITH', '*.com'), want: 10_000 },
    {
      name: 'HOST, only the first row counts',
      dslx: [
        {
          type: 'HOST',
          values: [
            ['REGEX', '.'],
            ['EQ', 'a'],
          ],
        },
      ],
      want: 0,
    },
    { name: 'URL EQ', dslx: url('EQ', '/a/long/path'), want: 2000 },
    { name: 'URL STARTS_WITH counts bytes', dslx: url('STARTS_WITH', '/é'), want: 1005 },
    { name: 'URL REGEX', dslx: url('REGEX', '^/a'), want: 1003 },
    { name: 'URL IN', dslx: url('IN', '/a'), want: 0 },
    {
      name: 'URL, rows add up',
      dslx: [
        {
          type: 'URL',
          values: [
            ['EQ', '/a'],
            ['STARTS_WITH', '/b'],
          ],
        },
      ],
      want: 3004,
    },
    { name: 'others, per row', dslx: [{ type: 'HEADER', key: 'a', values: [['EXIST'], ['EQ', 'b']] }], want: 200 },
  ];
  for (const c of cases) {
    test(c.name, () => expect(complexity(c.dslx)).toBe(c.want));
  }
});

describe('data-plane form (spec ALB 3.4)', () => {
  const cases: readonly { name: string; dslx: Dslx; want: string }[] = [
    { name: 'no term', dslx: [], want: '[]' },
    { name: 'one term, one row', dslx: url('EQ', '/a'), want: '["EQ","URL","/a"]' },
    {
      name: 'the documented one',
      dslx: [
        { type: 'METHOD', values: [['EQ', 'POST']] },
        {
          type: 'URL',
          values: [
            ['STARTS_WITH', '/app-a'],
            ['STARTS_WITH', '/app-b'],
          ],
        },
        { type: 'PARAM', key: 'group', values: [['EQ', 'vip']] },
      ],
      want: '["AND",["EQ","METHOD","POST"],["OR",["STARTS_WITH","URL","/app-a"],["STARTS_WITH","URL","/app-b"]],["EQ","PARAM","group","vip"]]',
    },
  ];
  for (const c of cases) {
    test(c.name, () => expect(JSON.stringify(internalDsl(c.dslx))).toBe(c.want));
  }
});
