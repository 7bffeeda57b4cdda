import { expect, test } from 'vitest';
import { clientOf } from './client-address.ts';

const TRUSTED = ['10.0.0.0/8', '2001:db8::/32'];
const cases = [
  {
    name: 'nobody is trusted',
    trusted: [],
    peer: '10.0.0.1',
    headers: { 'x-real-ip': '9.9.9.9' },
    want: ['10.0.0.1', 'peer'],
  },
  {
    name: 'the peer is not trusted',
    peer: '11.0.0.1',
    headers: { 'x-real-ip': '9.9.9.9' },
    want: ['11.0.0.1', 'peer'],
  },
  {
    name: 'X-Real-IP before X-Forwarded-For',
    peer: '10.0.0.1',
    headers: { 'x-real-ip': '9.9.9.9', 'x-forwarded-for': '8.8.8.8' },
    want: ['9.9.9.9', 'X-Real-IP'],
  },
  {
    name: 'the first from the right that is not trusted',
    peer: '10.0.0.1',
    headers: { 'x-forwarded-for': '7.7.7.7, 8.8.8.8, 10.0.0.2' },
    want: ['8.8.8.8', 'X-Forwarded-For'],
  },
  {
    name: 'all are trusted: the leftmost',
    peer: '10.0.0.1',
    headers: { 'x-forwarded-for': '10.0.0.3, 10.0.0.2' },
    want: ['10.0.0.3', 'X-Forwarded-For'],
  },
  {
    name: 'what is no address ends the search',
    peer: '2001:db8::1',
    headers: { 'x-forwarded-for': 'nonsense, 10.0.0.2' },
    want: ['10.0.0.2', 'X-Forwarded-For'],
  },
  { name: 'no header', peer: '10.0.0.1', headers: {}, want: ['10.0.0.1', 'peer'] },
];
for (const { name, trusted = TRUSTED, peer, headers, want } of cases) {
  test(name, () => {
    const { address, by } = clientOf(peer, trusted, (header) => (headers as Record<string, string>)[header]);
    expect([address, by]).toEqual(want);
  });
}

test('by the number of proxies that stand before; without as many elements the peer', () => {
  const header = () => '10.9.9.9, 192.0.2.7, 10.0.0.2';
  expect([0, 1, 2, 4].map((hops) => clientOf('10.0.0.1', [], header, hops).address)).toEqual([
    ...['10.0.0.1', '10.0.0.2', '192.0.2.7', '10.0.0.1'],
  ]);
});
