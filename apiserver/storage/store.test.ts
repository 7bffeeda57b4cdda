import { randomBytes } from 'node:crypto';
import { open } from 'lmdb';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiObject } from '../object.ts';
import { temporaryDirectory } from '../testing/server.ts';
import { Entry, inVersion, serialize } from './entry.ts';
import { type Change, History } from './history.ts';
import { SortedEntries } from './sorted-entries.ts';
import { Store } from './store.ts';

let directory: ReturnType<typeof temporaryDirectory>;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => directory.remove());

function object(name: string, data = ''): ApiObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'ns', uid: `uid-${name}` }, data };
}

describe('Store', () => {
  test('readers see a write when it is durable; the next write sees it at once', async () => {
    const store = new Store(directory.path);
    const maps = store.collection('core', 'configmaps');
    const written = store.put(maps, object('a'));
    expect(maps.get('ns/a')).toBeUndefined();
    expect(maps.head('ns/a')?.revision).toBe(2);
    const entry = await written;
    expect(maps.get('ns/a')).toBe(entry);
    expect(store.revision).toBe(2);
    await store.close();
  });

  test('create, delete and create in one turn end as the last one says', async () => {
    const store = new Store(directory.path);
    const maps = store.collection('core', 'configmaps');
    const types: string[] = [];
    maps.subscribe(({ type }) => types.push(type));
    const writes = [
      store.put(maps, object('a', '1')),
      store.remove(maps, object('a', '1')),
      store.put(maps, object('a', '2')),
      store.remove(maps, object('a', '2')),
    ];
    expect(maps.head('ns/a')).toBeUndefined();
    await Promise.all(writes);
    expect(types).toEqual(['ADDED', 'DELETED', 'ADDED', 'DELETED']);
    expect([maps.get('ns/a'), maps.head('ns/a'), maps.size]).toEqual([undefined, undefined, 0]);
    await store.close();
  });

  test('a new process finds everything, and revisions go on even past a deletion', async () => {
    const first = new Store(directory.path);
    const maps = first.collection('core', 'configmaps');
    await Promise.all([first.put(maps, object('b')), first.put(maps, object('a')), first.put(maps, object('c'))]);
    await first.remove(maps, object('c'));
    const { revision } = first;
    await first.close();
    const second = new Store(directory.path);
    expect(second.revision).toBe(revision);
    const found = second.collection('core', 'configmaps');
    expect(found.range('').map(({ key }) => key)).toEqual(['ns/a', 'ns/b']);
    expect(found.history.since(revision)).toEqual([]);
    expect(found.history.since(revision - 1)).toBeUndefined();
    await second.close();
  });

  test('a closed store refuses writes and leaves no trace of them', async () => {
    const store = new Store(directory.path);
    const maps = store.collection('core', 'configmaps');
    await store.close();
    await expect(store.put(maps, object('a'))).rejects.toThrow('closed');
    expect(maps.head('ns/a')).toBeUndefined();
  });

  test('the list of an earlier revision is what it was', async () => {
    const store = new Store(directory.path);
    const maps = store.collection('core', 'configmaps');
    await Promise.all([store.put(maps, object('a', '1')), store.put(maps, object('b', '1'))]);
    const { revision } = store;
    await store.put(maps, object('a', '2'));
    await store.remove(maps, object('b', '1'));
    await store.put(maps, object('c', '1'));
    expect(maps.range('').map(({ key }) => key)).toEqual(['ns/a', 'ns/c']);
    const then = maps.rangeAt('ns', revision) ?? [];
    expect(then.map(({ key, json }) => [key, JSON.parse(json).data])).toEqual([
      ['ns/a', '1'],
      ['ns/b', '1'],
    ]);
    await store.close();
  });
});

test('thousands of objects, cold ones among them, are what they were: now, at an earlier revision, and on disk', async () => {
  const store = new Store(directory.path);
  const maps = store.collection('core', 'configmaps');
  const names = Array.from({ length: 6_000 }, (_, n) => `m${n}`);
  await Promise.all(names.map((name) => store.put(maps, object(name, `first of ${name}`))));
  const revision = store.revision;
  await Promise.all(names.slice(0, 100).map((name) => store.put(maps, object(name, `second of ${name}`))));
  await store.remove(maps, object('m0'));
  const dataOf = (entries: readonly Entry[] = []) =>
    Object.fromEntries(entries.map(({ name, json }) => [name, (JSON.parse(json) as { data: string }).data]));
  const first = Object.fromEntries(names.map((name) => [name, `first of ${name}`]));
  const now = { ...first, ...Object.fromEntries(names.slice(1, 100).map((name) => [name, `second of ${name}`])) };
  Reflect.deleteProperty(now, 'm0');
  expect(dataOf(maps.range('ns'))).toEqual(now);
  expect(dataOf(maps.rangeAt('ns', revision))).toEqual(first);
  await store.close();

  const again = new Store(directory.path);
  expect(dataOf(again.collection('core', 'configmaps').range('ns'))).toEqual(now);
  await again.close();
});

test('large values, and those that do not shrink, are read back from disk', async () => {
  const texts = {
    alike: 'x'.repeat(1_200_000),
    random: randomBytes(600_000).toString('base64'),
    accents: 'äöü😀'.repeat(50_000),
    short: '',
  };
  const store = new Store(directory.path);
  for (const [name, text] of Object.entries(texts)) {
    await store.put(store.collection('core', 'configmaps'), object(name, text));
  }
  await store.close();
  const again = new Store(directory.path);
  const maps = again.collection('core', 'configmaps');
  for (const [name, text] of Object.entries(texts)) {
    const entry = maps.get(`ns/${name}`);
    expect(entry === undefined ? undefined : JSON.parse(entry.json)).toMatchObject({ data: text });
  }
  await again.close();
});

test('a store from before values were compressed is read and written', async () => {
  const old = open<string, string>({ path: directory.path, encoding: 'string', overlappingSync: false });
  const stored = object('old', 'x'.repeat(2_000));
  stored.metadata.resourceVersion = '7';
  const text = serialize(stored);
  await old.put('/core/configmaps/ns/old', text);
  await old.put('!revision', '7');
  await old.close();
  for (const objects of [['old'], ['new', 'old']]) {
    const store = new Store(directory.path);
    const maps = store.collection('core', 'configmaps');
    expect(maps.range('ns').map(({ name }) => name)).toEqual(objects);
    expect(maps.get('ns/old')?.json).toBe(text);
    if (objects.length === 1) await store.put(maps, object('new', 'y'.repeat(2_000)));
    await store.close();
  }
});

describe('History', () => {
  const change = (revision: number, time = 0): Change => ({
    type: 'ADDED',
    revision,
    entry: entryOf('k', revision),
    before: undefined,
    time,
  });

  test('forgets the oldest beyond its capacity, and says so', () => {
    const history = new History(10, 4);
    for (let revision = 11; revision <= 18; revision++) history.append(change(revision));
    expect(history.horizon).toBe(14);
    expect(history.since(13)).toBeUndefined();
    expect(history.since(14)?.map(({ revision }) => revision)).toEqual([15, 16, 17, 18]);
    expect(history.since(18)).toEqual([]);
  });

  test('forgets by age', () => {
    const history = new History(0);
    for (const revision of [1, 2, 3]) history.append(change(revision, revision * 100));
    history.forgetBefore(250);
    expect([history.since(1), history.since(2)?.length]).toEqual([undefined, 1]);
  });
});

test('SortedEntries keeps order and finds the entries of a namespace', () => {
  const entries = new SortedEntries();
  const keys = ['b/x', 'a/y', 'a-b/z', 'a/x', 'b/a', 'a0/q'];
  for (const key of keys) {
    entries.set(entryOf(key));
  }
  expect(entries.range('').map(({ key }) => key)).toEqual([...keys].sort());
  expect(entries.range('a').map(({ key }) => key)).toEqual(['a/x', 'a/y']);
  entries.delete('a/x');
  entries.delete('none/x');
  expect(entries.range('a').map(({ key }) => key)).toEqual(['a/y']);
  expect(entries.size).toBe(5);
});

test('the version of stored JSON is exchanged without touching the rest', () => {
  const json = serialize({ kind: 'K', spec: { a: ',"kind":' }, metadata: { name: 'n' }, apiVersion: 'g/v1' });
  expect(JSON.parse(inVersion(json, 'g/v2'))).toEqual({
    apiVersion: 'g/v2',
    kind: 'K',
    metadata: { name: 'n' },
    spec: { a: ',"kind":' },
  });
  expect(inVersion(json, 'g/v1')).toBe(json);
});

function entryOf(key: string, revision = 1): Entry {
  const [namespace = '', name = ''] = key.includes('/') ? key.split('/') : ['', key];
  const metadata = { namespace, name, resourceVersion: String(revision) };
  return new Entry({ apiVersion: 'v1', kind: 'ConfigMap', metadata }, '');
}
