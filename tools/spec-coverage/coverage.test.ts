import { describe, expect, test } from 'vitest';
import { expandIds, idsOf, missingIds } from './coverage.ts';

test('ids and ranges', () => {
  expect(expandIds(['IN-7', 'ALB-08..ALB-11', 'ALB-09'])).toEqual(['IN-07', 'ALB-08', 'ALB-09', 'ALB-10', 'ALB-11']);
});

describe('what cannot be read is an error', () => {
  for (const text of ['ALB', 'ALB-1..IN-2', 'ALB-3..ALB-1', 'ALB-1...ALB-2', '']) {
    test(JSON.stringify(text), () => expect(() => expandIds([text])).toThrow(RangeError));
  }
});

describe('ids in test names', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['golden > alb-17-tls-annotation', ['ALB-17']],
    ['ALB-1: x, ALB-02', ['ALB-01', 'ALB-02']],
    ['ALB-170', ['ALB-170']],
    ['XALB-17 falb', ['XALB-17']],
    ['nothing', []],
  ];
  for (const [name, want] of cases) {
    test(name, () => expect(idsOf(name)).toEqual(want));
  }
});

test('missing ids, in the order they were asked for', () => {
  expect(missingIds(['ALB-02', 'ALB-01', 'ALB-03'], ['x > ALB-01', 'alb-3-y'])).toEqual(['ALB-02']);
});
