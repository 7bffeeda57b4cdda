import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type JsonObject, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { startTestServer, type TestClient, type TestServer, type WatchedEvent } from '../testing/server.ts';

const ALL = '/api/v1/secrets';

let running: TestServer;
let client: TestClient;

beforeAll(async () => {
  running = await startTestServer();
  client = running.client;
});

afterAll(() => running.stop());

async function namespace(name: string): Promise<string> {
  await client.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  return `/api/v1/namespaces/${name}/secrets`;
}

/** Namespaces have no Secrets of their own, as they have ConfigMaps. */
function secret(name: string, data: Record<string, string> = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data };
}

async function take(events: AsyncGenerator<WatchedEvent>, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { value, done } = await events.next();
    if (done) throw new Error(`the watch ended after ${seen.join()}`);
    seen.push(`${value.type} ${value.object.metadata.name ?? ''}`.trim());
  }
  return seen;
}

function revisionOf(body: Parameters<typeof objectAt>[0]): string {
  return textAt(objectAt(body, 'metadata'), 'resourceVersion');
}

describe('list', () => {
  test('namespaces, selectors and order', async () => {
    const [a, b] = [await namespace('list-a'), await namespace('list-b')];
    await client.post(b, { ...secret('one'), metadata: { name: 'one', labels: { app: 'x' } } });
    await client.post(a, { ...secret('two'), metadata: { name: 'two', labels: { app: 'x' } } });
    await client.post(a, secret('one'));
    const names = async (path: string): Promise<string[]> =>
      objectsAt((await client.get(path)).body, 'items').map((item) => {
        const metadata = objectAt(item, 'metadata');
        return `${textAt(metadata, 'namespace')}/${textAt(metadata, 'name')}`;
      });
    expect(await names(a)).toEqual(['list-a/one', 'list-a/two']);
    expect(await names(ALL)).toEqual(['list-a/one', 'list-a/two', 'list-b/one']);
    expect(await names(`${ALL}?labelSelector=app%3Dx`)).toEqual(['list-a/two', 'list-b/one']);
    expect(await names(`${ALL}?fieldSelector=metadata.namespace%3Dlist-b`)).toEqual(['list-b/one']);
    expect((await client.get(`${ALL}?fieldSelector=spec.nothing%3Dx`)).code).toBe(400);
    expect((await client.get(`${ALL}?labelSelector=a%20b`)).code).toBe(400);
  });

  test('pages show one moment, whatever happens between them', async () => {
    const path = await namespace('paged');
    for (const name of ['a', 'b', 'c', 'd', 'e']) await client.post(path, secret(name));
    const first = await client.get(`${path}?limit=2`);
    expect(first.body).toMatchObject({ metadata: { remainingItemCount: 3 } });
    await client.delete(`${path}/c`);
    await client.patch(`${path}/d`, { data: { changed: 'MQ==' } });
    await client.post(path, secret('bb'));
    const next = textAt(objectAt(first.body, 'metadata'), 'continue');
    const second = await client.get(`${path}?limit=10&continue=${next}`);
    const items = objectsAt(second.body, 'items');
    expect(items.map((item) => textAt(objectAt(item, 'metadata'), 'name'))).toEqual(['c', 'd', 'e']);
    expect(items[1]?.data).toBeUndefined();
    expect(revisionOf(second.body)).toBe(revisionOf(first.body));
  });

  test('tables and partial metadata', async () => {
    const path = await namespace('forms');
    await client.post(path, secret('one', { a: 'MQ==' }));
    const table = await client.get(path, {
      headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
    });
    expect(table.body).toMatchObject({ kind: 'Table', rows: [{ object: { kind: 'PartialObjectMetadata' } }] });
    const accept =
      'application/vnd.example;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
    const partial = await client.get(path, { headers: { accept } });
    expect(partial.body).toMatchObject({
      kind: 'PartialObjectMetadataList',
      items: [{ kind: 'PartialObjectMetadata' }],
    });
    expect(objectsAt(partial.body, 'items')[0]?.data).toBeUndefined();
    expect((await client.get(path, { headers: { accept: 'application/vnd.example' } })).code).toBe(406);
  });

  test('a revision from the future is refused, not waited for', async () => {
    const answer = await client.get(`${ALL}?resourceVersion=99999999`);
    expect(answer.body).toMatchObject({ code: 504, details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } });
  });
});

describe('watch', () => {
  test('starts with what is there, then every change in order', async () => {
    const path = await namespace('watched');
    await client.post(path, secret('old'));
    const abort = new AbortController();
    const events = client.watch(`${path}?watch=true`, abort.signal);
    expect(await take(events, 1)).toEqual(['ADDED old']);
    await client.post(path, secret('new'));
    await client.patch(`${path}/new`, { data: { a: 'MQ==' } });
    await client.delete(`${path}/new`);
    expect(await take(events, 3)).toEqual(['ADDED new', 'MODIFIED new', 'DELETED new']);
    abort.abort();
  });

  test('resumes after a revision without loss or repetition', async () => {
    const path = await namespace('resumed');
    await client.post(path, secret('seen'));
    const revision = revisionOf((await client.get(path)).body);
    await client.post(path, secret('missed'));
    const abort = new AbortController();
    const events = client.watch(`${path}?watch=1&resourceVersion=${revision}`, abort.signal);
    expect(await take(events, 1)).toEqual(['ADDED missed']);
    await client.delete(`${path}/seen`);
    expect(await take(events, 1)).toEqual(['DELETED seen']);
    abort.abort();
  });

  test('selectors turn changes into ADDED and DELETED', async () => {
    const path = await namespace('selected');
    const abort = new AbortController();
    const events = client.watch(`${path}?watch=1&labelSelector=on%3Dyes`, abort.signal);
    const first = events.next();
    await client.post(path, secret('x'));
    await client.patch(`${path}/x`, { metadata: { labels: { on: 'yes' } } });
    expect((await first).value).toMatchObject({ type: 'ADDED' });
    await client.patch(`${path}/x`, { data: { a: 'MQ==' } });
    await client.patch(`${path}/x`, { metadata: { labels: { on: 'no' } } });
    expect(await take(events, 2)).toEqual(['MODIFIED x', 'DELETED x']);
    abort.abort();
  });

  test('sendInitialEvents ends with a bookmark that says so; a time limit ends the watch with one', async () => {
    const path = await namespace('listed');
    await client.post(path, secret('x'));
    const query =
      'watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1';
    const seen: WatchedEvent[] = [];
    for await (const event of client.watch(`${path}?${query}`, new AbortController().signal)) seen.push(event);
    expect(seen.map(({ type }) => type)).toEqual(['ADDED', 'BOOKMARK', 'BOOKMARK']);
    expect(seen[1]?.object).toMatchObject({
      kind: 'Secret',
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
  });

  test('tables, with columns in the first event only', async () => {
    const path = await namespace('tabled');
    await client.post(path, secret('x'));
    const abort = new AbortController();
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const events = client.watch(`${path}?watch=1`, abort.signal, { accept });
    const first = (await events.next()).value;
    await client.delete(`${path}/x`);
    const second = (await events.next()).value;
    expect(first).toMatchObject({
      type: 'ADDED',
      object: { kind: 'Table', columnDefinitions: expect.arrayContaining([expect.objectContaining({ name: 'Name' })]) },
    });
    expect(second).toMatchObject({ type: 'DELETED', object: { kind: 'Table' } });
    expect(second?.object).toMatchObject({ columnDefinitions: null });
    abort.abort();
  });

  test('fifty watches all see a change', async () => {
    const path = await namespace('crowd');
    const abort = new AbortController();
    setMaxListeners(100, abort.signal);
    const watches = Array.from({ length: 50 }, () => client.watch(`${path}?watch=1`, abort.signal));
    const firsts = watches.map((events) => events.next());
    await client.post(path, secret('news'));
    const names = (await Promise.all(firsts)).map(({ value }) => value?.object.metadata.name);
    expect(new Set(names)).toEqual(new Set(['news']));
    abort.abort();
  });

  test('after a restart, revisions go on and older watches are told to list again', async () => {
    const first = await startTestServer();
    const path = '/api/v1/namespaces/default/secrets';
    const before = revisionOf((await first.client.get(path)).body);
    const created = await first.client.post(path, secret('kept'));
    await first.stop({ keep: true });
    const second = await startTestServer({ dataDirectory: first.directory });
    const now = revisionOf((await second.client.get(path)).body);
    expect(Number(now)).toBeGreaterThanOrEqual(Number(revisionOf(created.body)));
    expect((await second.client.get(`${path}/kept`)).body).toEqual(created.body);
    const old = await second.client.get(`${path}?watch=1&resourceVersion=${before}`);
    expect(old.body).toMatchObject({ code: 410, reason: 'Expired' });
    expect(textAt(old.body, 'message')).toContain('too old resource version');
    expect((await second.client.get(`${path}?watch=1&resourceVersion=${Number(now) + 1000}`)).code).toBe(410);
    const abort = new AbortController();
    const events = second.client.watch(`${path}?watch=1&resourceVersion=${now}`, abort.signal);
    const next = events.next();
    await second.client.delete(`${path}/kept`);
    expect((await next).value).toMatchObject({ type: 'DELETED' });
    abort.abort();
    await second.stop();
  });
});
