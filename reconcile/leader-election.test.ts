import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { createClient, type KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { loadKubeconfig } from '@causeway/protocols/kubernetes/kubeconfig';
import { startApiServer, type TestApiServer } from '@causeway/protocols/kubernetes/test-apiserver';
import { TestClock, until } from '@causeway/protocols/kubernetes/test-clock';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { runLeaderElection } from './leader-election.ts';

vi.setConfig({ testTimeout: 120_000 });

const leases: KindRef = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};

let server: TestApiServer;
let client: KubernetesClient;
let next = 0;
let lease = { namespace: 'default', name: 'election' };
const candidates: Candidate[] = [];

beforeAll(async () => {
  server = await startApiServer();
  client = createClient(await loadKubeconfig(server.kubeconfigPath));
});
afterAll(async () => {
  await client?.close();
  await server?.close();
});
beforeEach(() => {
  next += 1;
  lease = { namespace: 'default', name: `election-${next}` };
});
afterEach(async () => {
  for (const candidate of candidates.splice(0)) await candidate.stop();
});

/** A candidate with a clock of its own, as on a machine of its own. */
class Candidate {
  readonly clock = new TestClock();
  readonly events: string[] = [];
  term: AbortSignal | undefined;
  /** Set to make `onStopped` wait. */
  beforeStopped: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  readonly #ended: Promise<void>;

  constructor(identity: string, through: Pick<KubernetesClient, 'create' | 'get' | 'update'> = client) {
    candidates.push(this);
    this.#ended = runLeaderElection({
      client: through,
      lease,
      identity,
      signal: this.#stop.signal,
      log: pino({ level: 'silent' }),
      clock: this.clock,
      onStarted: (term) => {
        this.term = term;
        this.events.push('started');
      },
      onStopped: async () => {
        await this.beforeStopped;
        this.events.push('stopped');
      },
    });
  }

  get leads(): boolean {
    return this.term !== undefined && !this.term.aborted;
  }

  /**
   * The candidate sleeps until its next attempt. A leader then has two timers, the other is the deadline; a request under
   * way has one alone, its limit, which is further away than any attempt.
   */
  waits(): Promise<void> {
    return until(() => this.clock.timers.length === 2 || (this.clock.timers[0] ?? Infinity) <= 2400);
  }

  /** Lets time pass, each attempt in it made and answered. */
  async live(ms: number): Promise<void> {
    const end = this.clock.now() + ms;
    await this.waits();
    while (this.clock.now() < end) {
      this.clock.advance(Math.min(this.clock.timers[0] ?? 0, end - this.clock.now()));
      await this.waits();
    }
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#ended;
  }
}

async function spec(): Promise<Record<string, unknown> | undefined> {
  const found = await client.get(leases, lease);
  return found !== undefined && 'spec' in found ? (found.spec as Record<string, unknown>) : undefined;
}

test('the first candidate leads and renews', async () => {
  const a = new Candidate('a');
  await until(() => a.leads);
  const first = await spec();
  expect(first).toMatchObject({
    holderIdentity: 'a',
    leaseDurationSeconds: 15,
    leaseTransitions: 0,
    renewTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
  });
  await a.live(60_000);
  const later = await spec();
  expect(later).toMatchObject({ holderIdentity: 'a', leaseTransitions: 0, acquireTime: first?.['acquireTime'] });
  const renewed = Date.parse(String(later?.['renewTime'])) - Date.parse(String(first?.['renewTime']));
  expect(renewed).toBeGreaterThanOrEqual(56_000);
  expect(a.events).toEqual(['started']);
});

test('a second one waits as long as the first renews, however long that is', async () => {
  const a = new Candidate('a');
  await until(() => a.leads);
  const b = new Candidate('b');
  for (let i = 0; i < 10; i += 1) {
    await a.live(5000);
    await b.live(5000);
  }
  expect(b.events).toEqual([]);
  expect(a.events).toEqual(['started']);
});

test('a lease that is not renewed is taken after its duration, counted on the own clock', async () => {
  const a = new Candidate('a');
  await until(() => a.leads);
  const b = new Candidate('b');
  // Clocks that differ by an hour make no difference.
  b.clock.advance(3_600_000);
  await b.waits();
  await b.live(12_000);
  expect(b.events).toEqual([]);
  // It saw the lease only at its second attempt, and looks again up to 2.4 s after the 15 s are over.
  await b.live(10_000);
  await until(() => b.leads);
  expect(await spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  // The first finds out at its next renewal.
  await a.waits();
  a.clock.advance(2000);
  await until(() => a.events.length === 2);
  expect(a.events).toEqual(['started', 'stopped']);
  expect(a.leads).toBe(false);
});

test('an orderly stop releases the lease after onStopped, and another leads at its next attempt', async () => {
  const a = new Candidate('a');
  await until(() => a.leads);
  const b = new Candidate('b');
  await b.waits();
  let finish = () => {};
  a.beforeStopped = new Promise((resolve) => {
    finish = resolve;
  });
  const stopped = a.stop();
  await until(() => !a.leads);
  expect(await spec()).toMatchObject({ holderIdentity: 'a' });
  finish();
  await stopped;
  expect(a.events).toEqual(['started', 'stopped']);
  expect((await spec())?.['holderIdentity'] ?? '').toBe('');
  b.clock.advance(2400);
  await until(() => b.leads);
  expect(await spec()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
});

test('a stop while a renewal is stored, whose answer nobody waits for, releases the lease', async () => {
  let isSilent = false;
  let stored = false;
  const silent: Pick<KubernetesClient, 'create' | 'get' | 'update'> = {
    create: (kind, object) => client.create(kind, object),
    get: (kind, key) => client.get(kind, key),
    update: async (kind, object, options) => {
      const result = await client.update(kind, object);
      if (!isSilent) return result;
      isSilent = false;
      stored = true;
      return await new Promise((_resolve, reject) => {
        options?.signal?.addEventListener('abort', () => reject(new Error('nobody waits')));
      });
    },
  };
  const a = new Candidate('a', silent);
  await until(() => a.leads);
  await a.waits();
  isSilent = true;
  a.clock.advance(2000);
  await until(() => stored);
  await a.stop();
  expect((await spec())?.['holderIdentity'] ?? '').toBe('');
});

test('of many candidates exactly one leads', async () => {
  const all = Array.from({ length: 8 }, (_, i) => new Candidate(`c${i}`));
  await until(() => all.some((candidate) => candidate.leads));
  await Promise.all(all.map((candidate) => candidate.waits()));
  expect(all.filter((candidate) => candidate.leads)).toHaveLength(1);
});

test('a restarted holder takes its own lease at once', async () => {
  const expired = new Date(Date.UTC(2030, 0, 1)).toISOString().replace('Z', '000Z');
  await client.create(leases, {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: lease,
    spec: {
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: expired,
      renewTime: expired,
      leaseTransitions: 4,
    },
  } as KubernetesObject);
  const a = new Candidate('a');
  await until(() => a.leads);
  expect(await spec()).toMatchObject({ holderIdentity: 'a', leaseTransitions: 4, acquireTime: expired });
});

test('an edit of the lease by somebody else does not end the term', async () => {
  const a = new Candidate('a');
  await until(() => a.leads);
  await client.patch(leases, lease, { metadata: { labels: { seen: 'yes' } } }, { type: 'merge' });
  await a.live(6000);
  expect(a.leads).toBe(true);
  expect((await client.get(leases, lease))?.metadata.labels).toEqual({ seen: 'yes' });
});

test('a deleted lease is made again by its holder', async () => {
  const a = new Candidate('a');
  await until(() => a.leads);
  await a.waits();
  await client.delete(leases, lease);
  await a.live(4000);
  expect(a.leads).toBe(true);
  expect(await spec()).toMatchObject({ holderIdentity: 'a' });
});

describe('a leader that cannot reach the API server', () => {
  test('steps down at the renew deadline and leads again when it can', async () => {
    const own = await startApiServer();
    const unreliable = createClient(await loadKubeconfig(own.kubeconfigPath));
    try {
      const a = new Candidate('a', unreliable);
      await until(() => a.leads);
      await own.kill();
      await a.live(8000);
      expect(a.leads).toBe(true);
      await a.waits();
      a.clock.advance(2000);
      await until(() => a.events.length === 2);
      expect(a.leads).toBe(false);
      await own.start();
      await until(() => {
        if (!a.leads) a.clock.advance(100);
        return a.leads;
      });
      expect(a.events).toEqual(['started', 'stopped', 'started']);
      await a.stop();
    } finally {
      await unreliable.close();
      await own.close();
    }
  });
});
