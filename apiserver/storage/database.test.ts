import { open } from 'lmdb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryDirectory } from '../testing/server.ts';
import { Database, STORE_VERSION } from './database.ts';
import { dictionaryOf } from './dictionary.ts';
import { serialize } from './entry.ts';

let directory: ReturnType<typeof temporaryDirectory>;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => directory.remove());

function raw(compressed = true) {
  return open<string, string>({
    path: directory.path,
    encoding: 'string',
    overlappingSync: false,
    ...(compressed ? { compression: { threshold: 256, dictionary: dictionaryOf(directory.path) } } : {}),
  });
}

function text(name: string, data: string): string {
  const metadata = { name, namespace: 'ns', resourceVersion: '7' };
  return serialize({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
}

const OLD = new Map(
  ['a', 'b', 'c'].map((name, index) => [`/core/configmaps/ns/${name}`, text(name, 'ä'.repeat(index * 400))]),
);

async function writeVersion1(compressed: boolean): Promise<void> {
  const db = raw(compressed);
  for (const [key, value] of OLD) await db.put(key, value);
  await db.put('!revision', '7');
  await db.close();
}

test.each([true, false])('a store of version 1 (compressed: %s) is brought forward, once', async (compressed) => {
  await writeVersion1(compressed);
  for (const round of [0, 1]) {
    const database = new Database(directory.path);
    expect(database.revision).toBe(7 + round);
    expect(new Map([...database.objects()].map((each) => [each.key, each.text]))).toEqual(OLD);
    await database.commit([], 8 + round);
    await database.close();
  }
  const db = raw();
  expect(db.get('!version')).toBe(String(STORE_VERSION));
  await db.close();
});

test('a backup reads a store of version 1 as it is', async () => {
  await writeVersion1(true);
  const database = new Database(directory.path, 'read');
  const snapshot = database.snapshot();
  expect(snapshot.revision).toBe(7);
  expect(new Map([...snapshot.objects()].map((each) => [each.key, each.text]))).toEqual(OLD);
  snapshot.done();
  await database.close();
  const db = raw();
  expect(db.get('!version')).toBeUndefined();
  await db.close();
});

test('a store of a later version is refused', async () => {
  const db = raw();
  await db.put('!version', String(STORE_VERSION + 1));
  await db.close();
  expect(() => new Database(directory.path)).toThrow(
    `has version ${STORE_VERSION + 1}, and this release knows versions up to ${STORE_VERSION}: use the release that wrote it`,
  );
});

test.each([
  ['a value that changed', '/core/configmaps/ns/a', (value: string) => value.replace('ns', 'nx')],
  ['a value of another key', '/core/configmaps/ns/a', (_: string, other: string) => other],
])('%s is noticed', async (_name, key, change) => {
  const database = new Database(directory.path);
  await database.commit(
    [...OLD].map(([each, value]) => ({ key: each, text: value })),
    7,
  );
  await database.close();
  const db = raw();
  await db.put(key, change(db.get(key) ?? '', db.get('/core/configmaps/ns/b') ?? ''));
  await db.close();
  const damaged = new Database(directory.path);
  expect(() => [...damaged.objects()]).toThrow(`the checksum of ${key} is wrong. Restore a backup with`);
  await damaged.close();
});
