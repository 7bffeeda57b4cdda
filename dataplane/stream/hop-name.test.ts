import { expect, test } from 'vitest';
import { parseHopName } from './hop-name.ts';

const hex = (text: string) => Buffer.from(text).toString('hex');

const cases = [
  { name: 'of a peer', asked: 'ab12.endpoint.internal', want: { peer: 'ab12.endpoint.internal' } },
  {
    name: 'and of a client',
    asked: `ab12-${hex('192.0.2.1 4000 198.18.0.1 80')}.endpoint.internal`,
    want: {
      peer: 'ab12.endpoint.internal',
      ends: { client: { address: '192.0.2.1', port: 4000 }, server: { address: '198.18.0.1', port: 80 } },
    },
  },
  {
    name: 'of whom a proxy told without ports, at a socket',
    asked: `ab12-${hex('2001:db8::1   ')}.endpoint.internal`,
    want: {
      peer: 'ab12.endpoint.internal',
      ends: { client: { address: '2001:db8::1', port: 0 }, server: { address: '::', port: 0 } },
    },
  },
  {
    name: 'no address',
    asked: `ab12-${hex('unix: 1 2 3')}.endpoint.internal`,
    want: { peer: 'ab12.endpoint.internal' },
  },
];
for (const { name, asked, want } of cases) test(name, () => expect(parseHopName(asked)).toEqual(want));
