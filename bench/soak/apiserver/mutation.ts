/** Damages values and texts in the ways that break parsers, schemas and patches. */
import type { JsonValue } from '@causeway/apiserver/schema/json';
import type { Random } from '../random.ts';

const WORDS = [
  '',
  ' ',
  '.',
  '..',
  '/',
  'a/b',
  '*',
  '-',
  'A',
  'true',
  'null',
  '0',
  '-1',
  '1e309',
  '99999999999999999999',
  '9223372036854775808',
  'NaN',
  '0x10',
  '1Ki',
  '10.0.0.1',
  '::1',
  '999.1.1.1',
  '10.0.0.0/33',
  '2026-13-45T99:99:99Z',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '$patch',
  '$retainKeys',
  '$setElementOrder/ports',
  '$deleteFromPrimitiveList/finalizers',
  'replace',
  'delete',
  'merge',
  'f:metadata',
  'k:{"name":"a"}',
  'v:1',
  '~0~1~2',
  '(a+)+$',
  '[',
  '\\',
  'x'.repeat(300),
  'é'.repeat(130),
  '\u0000',
  '\u0007\u001b[31m',
  '\ud800',
  '\ufeffx',
  '😀',
  'a\nb',
  '"',
  "'",
  '{{.}}',
  '$(x)',
  '%s%n',
  'fuzz',
  'default',
  'foregroundDeletion',
  'orphan',
] as const;

const NUMBERS = [0, -0, 1, -1, 0.5, -1e-7, 255, 256, 65_536, 2 ** 31, -(2 ** 31), 2 ** 53, 1e21, 1e308, -1e308];

/** A string that some parser does not expect. */
export function oddText(random: Random): string {
  if (random.next() < 0.1) {
    return Array.from({ length: random.below(12) }, () => String.fromCharCode(random.below(0x3000))).join('');
  }
  return random.pick(WORDS);
}

/** A value of any type, at most a few levels deep. */
export function oddValue(random: Random, depth = 0): JsonValue {
  const choice = random.below(depth > 3 ? 5 : 9);
  switch (choice) {
    case 0:
      return null;
    case 1:
      return random.next() < 0.5;
    case 2:
      return random.pick(NUMBERS);
    case 3:
    case 4:
      return oddText(random);
    case 5:
    case 6:
      return Array.from({ length: random.below(4) }, () => oddValue(random, depth + 1));
    default:
      return objectOf(
        Array.from({ length: random.below(4) }, () => [oddText(random), oddValue(random, depth + 1)] as const),
      );
  }
}

/** `__proto__` becomes a field like any other, as JSON.parse makes it. */
function objectOf(fields: Iterable<readonly [string, JsonValue]>): JsonValue {
  return Object.fromEntries(fields);
}

/** The same value with one of its parts exchanged, removed, doubled or added. */
export function mutated(value: JsonValue, random: Random): JsonValue {
  const isLeaf = typeof value !== 'object' || value === null;
  if (isLeaf || random.next() < 0.08) return oddValue(random);
  if (Array.isArray(value)) {
    const items = [...value];
    const at = random.below(items.length + 1);
    if (at === items.length) return [...items, items[0] ?? oddValue(random)];
    const choice = random.next();
    if (choice < 0.1) items.splice(at, 1);
    else if (choice < 0.2) items.push(items[at] as JsonValue);
    else items[at] = mutated(items[at] as JsonValue, random);
    return items;
  }
  const fields = Object.entries(value);
  const at = random.below(fields.length + 1);
  const field = fields[at];
  if (field === undefined) return objectOf([...fields, [oddText(random), oddValue(random)]]);
  const choice = random.next();
  if (choice < 0.1) fields.splice(at, 1);
  else if (choice < 0.15) fields[at] = [oddText(random), field[1]];
  else fields[at] = [field[0], mutated(field[1], random)];
  return objectOf(fields);
}

const FRAGMENTS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\u0000',
  '\\ud800',
  '\\',
  '\u0000',
  '// comment\n',
  '&a [*a]',
  '*a',
  '<<: *a\n',
  '!!binary x',
  '!!js/function "x"',
  '--- \n',
  '...\n',
  '? x\n',
  '|\n',
  '>-\n',
  '%YAML 9.9\n',
  '\t',
  '- - -\n',
  '1e999',
  '-',
  '0123',
  '.inf',
  'NaN',
  'undefined',
];

/** Bytes that differ from the text in a few places; not always UTF-8. */
export function damaged(text: string, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(text);
  for (let count = 1 + random.below(3); count > 0; count -= 1) {
    const at = random.below(bytes.length + 1);
    const choice = random.next();
    if (choice < 0.2) bytes = bytes.subarray(0, at);
    else if (choice < 0.5) bytes = spliced(bytes, at, Buffer.from(random.pick(FRAGMENTS)));
    else if (choice < 0.7) bytes = spliced(bytes, at, Buffer.from([random.below(256), random.below(256)]));
    else if (choice < 0.85 && at < bytes.length) bytes[at] = random.below(256);
    else bytes = spliced(bytes, at, bytes.subarray(random.below(at + 1), at));
  }
  return bytes;
}

function spliced(bytes: Buffer, at: number, middle: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(at)]);
}

export interface Bomb {
  readonly type: string;
  readonly body: () => string;
  /** Where it goes; ConfigMaps unless given. */
  readonly path?: string;
}

/** Bodies that cost whoever reads them more than they cost to write. */
export const BOMBS: readonly Bomb[] = [
  {
    path: '/apis/fuzz.example.org/v1/namespaces/fuzz/fuzzes',
    type: 'application/json',
    body: () =>
      `{"metadata":{"generateName":"deep-"},"spec":{"size":1,"color":"a","any":${'{"a":'.repeat(990)}1${'}'.repeat(990)}}}`,
  },
  { type: 'application/json', body: () => '['.repeat(200_000) },
  { type: 'application/json', body: () => '{"a":'.repeat(100_000) },
  { type: 'application/json', body: () => `{"metadata":{"labels":${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}}}` },
  { type: 'application/json', body: () => withData('{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000)) },
  { type: 'application/json', body: () => withData(`${'{"a":'.repeat(990)}1${'}'.repeat(990)}`) },
  { type: 'application/json', body: () => withData(JSON.stringify('x'.repeat(3 * 1024 * 1024 + 1))) },
  { type: 'application/json', body: () => withData(JSON.stringify({ a: 'x'.repeat(1_048_577) })) },
  { type: 'application/json', body: () => withData('9'.repeat(1_000_000)) },
  { type: 'application/json', body: () => `{${'"metadata":{},'.repeat(20_000)}"kind":"ConfigMap"}` },
  {
    type: 'application/json',
    body: () => withData(`{${Array.from({ length: 50_000 }, (_, n) => `"k${n}":""`).join()}}`),
  },
  { type: 'application/yaml', body: () => aliases(9, 9) },
  { type: 'application/yaml', body: () => aliases(40, 2) },
  { type: 'application/yaml', body: () => 'a: &a [*a]\n' },
  { type: 'application/yaml', body: () => `${'- '.repeat(20_000)}x` },
  { type: 'application/yaml', body: () => '['.repeat(20_000) },
  { type: 'application/yaml', body: () => '{a: '.repeat(10_000) },
  {
    type: 'application/yaml',
    body: () => `a:\n${Array.from({ length: 2_000 }, (_, n) => `${' '.repeat(n + 1)}a:\n`).join('')}`,
  },
  { type: 'application/apply-patch+yaml', body: () => aliases(9, 9) },
  { type: 'application/apply-patch+yaml', body: () => `${'? '.repeat(5_000)}x` },
  { type: 'application/merge-patch+json', body: () => '{"data":'.repeat(50_000) },
  {
    type: 'application/merge-patch+json',
    body: () => `{"metadata":{"managedFields":[{"fieldsV1":${'{"f:a":'.repeat(990)}1${'}'.repeat(990)}}]}}`,
  },
  {
    type: 'application/merge-patch+json',
    body: () => `${'{"data":'.repeat(990)}1${'}'.repeat(990)}`,
  },
  {
    type: 'application/strategic-merge-patch+json',
    body: () => `${'{"data":'.repeat(990)}1${'}'.repeat(990)}`,
  },
  {
    type: 'application/apply-patch+yaml',
    body: () => withData(`${'{"data":'.repeat(990)}1${'}'.repeat(990)}`),
  },
  {
    type: 'application/merge-patch+json',
    body: () => `${'{"data":'.repeat(9_000)}1${'}'.repeat(9_000)}`,
  },
  {
    type: 'application/strategic-merge-patch+json',
    body: () => `{"metadata":{"annotations":${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}}}`,
  },
  {
    // Each copy doubles what is there.
    type: 'application/json-patch+json',
    body: () =>
      JSON.stringify([
        { op: 'add', path: '/data', value: { a: { a: 'x'.repeat(1_000) } } },
        ...Array.from({ length: 60 }, (_, n) => ({ op: 'copy', from: '/data/a', path: `/data/a/c${n}` })),
      ]),
  },
  {
    type: 'application/json-patch+json',
    body: () =>
      JSON.stringify(Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' }))),
  },
];

function withData(data: string): string {
  return `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fuzz-1"},"data":${data}}`;
}

/** Each level is `width` times the one before: the text stays short. */
function aliases(levels: number, width: number): string {
  const lines = ['a0: &a0 [x]'];
  for (let level = 1; level <= levels; level += 1) {
    const items = Array.from({ length: width }, () => `*a${level - 1}`).join(', ');
    lines.push(`a${level}: &a${level} [${items}]`);
  }
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: fuzz-1}\n${lines.join('\n')}\n`;
}
