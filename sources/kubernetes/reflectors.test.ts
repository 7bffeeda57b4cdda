import type { ServerResponse } from 'node:http';
import { createClient } from '@causeway/protocols/kubernetes/client';
import { TestClock, until } from '@causeway/protocols/kubernetes/test-clock';
import { answerJson, startTestServer, status } from '@causeway/protocols/kubernetes/test-server';
import type { KindName } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { type ReflectorsOptions, startReflectors } from './reflectors.ts';

interface Stored {
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly resourceVersion?: string };
}

/** How the scripted server treats one plural; what is not said is an empty collection at version 10 with a silent watch. */
interface Behaviour {
  /** Items, or the HTTP code of a refusal. */
  list?: readonly Stored[] | number;
  /** Called for each watch; `from` is the resource version asked for. */
  watch?: (stream: Stream, from: string) => void;
  version?: string;
}

interface Stream {
  send(type: string, object: unknown): void;
  end(): void;
  cut(): void;
  refuse(code: number): void;
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function setUp(behaviours: Record<string, Behaviour>, options: ReflectorsOptions = {}) {
  const clock = new TestClock();
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const server = await startTestServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    const behaviour = behaviours[url.pathname.split('/').at(-1) ?? ''] ?? {};
    if (url.searchParams.get('watch') === 'true') {
      const stream = streamOf(response);
      if (behaviour.watch === undefined) response.writeHead(200).flushHeaders();
      else behaviour.watch(stream, url.searchParams.get('resourceVersion') ?? '');
    } else if (typeof behaviour.list === 'number') {
      answerJson(response, behaviour.list, status(behaviour.list, `Reason${behaviour.list}`));
    } else {
      answerJson(response, 200, {
        metadata: { resourceVersion: behaviour.version ?? '10' },
        items: behaviour.list ?? [],
      });
    }
  });
  const client = createClient({ server: server.url, namespace: 'default' });
  const snapshot = new Snapshot();
  const reflectors = startReflectors(client, snapshot, log, { ...options, clock });
  cleanups.push(
    () => server.close(),
    () => client.close(),
    () => reflectors.stop(),
  );
  let synced = false;
  void reflectors.synced.then(() => (synced = true));
  const names = (kind: KindName) =>
    snapshot
      .view('test')
      .all(kind)
      .map((object) => object.metadata.name);
  /** Requests of one plural, `list` or `watch <version>`. */
  const asked = (plural: string) =>
    server.requests
      .map((line) => new URL(line.slice(4), 'http://x'))
      .filter((url) => url.pathname.endsWith(`/${plural}`))
      .map((url) => (url.searchParams.has('watch') ? `watch ${url.searchParams.get('resourceVersion')}` : 'list'));
  return { clock, server, snapshot, reflectors, lines, names, asked, isSynced: () => synced };
}

function streamOf(response: ServerResponse): Stream {
  const open = () => {
    if (!response.headersSent) response.writeHead(200).flushHeaders();
  };
  return {
    send: (type, object) => {
      open();
      response.write(`${JSON.stringify({ type, object })}\n`);
    },
    end: () => {
      open();
      response.end();
    },
    cut: () => {
      open();
      setImmediate(() => response.destroy());
    },
    refuse: (code) => answerJson(response, code, status(code, code === 410 ? 'Expired' : `Reason${code}`)),
  };
}

function service(name: string, resourceVersion: string, more: object = {}): Stored {
  return { metadata: { namespace: 'ns', name, resourceVersion, ...more } };
}

test('list, then every change, into the snapshot', async () => {
  let stream: Stream | undefined;
  const { reflectors, names, asked } = await setUp({
    services: { list: [service('a', '3'), service('b', '9')], watch: (s) => (stream = s) },
  });
  await reflectors.synced;
  expect(names('Service')).toEqual(['a', 'b']);
  expect(reflectors.observedResourceVersion('Service')).toBe('10');
  await until(() => stream !== undefined);
  stream?.send('ADDED', service('c', '11'));
  stream?.send('DELETED', service('a', '12'));
  stream?.send('MODIFIED', service('b', '13'));
  await until(() => reflectors.observedResourceVersion('Service') === '13');
  expect(names('Service')).toEqual(['b', 'c']);
  expect(asked('services')).toEqual(['list', 'watch 10']);
});

test('observedResourceVersion is the greatest of all kinds, as numbers', async () => {
  const { reflectors } = await setUp({
    services: { version: '9' },
    rules: { version: '100' },
    frontends: { version: '20' },
  });
  await reflectors.synced;
  expect(reflectors.observedResourceVersion()).toBe('100');
  expect(reflectors.observedResourceVersion('Service')).toBe('9');
});

describe('a watch that ends', () => {
  for (const how of ['end', 'cut'] as const) {
    test(`(${how}) is resumed where it was, bookmarks included, without a new list`, async () => {
      const froms: string[] = [];
      const { clock, reflectors, names, asked } = await setUp({
        services: {
          list: [service('a', '3')],
          watch: (stream, from) => {
            froms.push(from);
            if (froms.length === 1) {
              stream.send('ADDED', service('b', '11'));
              stream.send('BOOKMARK', { kind: 'Service', metadata: { resourceVersion: '50' } });
              stream[how]();
            } else {
              stream.send('ADDED', service('c', '51'));
            }
          },
        },
      });
      await reflectors.synced;
      await until(() => froms.length === 2 || clock.timers.some((ms) => ms <= 100));
      clock.advance(100);
      await until(() => names('Service').length === 3);
      expect(asked('services')).toEqual(['list', 'watch 10', 'watch 50']);
    });
  }

  test('at once and without an event is asked for with growing delays', async () => {
    let watches = 0;
    const { clock, reflectors } = await setUp({
      services: {
        watch: (stream) => {
          watches += 1;
          stream.end();
        },
      },
    });
    await reflectors.synced;
    for (const [i, longest] of [100, 200, 400, 800].entries()) {
      await until(() => watches === i + 1 && clock.timers.some((ms) => ms <= 10_000));
      const delay = clock.timers[0] ?? 0;
      expect(delay).toBeGreaterThanOrEqual(longest / 2);
      expect(delay).toBeLessThanOrEqual(longest);
      clock.advance(delay);
    }
  });
});

describe('410', () => {
  for (const how of ['as an answer', 'as an event']) {
    test(`${how}: list again, and what was deleted meanwhile is gone`, async () => {
      const behaviour: Behaviour = { list: [service('a', '3'), service('b', '4')] };
      behaviour.watch = (stream, from) => {
        if (from !== '10') {
          stream.send('ADDED', service('d', '31'));
          return;
        }
        behaviour.list = [service('b', '25'), service('c', '26')];
        behaviour.version = '30';
        if (how === 'as an answer') stream.refuse(410);
        else stream.send('ERROR', status(410, 'Expired'));
      };
      const { clock, reflectors, names, asked, snapshot } = await setUp({ services: behaviour });
      const changes: string[] = [];
      snapshot.onChange('Service', (key) => changes.push(key.name));
      await reflectors.synced;
      await until(() => clock.timers.some((ms) => ms <= 100));
      clock.advance(100);
      await until(() => names('Service').includes('d'));
      expect(names('Service')).toEqual(['b', 'c', 'd']);
      expect(asked('services')).toEqual(['list', 'watch 10', 'list', 'watch 30']);
      // b changed in nothing but its version: not a change.
      expect(changes.filter((name) => name === 'b')).toHaveLength(1);
      expect(changes.filter((name) => name === 'a')).toHaveLength(2);
    });
  }

  test('forever does not become a busy loop', async () => {
    const { clock, reflectors, asked } = await setUp({ services: { watch: (stream) => stream.refuse(410) } });
    await reflectors.synced;
    for (let i = 1; i <= 6; i += 1) {
      await until(() => asked('services').length === 2 * i && clock.timers.some((ms) => ms <= 10_000));
      expect(clock.timers[0]).toBeGreaterThanOrEqual(50 * 2 ** (i - 1));
      clock.advance(clock.timers[0] ?? 0);
    }
  });
});

test('a resource version the server has not reached (restored storage) leads to a new list', async () => {
  const behaviour: Behaviour = { list: [service('a', '3')], version: '500' };
  behaviour.watch = (stream, from) => {
    if (from !== '500') return stream.send('BOOKMARK', { metadata: { resourceVersion: '21' } });
    behaviour.list = [];
    behaviour.version = '20';
    stream.refuse(504);
  };
  const { clock, reflectors, names } = await setUp({ services: behaviour });
  await reflectors.synced;
  await until(() => clock.timers.some((ms) => ms <= 100));
  clock.advance(100);
  await until(() => reflectors.observedResourceVersion('Service') === '21');
  expect(names('Service')).toEqual([]);
});

test('a server in trouble (503) is asked for the same watch again', async () => {
  let watches = 0;
  const { clock, reflectors, asked, names } = await setUp({
    services: {
      watch: (stream) => {
        watches += 1;
        if (watches === 1) stream.refuse(503);
        else stream.send('ADDED', service('b', '11'));
      },
    },
  });
  await reflectors.synced;
  await until(() => clock.timers.some((ms) => ms <= 100));
  clock.advance(100);
  await until(() => names('Service').length === 1);
  expect(asked('services')).toEqual(['list', 'watch 10', 'watch 10']);
});

describe('a kind the server does not have', () => {
  test('does not hold up the others, is said once and picked up when it comes', async () => {
    const instances: Behaviour = { list: 404 };
    const { clock, reflectors, names, lines, asked } = await setUp({
      instances,
      services: { list: [service('a', '3')] },
    });
    await reflectors.synced;
    expect(names('Service')).toEqual(['a']);
    for (let i = 1; i <= 3; i += 1) {
      await until(() => asked('instances').length === i && clock.timers.some((ms) => ms <= 3000));
      clock.advance(3000);
    }
    await until(() => asked('instances').length === 4 && clock.timers.some((ms) => ms <= 3000));
    const said = () => lines.filter((line) => line['kind'] === 'Instance').map((line) => line['msg']);
    expect(said()).toEqual(['the API server does not have this kind; it is asked for again']);
    instances.list = [service('i', '5')];
    clock.advance(3000);
    await until(() => names('Instance').length === 1);
    expect(said()).toHaveLength(2);
  });

  test('any more: its objects go after a grace time only', async () => {
    const instances: Behaviour = { list: [service('i', '5')] };
    instances.watch = (stream) => {
      instances.list = 404;
      stream.refuse(404);
    };
    const { clock, reflectors, names, asked } = await setUp({ instances });
    await reflectors.synced;
    const start = clock.now();
    while (clock.now() - start < 10_000) {
      expect(names('Instance')).toEqual(['i']);
      const before = asked('instances').length;
      await until(() => clock.timers.some((ms) => ms <= 3000));
      clock.advance(clock.timers[0] ?? 0);
      await until(() => asked('instances').length > before);
      if (clock.now() - start < 10_000) await until(() => clock.timers.some((ms) => ms <= 3000));
    }
    await until(() => clock.timers.some((ms) => ms <= 3000));
    clock.advance(3000);
    await until(() => names('Instance').length === 0);
  });
});

test('a kind that may not be read holds up synced, is said once, and is read when it is allowed', async () => {
  const secrets: Behaviour = { list: 403 };
  const { clock, reflectors, lines, asked, isSynced, snapshot } = await setUp({ secrets });
  for (let i = 1; i <= 3; i += 1) {
    await until(() => asked('secrets').length === i && clock.timers.some((ms) => ms <= 10_000));
    clock.advance(10_000);
  }
  expect(isSynced()).toBe(false);
  expect(lines.filter((line) => line['kind'] === 'Secret')).toHaveLength(1);
  secrets.list = [];
  await until(() => {
    clock.advance(10_000);
    return isSynced();
  });
  await reflectors.synced;
  expect(snapshot.view('test').all('Secret')).toEqual([]);
});

test('what the snapshot does not need is left out', async () => {
  const applied = 'kubectl.kubernetes.io/last-applied-configuration';
  const secret = (name: string, type?: string) => ({ ...service(name, '3'), ...(type !== undefined && { type }) });
  let stream: Stream | undefined;
  const { reflectors, names, snapshot } = await setUp({
    services: {
      list: [
        service('a', '3', { managedFields: [{ manager: 'kubectl' }], annotations: { [applied]: '{}', kept: 'yes' } }),
        service('b', '3', { annotations: { [applied]: '{}' } }),
      ],
    },
    secrets: {
      list: [
        secret('tls', 'kubernetes.io/tls'),
        secret('opaque', 'Opaque'),
        secret('untyped'),
        secret('release', 'helm.sh/release.v1'),
        secret('token', 'kubernetes.io/service-account-token'),
      ],
      watch: (s) => (stream = s),
    },
  });
  await reflectors.synced;
  expect(
    snapshot
      .view('test')
      .all('Service')
      .map((object) => object.metadata),
  ).toEqual([
    { namespace: 'ns', name: 'a', resourceVersion: '3', annotations: { kept: 'yes' } },
    { namespace: 'ns', name: 'b', resourceVersion: '3' },
  ]);
  expect(names('Secret')).toEqual(['opaque', 'tls', 'untyped']);
  await until(() => stream !== undefined);
  stream?.send('ADDED', {
    ...secret('token2', 'kubernetes.io/service-account-token'),
    kind: 'Secret',
    apiVersion: 'v1',
  });
  stream?.send('BOOKMARK', { metadata: { resourceVersion: '99' } });
  await until(() => reflectors.observedResourceVersion('Secret') === '99');
  expect(names('Secret')).toEqual(['opaque', 'tls', 'untyped']);
});

describe('prerequisites', () => {
  const options: ReflectorsOptions = { prerequisites: { IngressNginx: ['Ingress', 'IngressClass'] } };
  const ingresses = { list: [service('web', '3')] };

  test('a kind is read only while there are objects of the one that needs it, which wait for it', async () => {
    let stream: Stream | undefined;
    const { reflectors, snapshot, names, asked } = await setUp(
      { ingresses, ingressnginxes: { watch: (s) => (stream = s) } },
      options,
    );
    await reflectors.synced;
    expect(asked('ingresses')).toEqual([]);
    let seenWith: readonly string[] = [];
    snapshot.onChange('IngressNginx', () => (seenWith = names('Ingress')));
    await until(() => stream !== undefined);
    stream?.send('ADDED', service('demo', '11'));
    await until(() => names('IngressNginx').length === 1);
    expect(seenWith).toEqual(['web']);
    await until(() => asked('ingresses').length === 2);
    expect(asked('ingresses')).toEqual(['list', 'watch 10']);

    stream?.send('DELETED', service('demo', '12'));
    await until(() => names('Ingress').length === 0);
    expect(names('IngressNginx')).toEqual([]);
    expect(reflectors.observedResourceVersion('Ingress')).toBe('0');

    stream?.send('ADDED', service('again', '13'));
    await until(() => names('IngressNginx').length === 1);
    expect(names('Ingress')).toEqual(['web']);
  });

  test('synced waits for them where they are needed from the start', async () => {
    const { reflectors, names } = await setUp({ ingresses, ingressnginxes: { list: [service('demo', '3')] } }, options);
    await reflectors.synced;
    expect([names('IngressNginx'), names('Ingress')]).toEqual([['demo'], ['web']]);
  });

  test('stop ends their requests too', async () => {
    const { reflectors, clock, asked } = await setUp(
      { ingresses, ingressnginxes: { list: [service('demo', '3')] } },
      options,
    );
    await until(() => asked('ingresses').length === 2);
    await reflectors.stop();
    expect(clock.timers).toEqual([]);
  });
});

test('stop ends every request', async () => {
  const { reflectors, server, clock } = await setUp({});
  await reflectors.synced;
  await reflectors.stop();
  expect(clock.timers).toEqual([]);
  const before = server.requests.length;
  clock.advance(3_600_000);
  expect(server.requests.length).toBe(before);
});
