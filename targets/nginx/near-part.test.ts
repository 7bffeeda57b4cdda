import type { AffinityIR, EndpointIR, EndpointSetIR, NearnessIR, PlaceIR } from '@causeway/ir/gateway';
import { describe, expect, test } from 'vitest';
import { forwardGroup, renderGroup } from './group-record.ts';
import { forward } from './testing/fragments.ts';

const PLACE: PlaceIR = { kind: 'place', id: 'n1', zone: 'a' };
const FORCED: NearnessIR = { scope: 'zone', fewest: 1, fewestNear: 1 };
const BALANCED: NearnessIR = { scope: 'zone', fewest: 1 };
const LATENCY: AffinityIR = { type: 'ewma' };

/** An endpoint for each: its zone, `''` for none. */
function setOf(zones: readonly string[], nearness?: NearnessIR): EndpointSetIR {
  const endpoints = zones.map(
    (zone, index): EndpointIR => ({ address: `10.0.0.${index + 1}`, port: 80, ...(zone !== '' && { zone }) }),
  );
  return { kind: 'endpointSet', id: 's/s:80', endpoints, ...(nearness && { nearness }) };
}

interface Asked {
  /** Of the route. */
  readonly nearness?: NearnessIR;
  readonly affinity?: AffinityIR;
  readonly panicPercent?: number;
  readonly place?: PlaceIR | undefined;
  readonly unwell?: readonly string[];
}

/** Weights by the last number of the address, in the order of the peers. */
function weightsOf(set: EndpointSetIR, { place = PLACE, unwell = [], ...asked }: Asked = {}): string {
  const { peers } = renderGroup(forwardGroup(forward(['s/s:80'], asked)), () => set, {
    place,
    isWell: ({ address }) => !unwell.includes(address),
  });
  return peers.map(({ address, weight }) => `${address.slice('10.0.0.'.length)}:${weight}`).join(' ');
}

describe('near endpoints', () => {
  const cases: readonly {
    readonly name: string;
    readonly set: EndpointSetIR;
    readonly asked?: Asked;
    readonly want: string;
  }[] = [
    { name: 'have all requests, and the others stand by', set: setOf(['b', 'a', 'a'], FORCED), want: '2:1 3:1 1:0' },
    { name: 'none is near', set: setOf(['b', 'c'], FORCED), want: '1:1 2:1' },
    { name: 'all are near', set: setOf(['a', 'a'], FORCED), want: '1:1 2:1' },
    {
      name: 'without a zone of the data plane',
      set: setOf(['b', 'a'], FORCED),
      asked: { place: { kind: 'place', id: 'n1' } },
      want: '1:1 2:1',
    },
    { name: 'nobody asks for it', set: setOf(['b', 'a']), want: '1:1 2:1' },
    {
      name: 'what a route says comes first',
      set: setOf(['b', 'a'], FORCED),
      asked: { nearness: { ...FORCED, fewest: 3 } },
      want: '1:1 2:1',
    },
    {
      name: 'those that are not well do not count',
      set: setOf(['b', 'a', 'a'], FORCED),
      asked: { unwell: ['10.0.0.2'] },
      want: '3:1 1:0',
    },
    {
      name: 'no well one is near',
      set: setOf(['b', 'a', 'b'], FORCED),
      asked: { unwell: ['10.0.0.2'] },
      want: '1:1 3:1',
    },
    {
      name: 'too few are well in all',
      set: setOf(['b', 'a', 'c'], { ...FORCED, fewest: 3 }),
      asked: { unwell: ['10.0.0.1'] },
      want: '2:1 3:1',
    },
    {
      name: 'where too few are well all are used, near or not',
      set: setOf(['b', 'a', 'c'], FORCED),
      asked: { unwell: ['10.0.0.1', '10.0.0.3'], panicPercent: 50 },
      want: '1:1 2:1 3:1',
    },
    {
      name: 'too few are near to have all: each endpoint an equal part',
      set: setOf(['a', 'b', 'b'], { ...FORCED, fewestNear: 2 }),
      want: '1:667 2:167 3:167',
    },
    {
      name: 'balanced: a zone with more than its part keeps its requests',
      set: setOf(['a', 'a', 'b'], BALANCED),
      want: '1:1 2:1 3:0',
    },
    {
      name: 'balanced: one with less keeps what its endpoints can take',
      set: setOf(['a', 'b', 'b', 'b'], BALANCED),
      want: '1:500 2:167 3:167 4:167',
    },
    { name: 'a part of the requests only', set: setOf(['a', 'b'], { ...FORCED, percent: 50 }), want: '1:3 2:1' },
    { name: 'of no requests', set: setOf(['a', 'b'], { ...FORCED, percent: 0 }), want: '1:1 2:1' },
    {
      name: 'choice by latency: all requests',
      set: setOf(['b', 'a'], FORCED),
      asked: { affinity: LATENCY },
      want: '2:1 1:0',
    },
    {
      name: 'choice by latency: not a part of them',
      set: setOf(['a', 'b', 'b'], BALANCED),
      asked: { affinity: LATENCY },
      want: '1:1 2:1 3:1',
    },
    {
      name: 'requests that are tied to endpoints',
      set: setOf(['b', 'a'], FORCED),
      asked: { affinity: { type: 'sourceAddress' } },
      want: '1:1 2:1',
    },
  ];
  for (const { name, set, asked, want } of cases) test(name, () => expect(weightsOf(set, asked)).toBe(want));

  test('by hints, and on the machine before the zone', () => {
    const nearness: NearnessIR = { ...FORCED, scope: 'node' };
    const { endpoints } = setOf(['a', 'a', 'b']);
    const withFields = (...fields: readonly Partial<EndpointIR>[]): EndpointSetIR => ({
      ...setOf([], nearness),
      endpoints: endpoints.map((endpoint, index) => ({ ...endpoint, ...fields[index] })),
    });
    expect(weightsOf(withFields({}, { nearNodes: ['n1'] }))).toBe('2:1 1:0 3:0');
    expect(weightsOf(withFields({}, { nearNodes: ['n2'] }))).toBe('1:1 2:1 3:0');
    expect(weightsOf(withFields({ nearZones: ['b'] }, { nearZones: ['b'] }, { nearZones: ['a'] }))).toBe('3:1 1:0 2:0');
  });

  test('backends keep their shares', () => {
    const backends = ['s/x:80', 's/y:80'].map((id, index) => ({
      ...{ weight: [30, 70][index] ?? 0, protocol: 'http' as const, filters: [] },
      target: { type: 'endpoints' as const, id },
    }));
    const zones: Readonly<Record<string, EndpointSetIR>> = {
      's/x:80': setOf(['a', 'b'], FORCED),
      's/y:80': { ...setOf([]), endpoints: [{ address: '10.0.0.9', port: 80, zone: 'b' }] },
    };
    const { peers } = renderGroup(forwardGroup(forward([], { backends })), (id) => zones[id], { place: PLACE });
    expect(peers.map(({ address, weight }) => [address, weight])).toEqual([
      ['10.0.0.1', 3],
      ['10.0.0.9', 7],
      ['10.0.0.2', 0],
    ]);
  });
});
