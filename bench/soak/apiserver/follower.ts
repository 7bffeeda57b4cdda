import { setTimeout as sleep } from 'node:timers/promises';
import { TestClient } from '@causeway/apiserver/testing/server';

const RETRY_MS = 20;

/** The server keeps this ConfigMap in every namespace: nobody wrote it. */
export const ROOT_CA = 'kube-root-ca.crt';

/** One that lists once and then watches, as an informer does: whatever ends a watch, it goes on from the last revision it was told. */
export class Follower {
  readonly problems: string[] = [];
  /** Revision by name. */
  readonly objects = new Map<string, number>();
  /** How often a watch was resumed, and how often it had to list again because the server did not know its revision. */
  resumed = 0;
  listed = 0;
  readonly #client: TestClient;
  readonly #path: string;
  readonly #name: string;
  /** A watch is cut by us after so many events; infinite: never. */
  readonly #cutAfter: () => number;
  /** Revisions that events brought since the last list. */
  #seen = new Set<number>();
  #listedAt = 0;
  #last = 0;
  #stopped = false;
  #watch: AbortController | undefined;
  readonly #done: Promise<void>;

  constructor(kubeconfig: string, path: string, name: string, cutAfter: () => number) {
    this.#client = new TestClient(kubeconfig);
    this.#path = path;
    this.#name = name;
    this.#cutAfter = cutAfter;
    this.#done = this.#follow();
  }

  /** The last revision it was told. */
  get last(): number {
    return this.#last;
  }

  /** Of `revisions`, those that it must have been told of and was not. */
  missed(revisions: Iterable<number>): number[] {
    return [...revisions].filter(
      (revision) => revision > this.#listedAt && revision <= this.#last && !this.#seen.has(revision),
    );
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch?.abort();
    await this.#client.close();
    await this.#done;
  }

  async #follow(): Promise<void> {
    while (!this.#stopped) {
      try {
        if (this.#last === 0) await this.#list();
        await this.#watchOn();
      } catch (error) {
        if (error instanceof Error && error.message.startsWith('watch: 410')) this.#last = 0;
        // Otherwise the server is away, or we cut the watch.
        else if (!this.#stopped) await sleep(RETRY_MS);
      }
    }
  }

  async #list(): Promise<void> {
    const { code, body } = await this.#client.get(this.#path);
    if (code !== 200) throw new Error(`list: ${code}`);
    const { metadata, items } = body as unknown as {
      readonly metadata: { readonly resourceVersion: string };
      readonly items: readonly { readonly metadata: { readonly name: string; readonly resourceVersion: string } }[];
    };
    this.objects.clear();
    for (const { metadata: item } of items) {
      if (item.name !== ROOT_CA) this.objects.set(item.name, Number(item.resourceVersion));
    }
    this.#last = Number(metadata.resourceVersion);
    this.#listedAt = this.#last;
    this.#seen = new Set();
    this.listed += 1;
  }

  async #watchOn(): Promise<void> {
    const watch = new AbortController();
    this.#watch = watch;
    const path = `${this.#path}?watch=true&allowWatchBookmarks=true&resourceVersion=${this.#last}`;
    this.resumed += 1;
    let left = this.#cutAfter();
    for await (const { type, object } of this.#client.watch(path, watch.signal)) {
      if (type === 'ERROR') {
        this.#last = 0;
        return;
      }
      this.#take(type, object.metadata.name, Number(object.metadata.resourceVersion));
      left -= 1;
      if (left <= 0) watch.abort();
    }
  }

  #take(type: string, name: string, revision: number): void {
    if (type === 'BOOKMARK') {
      if (revision < this.#last) this.#problem(`a bookmark at ${revision} after ${this.#last}`);
      this.#last = Math.max(this.#last, revision);
      return;
    }
    if (revision <= this.#last) this.#problem(`${type} ${name} at ${revision} after ${this.#last}`);
    const known = this.objects.has(name);
    if (name === ROOT_CA) {
      this.#seen.add(revision);
      this.#last = revision;
      return;
    }
    if (known === (type === 'ADDED')) this.#problem(`${type} ${name}, which it ${known ? 'has' : 'does not have'}`);
    if (type === 'DELETED') this.objects.delete(name);
    else this.objects.set(name, revision);
    this.#seen.add(revision);
    this.#last = revision;
  }

  #problem(what: string): void {
    this.problems.push(`watcher ${this.#name}: ${what}`);
  }
}
