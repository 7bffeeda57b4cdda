import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { KindRef } from '@causeway/apis/meta/kind';
import { afterEach, describe, expect, test } from 'vitest';
import { type ClientOptions, createClient, type KubernetesClient, type WatchEvent } from './client.ts';
import { TestClock, until } from './test-clock.ts';
import { answerJson, type Script, startTestServer, status, type TestServer } from './test-server.ts';

const configMap: KindRef = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const rule: KindRef = { group: 'crd.alauda.io', version: 'v1', kind: 'Rule', plural: 'rules', namespaced: true };
const key = { namespace: 'ns', name: 'a' };

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp(
  script: Script,
  options: ClientOptions = {},
): Promise<{ server: TestServer; client: KubernetesClient }> {
  const server = await startTestServer(script);
  cleanups.push(() => server.close());
  const client = createClient({ server: server.url, namespace: 'default' }, options);
  cleanups.push(() => client.close());
  return { server, client };
}

function object(name: string, resourceVersion = '1') {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'ns', name, resourceVersion } };
}

function sequence(...scripts: Script[]): Script {
  let next = 0;
  return (request, response, body) => {
    const script = scripts[Math.min(next, scripts.length - 1)];
    next += 1;
    script?.(request, response, body);
  };
}

const answer =
  (code: number, body: unknown, headers?: Record<string, string>): Script =>
  (_request, response) =>
    answerJson(response, code, body, headers);

describe('verbs', () => {
  const echo: Script = (_request, response, body) =>
    answerJson(response, 200, body === '' ? object('a') : JSON.parse(body));
  const cases: readonly { name: string; call: (client: KubernetesClient) => Promise<unknown>; want: string }[] = [
    { name: 'get', call: (c) => c.get(configMap, key), want: 'GET /api/v1/namespaces/ns/configmaps/a' },
    {
      name: 'get of a custom kind',
      call: (c) => c.get(rule, key),
      want: 'GET /apis/crd.alauda.io/v1/namespaces/ns/rules/a',
    },
    { name: 'create', call: (c) => c.create(configMap, object('a')), want: 'POST /api/v1/namespaces/ns/configmaps' },
    { name: 'update', call: (c) => c.update(configMap, object('a')), want: 'PUT /api/v1/namespaces/ns/configmaps/a' },
    {
      name: 'update of status',
      call: (c) => c.update(configMap, object('a'), { subresource: 'status' }),
      want: 'PUT /api/v1/namespaces/ns/configmaps/a/status',
    },
    {
      name: 'patch of status',
      call: (c) => c.patch(configMap, key, object('a'), { type: 'merge', subresource: 'status' }),
      want: 'PATCH /api/v1/namespaces/ns/configmaps/a/status',
    },
    {
      name: 'apply',
      call: (c) => c.apply(configMap, object('a'), { fieldManager: 'test', force: true }),
      want: 'PATCH /api/v1/namespaces/ns/configmaps/a?fieldManager=test&force=true',
    },
    { name: 'delete', call: (c) => c.delete(configMap, key), want: 'DELETE /api/v1/namespaces/ns/configmaps/a' },
    { name: 'post', call: (c) => c.post('/apis/x/v1/things', object('a')), want: 'POST /apis/x/v1/things' },
  ];
  for (const c of cases) {
    test(c.name, async () => {
      const { server, client } = await setUp(echo);
      await c.call(client);
      expect(server.requests).toEqual([c.want]);
    });
  }

  test('each patch type has its content type', async () => {
    const types: (string | undefined)[] = [];
    const { client } = await setUp((request, response) => {
      types.push(request.headers['content-type']);
      answerJson(response, 200, object('a'));
    });
    for (const type of ['json', 'merge', 'strategic'] as const) await client.patch(configMap, key, [], { type });
    await client.apply(configMap, object('a'), { fieldManager: 'test' });
    expect(types).toEqual([
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/strategic-merge-patch+json',
      'application/apply-patch+yaml',
    ]);
  });

  test('delete sends its preconditions', async () => {
    const bodies: unknown[] = [];
    const { client } = await setUp((_request, response, body) => {
      bodies.push(JSON.parse(body));
      answerJson(response, 200, status(200, ''));
    });
    await client.delete(configMap, key, { uid: 'u1', propagationPolicy: 'Foreground' });
    expect(bodies).toEqual([
      { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'u1' }, propagationPolicy: 'Foreground' },
    ]);
  });

  test('the path of the base URL is kept', async () => {
    const server = await startTestServer(answer(200, object('a')));
    cleanups.push(() => server.close());
    const client = createClient({ server: `${server.url}/clusters/c1/`, namespace: 'default' });
    cleanups.push(() => client.close());
    await client.get(configMap, key);
    expect(server.requests).toEqual(['GET /clusters/c1/api/v1/namespaces/ns/configmaps/a']);
  });

  test('token and basic credentials are sent, the token fresh each time', async () => {
    const seen: (string | undefined)[] = [];
    const server = await startTestServer((request, response) => {
      seen.push(request.headers.authorization);
      answerJson(response, 200, object('a'));
    });
    cleanups.push(() => server.close());
    let asked = 0;
    const token = () => {
      asked += 1;
      return Promise.resolve(`t${asked}`);
    };
    const withToken = createClient({ server: server.url, namespace: 'x', token });
    const withBasic = createClient({ server: server.url, namespace: 'x', basic: { username: 'u', password: 'p' } });
    cleanups.push(
      () => withToken.close(),
      () => withBasic.close(),
    );
    await withToken.get(configMap, key);
    await withToken.get(configMap, key);
    await withBasic.get(configMap, key);
    expect(seen).toEqual(['Bearer t1', 'Bearer t2', 'Basic dTpw']);
  });
});

describe('refusals', () => {
  test('an absent object is undefined, and deleting it is fine', async () => {
    const { client } = await setUp(answer(404, status(404, 'NotFound')));
    expect(await client.get(configMap, key)).toBeUndefined();
    await client.delete(configMap, key);
    await expect(client.list(configMap)).rejects.toMatchObject({ name: 'ApiError', code: 404, reason: 'NotFound' });
  });

  test('a Status becomes an ApiError with its details', async () => {
    const details = { name: 'a', causes: [{ field: 'spec.port', message: 'must be at most 65535' }] };
    const { client } = await setUp(answer(422, status(422, 'Invalid', { details })));
    await expect(client.create(configMap, object('a'))).rejects.toMatchObject({
      name: 'ApiError',
      code: 422,
      reason: 'Invalid',
      message: 'test: Invalid',
      details,
    });
  });

  test('the answer of a proxy in between becomes an ApiError too', async () => {
    const { client } = await setUp((_request, response) => response.writeHead(502).end('<html>Bad Gateway</html>'));
    await expect(client.get(configMap, key)).rejects.toMatchObject({
      code: 502,
      reason: 'InternalError',
      message: 'HTTP 502: <html>Bad Gateway</html>',
    });
  });

  test('an answer that is no object is malformed, and its content stays out of the message', async () => {
    const { client } = await setUp(answer(200, { data: { password: 'hunter2' } }));
    const error: unknown = await client.get(configMap, key).catch((e: unknown) => e);
    expect(error).toMatchObject({ name: 'ConnectionError', code: 'malformed answer' });
    expect(String(error)).not.toContain('hunter2');
  });

  for (const code of [429, 503]) {
    test(`${code} with Retry-After is sent again after that time`, async () => {
      const clock = new TestClock();
      const busy = answer(code, status(code, 'Busy'), { 'retry-after': '7' });
      const { server, client } = await setUp(sequence(busy, busy, answer(201, object('a'))), { clock });
      const created = client.create(configMap, object('a'));
      for (let wait = 1; wait <= 2; wait += 1) {
        await until(() => clock.timers.length === 1);
        expect(clock.timers).toEqual([7000]);
        expect(server.requests).toHaveLength(wait);
        clock.advance(7000);
      }
      expect(await created).toMatchObject({ metadata: { name: 'a' } });
    });
  }

  test('a server that stays busy is believed after five attempts', async () => {
    const clock = new TestClock();
    const { server, client } = await setUp(answer(429, status(429, 'TooManyRequests'), { 'retry-after': '1' }), {
      clock,
    });
    const failed = expect(client.get(configMap, key)).rejects.toMatchObject({ code: 429, retryAfterMs: 1000 });
    for (let wait = 1; wait <= 4; wait += 1) {
      await until(() => clock.timers.length === 1);
      clock.advance(1000);
    }
    await failed;
    expect(server.requests).toHaveLength(5);
  });

  test('a conflict is not repeated, whatever Retry-After says', async () => {
    const { server, client } = await setUp(answer(409, status(409, 'Conflict'), { 'retry-after': '1' }));
    await expect(client.update(configMap, object('a'))).rejects.toMatchObject({ reason: 'Conflict' });
    expect(server.requests).toHaveLength(1);
  });

  test('an abort ends the wait for Retry-After', async () => {
    const clock = new TestClock();
    const { client } = await setUp(answer(429, status(429, 'TooManyRequests'), { 'retry-after': '1' }), { clock });
    const stop = new AbortController();
    const failed = expect(client.get(configMap, key, { signal: stop.signal })).rejects.toBe('enough');
    await until(() => clock.timers.length === 1);
    stop.abort('enough');
    await failed;
    expect(clock.timers).toEqual([]);
  });
});

describe('list', () => {
  const page = (names: string[], next?: string) => ({
    metadata: { resourceVersion: '7', ...(next !== undefined && { continue: next }) },
    items: names.map((name) => ({ metadata: { namespace: 'ns', name } })),
  });

  test('all pages are read, and items get the kind that built-in lists leave out', async () => {
    const { server, client } = await setUp(
      sequence(answer(200, page(['a', 'b'], 'p2')), answer(200, page(['c'], 'p3')), answer(200, page(['d']))),
    );
    const list = await client.list(configMap, { namespace: 'ns', labelSelector: 'a=b,c!=d', fieldSelector: 'x=y' });
    expect(list.resourceVersion).toBe('7');
    expect(list.items.map((item) => `${item.apiVersion} ${item.kind} ${item.metadata.name}`)).toEqual(
      ['a', 'b', 'c', 'd'].map((name) => `v1 ConfigMap ${name}`),
    );
    const selectors = 'labelSelector=a%3Db%2Cc%21%3Dd&fieldSelector=x%3Dy';
    expect(server.requests).toEqual([
      `GET /api/v1/namespaces/ns/configmaps?limit=500&${selectors}`,
      `GET /api/v1/namespaces/ns/configmaps?limit=500&continue=p2&${selectors}`,
      `GET /api/v1/namespaces/ns/configmaps?limit=500&continue=p3&${selectors}`,
    ]);
  });

  test('an expired continue token starts over in one piece', async () => {
    const { server, client } = await setUp(
      sequence(
        answer(200, page(['a', 'gone'], 'p2')),
        answer(410, status(410, 'Expired')),
        answer(200, page(['a', 'c'])),
      ),
    );
    const list = await client.list(configMap);
    expect(list.items.map((item) => item.metadata.name)).toEqual(['a', 'c']);
    expect(server.requests[2]).toBe('GET /api/v1/configmaps');
  });

  test('items: null is an empty list', async () => {
    const { client } = await setUp(answer(200, { metadata: { resourceVersion: '3' }, items: null }));
    expect(await client.list(configMap)).toEqual({ items: [], resourceVersion: '3' });
  });
});

describe('watch', () => {
  const event = (type: string, name: string, version: string) =>
    JSON.stringify({ type, object: object(name, version) });
  const open = (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
  };
  async function collect(watch: AsyncIterable<WatchEvent>): Promise<string[]> {
    const seen: string[] = [];
    for await (const { type, object } of watch)
      seen.push(`${type} ${object.metadata.name} ${object.metadata.resourceVersion}`);
    return seen;
  }
  const from = (signal = new AbortController().signal) => ({ resourceVersion: '5', signal });

  test('asks for bookmarks, a start and an end', async () => {
    const { server, client } = await setUp((_request, response) => response.writeHead(200).end());
    await collect(client.watch(rule, { ...from(), namespace: 'ns' }));
    expect(server.requests[0]).toMatch(
      /^GET \/apis\/crd.alauda.io\/v1\/namespaces\/ns\/rules\?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=\d{3}$/,
    );
  });

  test('events may be cut anywhere, in characters too, and several may come at once', async () => {
    const text = `${event('ADDED', 'zürich-東京', '6')}\n\n${event('MODIFIED', 'b', '7')}\n${event('BOOKMARK', '', '9')}\n`;
    const { client } = await setUp(async (_request, response) => {
      open(response);
      for (const byte of Buffer.from(text)) {
        response.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
      response.end(`${event('DELETED', 'b', '10')}\n${event('ADDED', 'c', '11')}\n`);
    });
    expect(await collect(client.watch(configMap, from()))).toEqual([
      'ADDED zürich-東京 6',
      'MODIFIED b 7',
      'BOOKMARK  9',
      'DELETED b 10',
      'ADDED c 11',
    ]);
  });

  test('an ERROR event is thrown as ApiError, after the events before it', async () => {
    const error = JSON.stringify({ type: 'ERROR', object: status(410, 'Expired') });
    const { client } = await setUp((_request, response) => {
      open(response);
      response.end(`${event('ADDED', 'a', '6')}\n${error}\n`);
    });
    const seen: string[] = [];
    const run = async () => {
      for await (const { object } of client.watch(configMap, from())) seen.push(object.metadata.name);
    };
    await expect(run()).rejects.toMatchObject({ name: 'ApiError', code: 410, reason: 'Expired' });
    expect(seen).toEqual(['a']);
  });

  test('a refused watch is an ApiError', async () => {
    const { client } = await setUp(answer(410, status(410, 'Expired')));
    await expect(collect(client.watch(configMap, from()))).rejects.toMatchObject({ code: 410 });
  });

  const broken: readonly { name: string; end: (response: ServerResponse) => void; code: string }[] = [
    { name: 'a connection that breaks', end: (response) => response.destroy(), code: 'disconnected' },
    {
      name: 'a stream that ends inside an event',
      end: (response) => response.end('{"type":"AD'),
      code: 'disconnected',
    },
    { name: 'a line that is not JSON', end: (response) => response.end('nonsense\n'), code: 'malformed answer' },
    {
      name: 'an event of unknown type',
      end: (r) => r.end(`${event('RENAMED', 'a', '6')}\n`),
      code: 'malformed answer',
    },
  ];
  for (const c of broken) {
    test(`${c.name} is a ConnectionError`, async () => {
      const { client } = await setUp((_request, response) => {
        open(response);
        response.write(`${event('ADDED', 'a', '6')}\n`, () => setImmediate(() => c.end(response)));
      });
      await expect(collect(client.watch(configMap, from()))).rejects.toMatchObject({
        name: 'ConnectionError',
        code: c.code,
      });
    });
  }

  test('an abort ends the iteration quietly and closes the connection', async () => {
    const { server, client } = await setUp((_request, response) => {
      open(response);
      response.write(`${event('ADDED', 'a', '6')}\n`);
    });
    const stop = new AbortController();
    const seen: string[] = [];
    for await (const { object } of client.watch(configMap, from(stop.signal))) {
      seen.push(object.metadata.name);
      setImmediate(() => stop.abort());
    }
    expect(seen).toEqual(['a']);
    await until(() => server.openConnections === 0);
  });

  test('an abort before the headers ends it as well', async () => {
    const stop = new AbortController();
    const { client } = await setUp(() => stop.abort());
    expect(await collect(client.watch(configMap, from(stop.signal)))).toEqual([]);
  });

  test('a reader that loses interest closes the connection', async () => {
    const { server, client } = await setUp((_request, response) => {
      open(response);
      response.write(`${event('ADDED', 'a', '6')}\n`);
    });
    for await (const _event of client.watch(configMap, from())) break;
    await until(() => server.openConnections === 0);
  });

  test('an idle watch outlives the request timeout, which a silent call does not', async () => {
    let watching: ServerResponse | undefined;
    const { client } = await setUp(
      (request, response) => {
        if (request.url?.includes('watch=true')) {
          open(response);
          watching = response;
        }
      },
      { requestTimeoutMs: 1000 },
    );
    const watched = collect(client.watch(configMap, from()));
    await until(() => watching !== undefined);
    await expect(client.get(configMap, key)).rejects.toMatchObject({ name: 'ConnectionError', code: 'timed out' });
    watching?.end(`${event('ADDED', 'late', '6')}\n`);
    expect(await watched).toEqual(['ADDED late 6']);
  });

  test('a watch that the server should have ended long ago is given up', async () => {
    const clock = new TestClock();
    const { server, client } = await setUp((_request, response) => open(response), { clock });
    const failed = expect(collect(client.watch(configMap, from()))).rejects.toMatchObject({ code: 'timed out' });
    await until(() => server.requests.length === 1);
    const seconds = Number(server.requests[0]?.match(/timeoutSeconds=(\d+)/)?.[1]);
    expect(seconds).toBeGreaterThanOrEqual(300);
    expect(seconds).toBeLessThanOrEqual(600);
    clock.advance(seconds * 1000 + 30_000);
    await failed;
    expect(clock.timers).toEqual([]);
  });

  test('many watches do not keep calls waiting', async () => {
    const { server, client } = await setUp((request, response) => {
      if (request.url?.includes('watch=true')) open(response);
      else answerJson(response, 200, object('a'));
    });
    const stop = new AbortController();
    const watches = Array.from({ length: 40 }, () => collect(client.watch(configMap, from(stop.signal))));
    await until(() => server.requests.length === 40);
    expect(await client.get(configMap, key)).toMatchObject({ metadata: { name: 'a' } });
    stop.abort();
    await Promise.all(watches);
  });
});

describe('connections', () => {
  test('calls in a row use connections again', async () => {
    const { server, client } = await setUp(answer(200, object('a')));
    for (let i = 0; i < 20; i += 1) await client.get(configMap, key);
    // The pool opens a second one when the first has not finished reading the end of the answer before.
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  test('so do deletions, though they have a body', async () => {
    const { server, client } = await setUp(answer(200, status(200, '')));
    for (let i = 0; i < 20; i += 1) await client.delete(configMap, key);
    expect(server.connections).toBeLessThanOrEqual(2);
  });

  const reset = (request: IncomingMessage) => request.socket.destroy();
  test('a GET on a connection that the server just closed is sent again', async () => {
    const { server, client } = await setUp(sequence(reset, answer(200, object('a'))));
    expect(await client.get(configMap, key)).toMatchObject({ metadata: { name: 'a' } });
    expect(server.requests).toHaveLength(2);
  });

  test('a write is not: it may have taken effect', async () => {
    const { server, client } = await setUp(sequence(reset, answer(200, object('a'))));
    await expect(client.create(configMap, object('a'))).rejects.toMatchObject({ code: 'disconnected' });
    expect(server.requests).toHaveLength(1);
  });

  test('nobody listens: unreachable', async () => {
    const { server, client } = await setUp(answer(200, object('a')));
    await server.close();
    cleanups.shift();
    await expect(client.get(configMap, key)).rejects.toMatchObject({ name: 'ConnectionError', code: 'unreachable' });
  });

  test('closing the client breaks what runs', async () => {
    const { server, client } = await setUp(() => {});
    const failed = expect(client.get(configMap, key)).rejects.toMatchObject({ name: 'ConnectionError' });
    await until(() => server.requests.length === 1);
    await client.close();
    await failed;
    await expect(client.get(configMap, key)).rejects.toMatchObject({ message: 'the client was closed' });
  });

  test('an abort rejects with its reason and breaks the connection', async () => {
    let broken = false;
    const { server, client } = await setUp((request) => request.socket.on('close', () => (broken = true)));
    const stop = new AbortController();
    const failed = expect(client.get(configMap, key, { signal: stop.signal })).rejects.toBe('changed my mind');
    await until(() => server.requests.length === 1);
    stop.abort('changed my mind');
    await failed;
    await until(() => broken);
  });

  test('a signal aborted before sends nothing', async () => {
    const { server, client } = await setUp(answer(200, object('a')));
    await expect(client.get(configMap, key, { signal: AbortSignal.abort('no') })).rejects.toBe('no');
    expect(server.requests).toEqual([]);
  });
});

test('test server closes what it accepted', async () => {
  const server = await startTestServer(() => {});
  const socket = (await import('node:net')).connect(Number(new URL(server.url).port), '127.0.0.1');
  await once(socket, 'connect');
  await until(() => server.openConnections === 1);
  await server.close();
  await once(socket, 'close');
});
