import assert from 'node:assert/strict';
import type { CompatibilityCase, Exchange } from './case.ts';

function canary(
  of: readonly string[],
  does: string,
  annotations: Readonly<Record<string, string>>,
  more: Pick<CompatibilityCase, 'requests' | 'check' | 'annotations'>,
): CompatibilityCase {
  const paths = [{ path: '/', service: 'other' }];
  return { of: ['canary', ...of], does, beside: [{ annotations: { canary: 'true', ...annotations }, paths }], ...more };
}

function by(header: string, value: string, backend: string): Exchange {
  return { send: { headers: { [header]: value } }, backend };
}

function shares(least: number, most: number): Pick<CompatibilityCase, 'check'> {
  return {
    check: async (bench, host) => {
      const { other = 0 } = await bench.shares(host, 100);
      assert.ok(other >= least && other <= most, `${other} of 100`);
    },
  };
}

const HEADER = { 'canary-by-header': 'X-Canary' };
const VALUE = { ...HEADER, 'canary-by-header-value': 'yes' };
const PATTERN = { ...HEADER, 'canary-by-header-pattern': '^Do[A-Z][a-z]+y$' };

/** Groups Canary, and of SessionAffinity affinity-canary-behavior. */
export const CANARY: readonly CompatibilityCase[] = [
  canary(['canary-by-header'], 'always and never decide; anything else leaves it to what comes next', HEADER, {
    requests: [
      { backend: 'app' },
      by('x-canary', 'always', 'other'),
      by('x-canary', 'never', 'app'),
      by('x-canary', 'perhaps', 'app'),
    ],
  }),
  {
    of: ['canary'],
    does: 'is not served without an Ingress of the same host and path',
    annotations: { canary: 'true', ...HEADER },
    requests: [{ send: { headers: { 'x-canary': 'always' } }, status: 404 }],
  },
  canary(['canary-by-header-value'], 'takes the place of always and never', VALUE, {
    requests: [
      by('x-canary', 'yes', 'other'),
      by('x-canary', 'always', 'app'),
      by('x-canary', 'never', 'app'),
      by('x-canary', 'no', 'app'),
    ],
  }),
  canary(['canary-by-header-pattern'], 'is a regular expression for the value', PATTERN, {
    requests: [by('x-canary', 'DoCanary', 'other'), by('x-canary', 'Docanary', 'app')],
  }),
  canary(
    ['canary-by-header-pattern'],
    'has no effect beside a value',
    { ...PATTERN, 'canary-by-header-value': 'Do' },
    {
      requests: [by('x-canary', 'DoCanary', 'app'), by('x-canary', 'Do', 'other')],
    },
  ),
  canary(
    ['canary-by-header-pattern'],
    'that is none sends nobody to the canary, whatever the cookie says',
    { ...HEADER, 'canary-by-header-pattern': '[][**da?$&*', 'canary-by-cookie': 'canary' },
    { requests: [{ send: { headers: { 'x-canary': 'DoCanary', cookie: 'canary=always' } }, backend: 'app' }] },
  ),
  canary(
    ['canary-by-cookie'],
    'decides when the header has another value',
    { ...VALUE, 'canary-by-cookie': 'canary' },
    {
      requests: [{ send: { headers: { 'x-canary': 'no', cookie: 'canary=always' } }, backend: 'other' }],
    },
  ),
  canary(
    ['canary-by-cookie'],
    'always and never decide',
    { 'canary-by-cookie': 'canary' },
    {
      requests: [
        by('cookie', 'canary=always', 'other'),
        by('cookie', 'canary=never', 'app'),
        by('cookie', 'canary=x', 'app'),
      ],
    },
  ),
  canary(['canary-weight'], '0: nobody', { 'canary-weight': '0' }, shares(0, 0)),
  canary(['canary-weight'], '100: everybody', { 'canary-weight': '100' }, shares(100, 100)),
  canary(['canary-weight'], '50: about half', { 'canary-weight': '50' }, shares(25, 75)),
  canary(
    ['canary-weight-total'],
    'is what the weight is a share of',
    { 'canary-weight': '1000', 'canary-weight-total': '1000' },
    shares(100, 100),
  ),
  canary(
    ['canary-weight-total'],
    'above the weight: a part of the requests',
    { 'canary-weight': '100', 'canary-weight-total': '200' },
    shares(25, 75),
  ),
  canary(
    ['affinity-canary-behavior', 'affinity'],
    'sticky unless told otherwise: who came to the canary stays there',
    { ...VALUE, 'canary-weight': '1' },
    {
      annotations: { affinity: 'cookie', 'session-cookie-name': 'aff' },
      check: async (bench, host) => {
        const first = await bench.exchange(host, { send: { headers: { 'x-canary': 'yes' } }, backend: 'other' });
        const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
        assert.match(cookie, /^aff=/);
        assert.deepEqual(await bench.shares(host, 50, { send: { headers: { cookie } } }), { other: 50 });
      },
    },
  ),
  canary(
    ['affinity-canary-behavior'],
    'legacy: the weight decides each time, whatever the cookie says',
    { ...VALUE, 'canary-weight': '50', 'affinity-canary-behavior': 'legacy' },
    {
      annotations: { affinity: 'cookie', 'session-cookie-name': 'aff' },
      check: async (bench, host) => {
        const first = await bench.exchange(host, { send: { headers: { 'x-canary': 'yes' } }, backend: 'other' });
        const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
        const { app = 0, other = 0 } = await bench.shares(host, 50, { send: { headers: { cookie } } });
        assert.ok(app > 0 && other > 0, `${app} and ${other}`);
      },
    },
  ),
];
