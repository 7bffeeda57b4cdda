/**
 * Kills the API server at random moments of thousands of concurrent writes, and compares what it has after each restart with what it
 * had acknowledged: nothing is lost, nothing is there twice, revisions only grow, and watchers that resume miss nothing.
 *
 * A kill leaves what the kernel has in its caches, so it proves the order of commits and answers, not that of the disk: that
 * the answer waits for fdatasync is seen with strace (ADR 1).
 */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { configMap, TestClient } from '@causeway/apiserver/testing/server';
import { Random } from '../random.ts';
import { Follower, ROOT_CA } from './follower.ts';
import { type Found, Ledger } from './ledger.ts';
import { ServerProcess } from './server-process.ts';
import { Writer } from './writer.ts';

export interface KillOptions {
  /** Of the built programs. */
  readonly programDirectory: string;
  /** Gets the data directory and the server's log. */
  readonly directory: string;
  readonly seed: number;
  readonly rounds: number;
  /** How many writes each round begins. */
  readonly writes: number;
  /** How many of them are under way at a time. */
  readonly writers: number;
  readonly say: (line: string) => void;
}

export interface KillResult {
  readonly rounds: number;
  readonly acknowledged: number;
  /** Writes that were under way when the server was killed. */
  readonly unanswered: number;
  readonly objects: number;
  readonly watchesResumed: number;
  readonly listedAgain: number;
  /** Empty: the run passed. */
  readonly problems: readonly string[];
}

const MAPS = '/api/v1/namespaces/default/configmaps';
/** Published by the server in every namespace. */
const SERVERS_OWN = 'kube-root-ca.crt';
/** Of a client of undici. */
const CONNECTIONS = 64;
const FOLLOWERS = 6;
/** Of the restarts, how many are killed as well before they serve. */
const EARLY_SHARE = 0.25;
const EARLY_MS = { from: 50, to: 600 };
const PATIENCE_MS = 60_000;

export async function runKills(options: KillOptions): Promise<KillResult> {
  const server = await ServerProcess.at(options.programDirectory, path.join(options.directory, 'data'));
  await server.start();
  const run = new KillRun(options, server);
  try {
    for (let round = 0; round < options.rounds; round += 1) await run.round(round);
    await run.leaveAndReturn();
    return run.result;
  } finally {
    await run.stop();
    await server.end('SIGKILL');
  }
}

class KillRun {
  readonly #options: KillOptions;
  readonly #server: ServerProcess;
  readonly #random: Random;
  readonly #ledger = new Ledger();
  readonly #problems: string[] = [];
  readonly #clients: readonly TestClient[];
  readonly #followers: readonly Follower[];
  #rounds = 0;
  #objects = 0;
  #unanswered = 0;

  constructor(options: KillOptions, server: ServerProcess) {
    this.#options = options;
    this.#server = server;
    this.#random = new Random(options.seed, 'kills');
    const clients = Math.ceil(options.writers / CONNECTIONS);
    this.#clients = Array.from({ length: clients }, () => new TestClient(server.kubeconfig));
    const cuts = new Random(options.seed, 'cuts');
    this.#followers = Array.from({ length: FOLLOWERS }, (_, index) => {
      // Half of them lose their connection again and again.
      const cutAfter = index % 2 === 0 ? () => Number.POSITIVE_INFINITY : () => 1 + cuts.below(500);
      return new Follower(server.kubeconfig, MAPS, String(index), cutAfter);
    });
  }

  get result(): KillResult {
    const sum = (of: (follower: Follower) => number): number => this.#followers.map(of).reduce((a, b) => a + b, 0);
    return {
      rounds: this.#rounds,
      acknowledged: this.#ledger.acknowledged,
      unanswered: this.#unanswered,
      objects: this.#objects,
      watchesResumed: sum(({ resumed }) => resumed),
      listedAgain: sum(({ listed }) => listed - 1),
      problems: [...this.#problems, ...this.#ledger.problems, ...this.#followers.flatMap(({ problems }) => problems)],
    };
  }

  /** Writes, a kill, a restart, and the comparison. */
  async round(round: number): Promise<void> {
    const { writes, writers, say } = this.#options;
    const killAt = 1 + this.#random.below(writes);
    const acknowledged: number[] = [];
    const life = { killed: false };
    const onAcknowledged = (revision: number): void => {
      acknowledged.push(revision);
      if (acknowledged.length !== killAt) return;
      life.killed = true;
      void this.#server.end('SIGKILL');
    };
    const budget = { left: writes };
    const running = Array.from({ length: writers }, (_, index) => {
      const client = this.#clients[index % this.#clients.length] as TestClient;
      const random = new Random(this.#options.seed, `writer ${round} ${index}`);
      const writer = new Writer({ client, ledger: this.#ledger, random, id: index, round, onAcknowledged });
      return writer.run(budget, life);
    });
    const unanswered = (await Promise.all(running)).filter((open) => open).length;
    this.#unanswered += unanswered;
    await this.#server.end('SIGKILL');
    for (const follower of this.#followers) {
      const missed = follower.missed(acknowledged);
      if (missed.length > 0)
        this.#problems.push(`a watcher at ${follower.last} missed ${missed.slice(0, 10).join(', ')}`);
    }
    const early = this.#random.next() < EARLY_SHARE;
    if (early) await this.#server.startAndKill(this.#random.between(EARLY_MS.from, EARLY_MS.to));
    await this.#server.start();
    await this.#compare();
    this.#rounds += 1;
    say(
      `round ${round + 1}: killed after ${acknowledged.length} of ${writes} writes${early ? ', and while it started' : ''}; ` +
        `${unanswered} without answer, ${this.#objects} objects`,
    );
  }

  /** A clean end keeps everything as well. */
  async leaveAndReturn(): Promise<void> {
    const code = await this.#server.end('SIGTERM');
    if (code !== 0) this.#problems.push(`SIGTERM: the server ended with ${String(code)}`);
    await this.#server.start();
    await this.#compare();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#followers.map((follower) => follower.stop()));
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  async #compare(): Promise<void> {
    const { found, revision } = await this.#list();
    this.#ledger.reconcile(
      found.filter(({ name }) => name !== SERVERS_OWN),
      revision,
    );
    this.#objects = found.length;
    await this.#compareFollowers();
  }

  async #compareFollowers(): Promise<void> {
    const token = `sentinel ${this.#ledger.highest}`;
    const [client] = this.#clients as readonly [TestClient];
    this.#ledger.begin('sentinel', token);
    const object = { ...configMap('sentinel', { token }) };
    const answer = await client.call('PATCH', `${MAPS}/sentinel?fieldManager=soak&force=true`, object, {
      contentType: 'application/apply-patch+yaml',
    });
    const written = { token, revision: revisionOf(answer.body) };
    this.#ledger.acknowledge('sentinel', written, this.#ledger.highest);
    const { found } = await this.#list();
    const end = Date.now() + PATIENCE_MS;
    for (const [index, follower] of this.#followers.entries()) {
      while (follower.last < written.revision && Date.now() < end) await sleep(10);
      const wrong = found.filter(({ name, revision }) => follower.objects.get(name) !== revision).length;
      if (wrong > 0 || follower.objects.size !== found.length) {
        this.#problems.push(
          `watcher ${index} at ${follower.last} of ${written.revision}: ${follower.objects.size} objects of ${found.length}, ${wrong} wrong`,
        );
      }
    }
  }

  async #list(): Promise<{ readonly found: readonly Found[]; readonly revision: number }> {
    const [client] = this.#clients as readonly [TestClient];
    const { body } = await client.get(MAPS);
    const items = body['items'] as unknown as readonly StoredMap[];
    return { found: items.map(foundOf).filter(({ name }) => name !== ROOT_CA), revision: revisionOf(body) };
  }
}

interface StoredMap {
  readonly metadata: { readonly name: string; readonly generateName?: string; readonly resourceVersion: string };
  readonly data?: { readonly token?: string };
}

function foundOf({ metadata, data }: StoredMap): Found {
  return {
    name: metadata.name,
    generated: metadata.generateName !== undefined,
    token: data?.token ?? '',
    revision: Number(metadata.resourceVersion),
  };
}

function revisionOf(body: object): number {
  return Number((body as { readonly metadata: { readonly resourceVersion: string } }).metadata.resourceVersion);
}
