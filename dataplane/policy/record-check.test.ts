import { describe, expect, test } from 'vitest';
import type { RouteRecord } from './record.ts';
import { lineProblem } from './record-check.ts';

const route: RouteRecord = {
  type: 'route',
  id: 'r',
  ports: ['80'],
  match: [{ subject: 'path', tests: [{ op: 'in', values: ['/'] }] }],
  priority: 5,
  specificity: [1],
  tie: 'r',
  action: { type: 'respond', status: 404 },
  name: 'r',
  sourceType: '',
  sourceNamespace: '',
  sourceName: '',
};

describe('lines', () => {
  const cases: { name: string; line: unknown; want: RegExp | undefined }[] = [
    { name: 'begin', line: { op: 'begin', full: false }, want: undefined },
    { name: 'commit', line: { op: 'commit', version: 3 }, want: undefined },
    { name: 'delete', line: { op: 'delete', type: 'route', id: 'r' }, want: undefined },
    { name: 'a route', line: { op: 'put', record: route }, want: undefined },
    { name: 'text', line: 'begin', want: /not an object/ },
    { name: 'null', line: null, want: /not an object/ },
    { name: 'unknown', line: { op: 'undo' }, want: /undo/ },
    { name: 'commit without version', line: { op: 'commit' }, want: /version/ },
    {
      name: 'null instead of a field',
      line: { op: 'put', record: { ...route, match: null } },
      want: /route r: field match/,
    },
    { name: 'unknown record', line: { op: 'put', record: { type: 'rule', id: 'x' } }, want: /unknown record rule x/ },
    {
      name: 'unknown test',
      line: { op: 'put', record: { ...route, match: [{ subject: 'path', tests: [{ op: 'not' }] }] } },
      want: /unknown test not/,
    },
    {
      name: 'unknown action',
      line: { op: 'put', record: { ...route, action: { type: 'drop' } } },
      want: /unknown action drop/,
    },
    { name: 'a number among texts', line: { op: 'put', record: { ...route, ports: [80] } }, want: /ports/ },
    {
      name: 'a peer with a weight below 0',
      line: {
        op: 'put',
        record: {
          type: 'group',
          id: 'g',
          peers: [{ address: '1.1.1.1', port: 1, weight: -1 }],
          emptyStatus: 500,
          emptyReason: '',
        },
      },
      want: /weight/,
    },
  ];
  for (const { name, line, want } of cases) {
    test(name, () =>
      want === undefined ? expect(lineProblem(line)).toBeUndefined() : expect(lineProblem(line)).toMatch(want),
    );
  }
});
