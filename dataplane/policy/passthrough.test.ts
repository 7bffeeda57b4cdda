import { describe, expect, test } from 'vitest';
import { PassthroughIndex } from './passthrough.ts';
import type { PassthroughRecord, ServerNameTest } from './record.ts';

function record(id: string, hosts: readonly string[], fields: Partial<PassthroughRecord> = {}): PassthroughRecord {
  return {
    type: 'passthrough',
    id,
    ports: ['443'],
    hosts: hosts.map((host): ServerNameTest => {
      if (host.startsWith('**.')) return { op: 'hostSuffix', value: host.slice(2), labels: 'many' };
      if (host.startsWith('*.')) return { op: 'hostSuffix', value: host.slice(1), labels: 'one' };
      return { op: 'equal', value: host };
    }),
    priority: 5,
    tie: id,
    connectMs: 1,
    idleMs: 1,
    attempts: 1,
    ...fields,
  };
}

const RECORDS = [
  record('exact', ['a.b.com']),
  record('one', ['*.b.com']),
  record('many', ['**.com']),
  record('longer', ['**.x.com']),
  record('also', ['a.b.com']),
  record('urgent', ['u.b.com'], { priority: 1, tie: 'z' }),
  record('later', ['u.b.com'], { tie: 'a' }),
  record('elsewhere', ['only.org'], { ports: ['8443'] }),
];

const CASES = [
  { name: 'a.b.com', want: 'also' },
  { name: 'A.B.Com', want: 'also' },
  { name: 'c.b.com', want: 'one' },
  { name: 'd.c.b.com', want: 'many' },
  { name: 'b.com', want: 'many' },
  { name: 'p.q.x.com', want: 'longer' },
  { name: 'com', want: undefined },
  { name: '.b.com', want: undefined },
  { name: '', want: undefined },
  { name: 'u.b.com', want: 'urgent' },
  { name: 'only.org', want: undefined },
  { name: 'one .b.com', want: undefined },
];

describe('which record passes a server name on', () => {
  const index = new PassthroughIndex();
  for (const each of RECORDS) index.put(each);
  for (const { name, want } of CASES) test(JSON.stringify(name), () => expect(index.find('443', name)?.id).toBe(want));
  test('each port has its own', () => expect(index.find('8443', 'only.org')?.id).toBe('elsewhere'));
});

test('without a name only what ends TLS for every name is found', () => {
  const index = new PassthroughIndex();
  index.put(record('raw', [], { hosts: [{ op: 'hostSuffix', value: '', labels: 'many' }] }));
  expect(index.find('443', '')).toBeUndefined();
  const end = { certificates: [], fallback: 'ns/a' };
  index.put(record('ended', [], { hosts: [{ op: 'hostSuffix', value: '', labels: 'many' }], end }));
  expect(index.find('443', '')?.id).toBe('ended');
});

test('what is replaced or deleted leaves nothing behind', () => {
  const index = new PassthroughIndex();
  index.put(record('r', ['a.com', '*.a.com']));
  index.put(record('r', ['b.com', 'b.com']));
  expect(index.find('443', 'a.com')).toBeUndefined();
  expect(index.find('443', 'b.com')?.id).toBe('r');
  index.delete('r');
  index.delete('r');
  expect(index.find('443', 'b.com')).toBeUndefined();
});
