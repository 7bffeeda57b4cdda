import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonValue } from '../schema/json.ts';
import { humanDuration } from './age.ts';
import { builtInPrinter } from './built-in.ts';
import { customResourcePrinter } from './custom-resource.ts';
import { parseJsonPath, valuesAt } from './json-path.ts';
import { tableOf } from './table.ts';

const now = new Date('2026-01-02T00:00:00Z');

function object(kind: string, rest: Record<string, unknown> = {}): KubernetesObject {
  const metadata = { name: 'x', creationTimestamp: '2026-01-01T23:59:50Z' };
  return { apiVersion: 'v1', kind, metadata, ...rest };
}

function cells(kind: string, rest: Record<string, unknown>): Record<string, JsonValue> {
  const names = BUILT_IN_KINDS.find((each) => each.kind === kind);
  if (names === undefined) throw new Error(kind);
  const printer = builtInPrinter(names);
  const row = printer.cells(object(kind, rest), now);
  return Object.fromEntries(printer.columns.map((column, index) => [column.name, row[index] ?? null]));
}

describe('durations', () => {
  const second = 1000;
  const [minute, hour, day] = [60 * second, 3600 * second, 86_400 * second];
  const cases: readonly [number, string][] = [
    [-5 * second, '<invalid>'],
    [-1 * second, '0s'],
    [0, '0s'],
    [119 * second, '119s'],
    [2 * minute, '2m'],
    [3 * minute + 12 * second, '3m12s'],
    [10 * minute + 5 * second, '10m'],
    [3 * hour, '3h'],
    [7 * hour + 5 * minute, '7h5m'],
    [47 * hour, '47h'],
    [2 * day + 4 * hour, '2d4h'],
    [8 * day + 4 * hour, '8d'],
    [730 * day, '2y'],
    [731 * day, '2y1d'],
    [3000 * day, '8y'],
  ];
  test.each(cases)('%d ms is %s', (milliseconds, want) => expect(humanDuration(milliseconds)).toBe(want));
});

describe('columns of built-in kinds', () => {
  test('Service', () => {
    const ports = [
      { port: 80, protocol: 'TCP' },
      { port: 53, protocol: 'UDP', nodePort: 30_053 },
    ];
    expect(
      cells('Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1', ports, selector: { b: '2', a: '1' } } }),
    ).toEqual({
      Name: 'x',
      Type: 'LoadBalancer',
      'Cluster-IP': '10.0.0.1',
      'External-IP': '<pending>',
      'Port(s)': '80/TCP,53:30053/UDP',
      Age: '10s',
      Selector: 'a=1,b=2',
    });
  });

  test('Ingress', () => {
    const rules = ['a', 'b', 'c', 'd'].map((host) => ({ host }));
    const status = { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'h' }] } };
    expect(cells('Ingress', { spec: { ingressClassName: 'alb', rules, tls: [{}] }, status })).toMatchObject({
      Class: 'alb',
      Hosts: 'a,b,c + 1 more...',
      Address: '192.0.2.1,h',
      Ports: '80, 443',
    });
    expect(cells('Ingress', { spec: {} })).toMatchObject({ Class: '<none>', Hosts: '*', Address: '', Ports: '80' });
  });

  test('EndpointSlice', () => {
    const endpoints = [{ addresses: ['1.1.1.1'] }, { addresses: ['2.2.2.2'] }];
    expect(cells('EndpointSlice', { addressType: 'IPv4', endpoints, ports: [{ port: 80 }] })).toMatchObject({
      AddressType: 'IPv4',
      Ports: '80',
      Endpoints: '1.1.1.1,2.2.2.2',
    });
    expect(cells('EndpointSlice', { addressType: 'IPv4' })).toMatchObject({ Ports: '<unset>', Endpoints: '<unset>' });
  });

  test('Pod, Deployment, Node', () => {
    expect(cells('Pod', { spec: { containers: [{}] }, status: { phase: 'Pending' } })).toMatchObject({
      Ready: '0/1',
      Status: 'Pending',
      Restarts: '0',
    });
    expect(cells('Deployment', { spec: { replicas: 3 }, status: { readyReplicas: 1 } })).toMatchObject({
      Ready: '1/3',
      Available: 0,
    });
    const status = {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [{ type: 'InternalIP', address: '192.0.2.9' }],
    };
    expect(cells('Node', { spec: { unschedulable: true }, status })).toMatchObject({
      Status: 'Ready,SchedulingDisabled',
      Roles: '<none>',
      'Internal-IP': '192.0.2.9',
    });
  });

  test('every kind prints an object that has nothing', () => {
    for (const kind of BUILT_IN_KINDS) {
      const printer = builtInPrinter(kind);
      expect(printer.cells(object(kind.kind), now), kind.kind).toHaveLength(printer.columns.length);
    }
  });
});

describe('columns of custom resources', () => {
  const printer = customResourcePrinter([
    { name: 'Text', type: 'string', jsonPath: '.spec.list[*].a' },
    { name: 'Number', type: 'integer', jsonPath: '.spec.n' },
    { name: 'When', type: 'date', jsonPath: '.spec.when', priority: 1 },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  ]);
  test('values', () => {
    const spec = { list: [{ a: 'x' }, { a: 'y' }], n: 7, when: '2026-01-01T00:00:00Z' };
    const status = {
      conditions: [
        { type: 'Other', status: 'False' },
        { type: 'Ready', status: 'True' },
      ],
    };
    expect(printer.cells(object('X', { spec, status }), now)).toEqual(['x', 'x y', 7, '24h', 'True']);
  });
  test('what is absent or of another type is null', () =>
    expect(printer.cells(object('X', { spec: { n: 'seven' } }), now)).toEqual(['x', null, null, null, null]));
  test('without columns there is the age', () =>
    expect(customResourcePrinter(undefined).columns.map((column) => column.name)).toEqual(['Name', 'Age']));
});

describe('JSONPath', () => {
  const root: JsonValue = {
    a: {
      b: [1, 2, 3],
      'x.y/z': 'dotted',
      c: [
        { k: 'p', v: 1 },
        { k: 'q', v: 2 },
      ],
    },
  };
  const cases: readonly { path: string; want: readonly JsonValue[] }[] = [
    { path: '.a.b[1]', want: [2] },
    { path: '.a.b[-1]', want: [3] },
    { path: '.a.b[*]', want: [1, 2, 3] },
    { path: String.raw`.a.x\.y/z`, want: ['dotted'] },
    { path: ".a['x.y/z']", want: ['dotted'] },
    { path: '{.a.c[?(@.k=="q")].v}', want: [2] },
    { path: '.a.c[?(@.v>1)].k', want: ['q'] },
    { path: '.a.c[?(@.k)].k', want: ['p', 'q'] },
    { path: '..k', want: ['p', 'q'] },
    { path: '.nothing.here', want: [] },
  ];
  for (const c of cases) {
    test(c.path, () => {
      const path = parseJsonPath(c.path);
      expect(path === undefined ? undefined : valuesAt(path, root)).toEqual(c.want);
    });
  }
  test.each(['.a[', '.a[?(b)]', '.a]'])('%s is no path', (path) => expect(parseJsonPath(path)).toBeUndefined());
  test('any text is parsed or refused, never a crash', () => {
    const text = fc.string({
      unit: fc.constantFrom('.', 'a', '[', ']', '*', '0', '?(', ')', '@', '==', '"', "'", '\\', '{', '}'),
    });
    fc.assert(
      fc.property(text, (each) => {
        const path = parseJsonPath(each);
        if (path !== undefined) valuesAt(path, root);
      }),
      { seed: 6, numRuns: 3000 },
    );
  });
});

test('a table carries metadata, the whole object or nothing', () => {
  const printer = customResourcePrinter(undefined);
  const table = (includeObject: 'None' | 'Metadata' | 'Object'): unknown =>
    tableOf(printer, [object('X', { spec: {} })], { includeObject, metadata: { resourceVersion: '7' }, now });
  expect(table('Metadata')).toMatchObject({
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: '7' },
    rows: [{ cells: ['x', '10s'], object: { kind: 'PartialObjectMetadata', metadata: { name: 'x' } } }],
  });
  expect(table('Object')).toHaveProperty('rows[0].object.spec');
  expect(table('None')).not.toHaveProperty('rows[0].object');
});
