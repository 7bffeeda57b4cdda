import { describe, expect, test } from 'vitest';
import { isMisdirected } from './misdirected.ts';

const NAMED = ['a.com', 'x.w.org', '.w.org'];
const EVERY = [...NAMED, ''];

const CASES = [
  { name: 'the same host', apart: EVERY, serverName: 'a.com', host: 'a.com', want: false },
  { name: 'the same listener', apart: EVERY, serverName: 'y.w.org', host: 'z.w.org', want: false },
  { name: 'another listener', apart: EVERY, serverName: 'a.com', host: 'y.w.org', want: true },
  { name: 'a more specific one', apart: EVERY, serverName: 'y.w.org', host: 'x.w.org', want: true },
  { name: 'the one for every host', apart: EVERY, serverName: 'a.com', host: 'b.com', want: true },
  { name: 'from the one for every host', apart: EVERY, serverName: 'b.com', host: 'c.com', want: false },
  { name: 'no listener: not found there', apart: NAMED, serverName: 'a.com', host: 'b.com', want: false },
  { name: 'a suffix is not a name', apart: NAMED, serverName: 'a.com', host: 'w.org', want: false },
  { name: 'no name asked for', apart: EVERY, serverName: '', host: 'a.com', want: false },
];

describe('421: the connection was made for another listener', () => {
  for (const { name, apart, serverName, host, want } of CASES) {
    test(name, () => expect(isMisdirected(apart, serverName, host)).toBe(want));
  }
});
