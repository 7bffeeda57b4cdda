/** Paths and what becomes of them: one table for the engine in Node and its LuaJIT build. Data only. */
import type { Replacement } from './path-rewrite.ts';

export interface RewriteCase {
  readonly name: string;
  /** Absent: the whole path. */
  readonly pattern?: string;
  readonly every?: true;
  readonly replacement: Replacement;
  readonly path: string;
  /** Undefined: the pattern is not in the path. */
  readonly want: string | undefined;
}

export const REWRITE_CASES: readonly RewriteCase[] = [
  {
    name: 'a group in the middle',
    pattern: '/(prefix-x)(/|$)(.*)',
    replacement: ['/', 3],
    path: '/prefix-x/abc',
    want: '/abc',
  },
  { name: 'the rest stays', pattern: '/a', replacement: ['/b'], path: '/a/c/a', want: '/b/c/a' },
  { name: 'a double slash is one', pattern: '/a', replacement: ['/'], path: '/a/b', want: '/b' },
  { name: 'many slashes are one', pattern: '/a', replacement: ['///'], path: '/a/b', want: '/b' },
  { name: 'a group that took no part', pattern: '/a(x)?(/.*)', replacement: [1, 2], path: '/a/b', want: '/b' },
  { name: 'a group that does not exist', pattern: '/(a)', replacement: ['/', 9], path: '/a/b', want: '/b' },
  { name: 'a group at the end', pattern: '/(a)(/.*)?', replacement: ['/x', 2], path: '/a', want: '/x' },
  { name: 'nothing is left', pattern: '/a', replacement: [], path: '/a', want: '/' },
  { name: 'without slash', pattern: '^/', replacement: ['x'], path: '/a', want: '/xa' },
  { name: 'the whole path', replacement: ['/new'], path: '/a/b', want: '/new' },
  { name: 'not in there', pattern: '^/x', replacement: ['/y'], path: '/a/x', want: undefined },
  { name: 'ignoring case', pattern: '(?i)/FOO(/.*)', replacement: [1], path: '/foo/Bar', want: '/Bar' },
  { name: 'letters beyond ASCII', pattern: '/é(.*)', replacement: ['/ü', 1], path: '/é/x', want: '/ü/x' },
  { name: 'every match', pattern: '/(a)', every: true, replacement: ['/', 1, 1], path: '/a/c/a', want: '/aa/c/aa' },
  {
    name: 'every match, also an empty one',
    pattern: 'x*$',
    every: true,
    replacement: ['y'],
    path: '/axx',
    want: '/ay',
  },
  {
    name: 'every match, of which there is none',
    pattern: 'x',
    every: true,
    replacement: ['y'],
    path: '/a',
    want: undefined,
  },
  { name: 'look-around', pattern: '/a(?=/b)', replacement: ['/c'], path: '/a/b', want: '/c/b' },
];
