import { describe, expect, test } from 'vitest';
import { libraryClosure, parseDepends } from './closure.ts';

describe('parseDepends', () => {
  const cases = [
    {
      name: 'plain and pre-dependencies',
      text: 'haproxy\n  PreDepends: dpkg\n  Depends: libssl3\n',
      want: { haproxy: ['dpkg', 'libssl3'] },
    },
    {
      name: 'of alternatives the first',
      text: 'wrk\n  Depends: libc6\n |Depends: libluajit-5.1-2\n  Depends: libluajit2-5.1-2\n  Depends: libssl3\n',
      want: { wrk: ['libc6', 'libluajit-5.1-2', 'libssl3'] },
    },
    {
      name: 'virtual packages and their providers are left out',
      text: 'mod\n  Depends: <nginx-abi-1.22.1-7>\n    nginx\n  Depends: libc6\n',
      want: { mod: ['libc6'] },
    },
    {
      name: 'a virtual alternative gives way to the next',
      text: 'a\n |Depends: <virtual>\n  Depends: real\n',
      want: { a: ['real'] },
    },
    { name: 'several packages', text: 'a\n  Depends: b\nb\n', want: { a: ['b'], b: [] } },
  ];
  for (const c of cases) {
    test(c.name, () => expect(Object.fromEntries(parseDepends(c.text))).toEqual(c.want));
  }
});

test('the closure follows libraries only, and stops at the C library', async () => {
  const world: Record<string, string[]> = {
    nginx: ['libssl3', 'libc6', 'iproute2', 'nginx-common'],
    libssl3: ['libc6', 'debconf', 'zlib1g'],
    zlib1g: ['libssl3'],
  };
  const closure = await libraryClosure(['nginx'], (names) =>
    Promise.resolve(new Map(names.map((name) => [name, world[name] ?? []]))),
  );
  expect(closure).toEqual(['libssl3', 'nginx', 'zlib1g']);
});
