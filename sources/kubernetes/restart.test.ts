/** The snapshot against a real API server that is killed with -9, restarted and cut off while objects change. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { ConnectionError } from '@causeway/protocols/kubernetes/connection-error';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { startApiServer, type TestApiServer } from '@causeway/protocols/kubernetes/test-apiserver';
import { KIND_REFS } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { type Reflectors, startReflectors } from './reflectors.ts';

/** Starting a process takes seconds on a busy machine, and this starts four. */
const patienceMs = 120_000;
vi.setConfig({ testTimeout: patienceMs });

const services: KindRef = KIND_REFS.Service;
const namespace = 'default';

/** A TCP connection to the API server that can be cut: what happens meanwhile is not seen. */
async function startLine(to: () => number) {
  const sockets = new Set<Socket>();
  let up = true;
  const server = createServer((inward) => {
    if (!up) {
      inward.destroy();
      return;
    }
    const outward = connect(to(), '127.0.0.1');
    for (const [socket, other] of [
      [inward, outward],
      [outward, inward],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    up = false;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend: () => {
      up = true;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

let server: TestApiServer;
let line: Awaited<ReturnType<typeof startLine>>;
/** Writes, and reads the truth. */
let direct: KubernetesClient;
/** What the reflectors use. */
let throughLine: KubernetesClient;
let reflectors: Reflectors | undefined;

beforeAll(async () => {
  server = await startApiServer();
  line = await startLine(() => server.port);
  const config = await loadKubeconfig(server.kubeconfigPath);
  direct = createClient(config);
  throughLine = createClient({ ...config, server: `https://127.0.0.1:${line.port}` });
});
afterEach(async () => {
  await reflectors?.stop();
  reflectors = undefined;
});
afterAll(async () => {
  await throughLine?.close();
  await direct?.close();
  await line?.close();
  await server?.close();
});

function service(name: string, port: number): KubernetesObject {
  const spec = { ports: [{ port, protocol: 'TCP', targetPort: port }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { namespace, name }, spec } as KubernetesObject;
}

const key = (name: string) => ({ namespace, name });

const setPort = (name: string, port: number) =>
  direct.patch(
    services,
    key(name),
    { spec: { ports: [{ port, protocol: 'TCP', targetPort: port }] } },
    { type: 'merge' },
  );

/** `name resourceVersion` of everything, sorted. */
function versions(objects: readonly KubernetesObject[]): string[] {
  return objects.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();
}

const inSnapshot = (snapshot: Snapshot) => versions(snapshot.view('test').all('Service'));
const inServer = async () => versions((await direct.list(services)).items);

async function start(): Promise<{ snapshot: Snapshot; changes: Map<string, number> }> {
  const snapshot = new Snapshot();
  const changes = new Map<string, number>();
  snapshot.onChange('Service', ({ name }) => changes.set(name, (changes.get(name) ?? 0) + 1));
  reflectors = startReflectors(throughLine, snapshot, pino({ level: 'silent' }));
  await reflectors.synced;
  return { snapshot, changes };
}

async function converged(snapshot: Snapshot): Promise<void> {
  const truth = await inServer();
  await expect.poll(() => inSnapshot(snapshot), { timeout: patienceMs, interval: 20 }).toEqual(truth);
}

test('objects deleted, changed and created while cut off, with the server killed in between', async () => {
  const names = ['kept', 'changed', 'deleted', 'recreated'];
  for (const name of names) await direct.create(services, service(name, 80));
  const { snapshot, changes } = await start();
  await converged(snapshot);

  line.cut();
  await setPort('changed', 81);
  await direct.delete(services, key('deleted'));
  await direct.delete(services, key('recreated'));
  await direct.create(services, service('recreated', 80));
  await server.kill();
  await server.start();
  await direct.create(services, service('created', 80));
  line.mend();

  await converged(snapshot);
  // Two for what was there and then changed; nothing is told twice.
  expect(changes.get('kept')).toBe(1);
  expect(changes.get('changed')).toBe(2);
  expect(changes.get('deleted')).toBe(2);
  expect(changes.get('created')).toBe(1);
  // Resumed: removed and added. Listed again: replaced by one with another uid.
  expect(changes.get('recreated')).toBeGreaterThanOrEqual(2);
  expect(snapshot.view('test').get('Service', key('deleted'))).toBeUndefined();
});

test('killed three times while a writer goes on: no acknowledged write is missing', async () => {
  const { snapshot, changes } = await start();
  /** Last state that the server acknowledged: port, or undefined for deleted. Names whose last write got no answer are left out. */
  const acknowledged = new Map<string, number | undefined>();
  let stop = false;
  let writes = 0;

  const write = async (name: string, turn: number): Promise<void> => {
    acknowledged.delete(name);
    const existing = await direct.get(services, key(name));
    if (existing === undefined) {
      await direct.create(services, service(name, 1000 + turn));
      acknowledged.set(name, 1000 + turn);
    } else if (turn % 3 === 0) {
      await direct.delete(services, key(name));
      acknowledged.set(name, undefined);
    } else {
      await setPort(name, 1000 + turn);
      acknowledged.set(name, 1000 + turn);
    }
    writes += 1;
  };
  const writer = (async () => {
    for (let turn = 0; !stop; turn += 1) {
      try {
        await write(`busy-${turn % 20}`, turn);
      } catch (error) {
        if (!(error instanceof ConnectionError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  })();

  for (let kill = 1; kill <= 3; kill += 1) {
    const before = writes;
    await expect.poll(() => writes, { timeout: patienceMs, interval: 5 }).toBeGreaterThan(before + 60);
    await server.kill();
    await server.start();
  }
  stop = true;
  await writer;

  await converged(snapshot);
  const view = snapshot.view('test');
  for (const [name, port] of acknowledged) {
    const found = view.get('Service', key(name));
    expect([name, found?.spec?.ports?.[0]?.port]).toEqual([name, port]);
  }
  expect(changes.get('kept')).toBe(1);
});
