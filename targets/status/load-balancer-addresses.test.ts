import { expect, test } from 'vitest';
import { mergeAddresses } from './load-balancer-addresses.ts';

const http = { port: 80, protocol: 'TCP' };
const https = { port: 443, protocol: 'TCP' };

const cases = [
  {
    name: 'others stay, ours is added',
    stored: [{ ip: '10.0.0.9' }],
    ours: { entries: [{ ip: '127.0.0.1', ports: [http] }], withdrawn: [] },
    want: [{ ip: '10.0.0.9' }, { ip: '127.0.0.1', ports: [http] }],
  },
  {
    name: 'a port that is no longer served goes',
    stored: [{ ip: '127.0.0.1', ports: [http, https] }],
    ours: { entries: [{ ip: '127.0.0.1', ports: [http] }], withdrawn: [] },
    want: [{ ip: '127.0.0.1', ports: [http] }],
  },
  {
    name: 'withdrawn addresses and host names go',
    stored: [
      { ip: '127.0.0.1', ports: [http] },
      { hostname: 'alb.example.com', ports: [http] },
      { hostname: 'other.example.com', ports: [http] },
    ],
    ours: { entries: [], withdrawn: ['127.0.0.1', 'alb.example.com'] },
    want: [{ hostname: 'other.example.com', ports: [http] }],
  },
  {
    name: 'the same address from a controller that names no ports stays',
    stored: [{ ip: '127.0.0.1' }],
    ours: { entries: [], withdrawn: ['127.0.0.1'] },
    want: [{ ip: '127.0.0.1' }],
  },
];
for (const c of cases) {
  test(c.name, () => expect(mergeAddresses(c.stored, c.ours)).toEqual(c.want));
}
