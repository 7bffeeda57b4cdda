/**
 * Sends the API server requests that are wrong: it must not crash or hang, must not answer with 500, and must change nothing but the
 * object that the request names. What it stores of them must not spoil a list, a watch or the next start.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { review } from '@causeway/admission/review';
import { CAUSEWAY_KINDS } from '@causeway/apis/gateway/index';
import { crdOf } from '@causeway/apis/meta/crd';
import type { JsonObject } from '@causeway/apiserver/schema/json';
import { type ApiServer, startApiServer } from '@causeway/apiserver/server';
import { widgetDefinition } from '@causeway/apiserver/testing/server';
import { admissionView } from '@causeway/apps/apiserver/admission-view';
import { FUZZ_NAMES, FUZZ_NAMESPACE, fuzzCase } from './fuzz-cases.ts';
import { ask, type InProcessAnswer, type InProcessRequest } from './in-process.ts';
import { DEFINITION, SAMPLES, type Sample } from './samples.ts';

export interface FuzzOptions {
  readonly directory: string;
  readonly seed: number;
  /** Number of the first case, to try one again. */
  readonly from: number;
  readonly cases: number;
  readonly say: (line: string) => void;
}

export interface FuzzResult {
  readonly cases: number;
  /** Cases by the status of their answers. */
  readonly answers: ReadonlyMap<number, number>;
  /** Objects that were written. */
  readonly changes: number;
  readonly problems: readonly string[];
}

/** Nothing may be written there. */
const CANARY_NAMESPACE = 'canary';
/** Of the processor; a case that takes more hangs everybody else. */
const SLOW_MS = 2_000;
/** No answer for so long. */
const HUNG_MS = 10_000;
const LOOK_EVERY = 5_000;
const REPLENISH_EVERY = 250;
/** Written by the server itself, some time after the change that they follow. */
const OWN_CHANGES = new Set([
  'core/events',
  'core/endpoints',
  'discovery.k8s.io/endpointslices',
  'apiextensions.k8s.io/customresourcedefinitions',
]);

export async function runFuzz(options: FuzzOptions): Promise<FuzzResult> {
  const run = await FuzzRun.start(options);
  try {
    await run.all();
    await run.restart();
  } finally {
    await run.stop();
  }
  return run.result;
}

interface Written {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly type: string;
  /** Is, or was, owned or terminating: the garbage collector writes it some time after another object. */
  readonly collected: boolean;
}

class FuzzRun {
  readonly #options: FuzzOptions;
  readonly #problems: string[] = [];
  readonly #answers = new Map<number, number>();
  readonly #logged: string[] = [];
  /** Plurals of samples. */
  readonly #unserved = new Set<string>();
  #server: ApiServer | undefined;
  #written: Written[] = [];
  #token = '';
  #canaries = '';
  #cases = 0;
  #changes = 0;
  readonly #onCrash = (error: unknown): void => {
    this.#problems.push(`nobody caught ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };

  private constructor(options: FuzzOptions) {
    this.#options = options;
  }

  static async start(options: FuzzOptions): Promise<FuzzRun> {
    const run = new FuzzRun(options);
    process.on('uncaughtException', run.#onCrash);
    process.on('unhandledRejection', run.#onCrash);
    await run.#open();
    await run.#prepare();
    return run;
  }

  get result(): FuzzResult {
    return { cases: this.#cases, answers: this.#answers, changes: this.#changes, problems: this.#problems };
  }

  async all(): Promise<void> {
    const { from, cases, seed, say } = this.#options;
    for (let number = from; number < from + cases; number += 1) {
      if (number % REPLENISH_EVERY === 0) await this.#replenish();
      await this.#try(number, fuzzCase(seed, number, this.#token));
      this.#cases += 1;
      if (this.#cases % LOOK_EVERY === 0) {
        await this.#look();
        say(`${this.#cases} cases, ${this.#problems.length} problems`);
      }
    }
    await this.#look();
  }

  /** What was stored must be read again by the next process. */
  async restart(): Promise<void> {
    const before = this.#server?.store.revision ?? 0;
    await this.#server?.close();
    await this.#open();
    const after = this.#server?.store.revision ?? 0;
    if (after < before) this.#problems.push(`revision ${after} after ${before} and a restart`);
    await this.#look();
  }

  async stop(): Promise<void> {
    await this.#server?.close();
    process.off('uncaughtException', this.#onCrash);
    process.off('unhandledRejection', this.#onCrash);
  }

  async #open(): Promise<void> {
    const log = (fields: object, message: string): void => {
      this.#logged.push(`${message}: ${textOf(fields)}`);
    };
    const server = await startApiServer({
      // What they would restore, nobody asked for.
      controllers: 'deletion',
      dataDirectory: this.#options.directory,
      port: 0,
      bind: '127.0.0.1',
      log: { info() {}, warn() {}, error: log },
      customResources: [...CAUSEWAY_KINDS.map(crdOf), widgetDefinition()],
      admit: ({ subresource, ...request }, reader) =>
        review({ ...request, ...(subresource === '' ? {} : { subresource }) }, admissionView(reader)),
    });
    server.store.subscribe((collection, { type, entry, before }) => {
      const resource = `${collection.group}/${collection.plural}`;
      const collected = [entry, before].some(
        (each) => each !== undefined && (each.terminating || each.owners.length > 0),
      );
      this.#written.push({ resource, namespace: entry.namespace, name: entry.name, type, collected });
    });
    this.#server = server;
    this.#token = readFileSync(path.join(this.#options.directory, 'pki/admin.token'), 'utf8').trim();
  }

  /** Of each kind an object that no case names, and some that cases change. Kinds that are not served have none. */
  async #prepare(): Promise<void> {
    for (const name of [FUZZ_NAMESPACE, CANARY_NAMESPACE]) {
      await this.#post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    for (const sample of SAMPLES) {
      const { code, text } = await this.#post(pathOf(sample, CANARY_NAMESPACE), named(sample, 'canary'));
      if (code === 404) this.#unserved.add(sample.plural);
      else if (code !== 201) this.#problems.push(`the sample of ${sample.plural} is refused: ${text}`);
    }
    await this.#replenish();
    this.#canaries = this.#canaryTexts();
  }

  /** What cases deleted, or what a finalizer holds. */
  async #replenish(): Promise<void> {
    for (const sample of SAMPLES) {
      if (this.#unserved.has(sample.plural)) continue;
      const path = pathOf(sample, FUZZ_NAMESPACE);
      for (const name of FUZZ_NAMES) {
        const { code } = await this.#post(path, named(sample, name));
        if (code !== 409) continue;
        const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/merge-patch+json' };
        const body = Buffer.from('{"metadata":{"finalizers":null,"ownerReferences":null}}');
        await this.#ask({ method: 'PATCH', url: `${path}/${name}`, headers, body });
      }
    }
  }

  async #try(number: number, request: InProcessRequest): Promise<void> {
    this.#written = [];
    this.#logged.length = 0;
    const before = process.cpuUsage();
    const answer = await this.#ask(request);
    const { user, system } = process.cpuUsage(before);
    const ms = (user + system) / 1_000;
    const { code } = answer;
    this.#answers.set(code ?? 0, (this.#answers.get(code ?? 0) ?? 0) + 1);
    const problems: string[] = [];
    if (code === undefined) problems.push('no answer');
    // 504 is said to those who ask for a revision that is not there yet.
    else if (code >= 500 && code !== 504) problems.push(`answered ${code}`);
    if (ms > SLOW_MS) problems.push(`took ${ms.toFixed(0)} ms of the processor`);
    if (code !== undefined && code >= 400 && !isStatus(answer)) problems.push(`${code} without a Status`);
    for (const line of this.#logged) problems.push(`logged ${line}`);
    for (const written of this.#written) {
      if (!isNamedBy(written, request)) problems.push(`wrote ${textOf(written)}`);
      else if (code !== undefined && code >= 400 && !isOwn(written))
        problems.push(`${code}, but wrote ${textOf(written)}`);
    }
    this.#changes += this.#written.length;
    if (problems.length > 0) {
      const body = request.body?.toString('latin1').slice(0, 2_000) ?? '';
      const { authorization: _, ...headers } = request.headers;
      const type = JSON.stringify(headers);
      this.#problems.push(
        `case ${number}: ${problems.join('; ')}\n  ${request.method} ${request.url} ${type}\n  ${body}\n  -> ${answer.text.slice(0, 300)}`,
      );
    }
  }

  async #ask(request: InProcessRequest): Promise<InProcessAnswer> {
    if (this.#server === undefined) throw new Error('not started');
    const hung = sleep(HUNG_MS, { code: undefined, headers: {}, text: 'hung' }, { ref: false });
    return await Promise.race([ask(this.#server, request), hung]);
  }

  #post(url: string, object: JsonObject): Promise<InProcessAnswer> {
    const headers = { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' };
    return this.#ask({ method: 'POST', url, headers, body: Buffer.from(JSON.stringify(object)) });
  }

  /** Every kind can be listed in every form, and nothing happened to the canaries. */
  async #look(): Promise<void> {
    this.#logged.length = 0;
    for (const { groupVersion, plural } of [...SAMPLES, DEFINITION]) {
      for (const as of ['', ';as=Table;g=meta.k8s.io;v=v1', ';as=PartialObjectMetadataList;g=meta.k8s.io;v=v1']) {
        const headers = { authorization: `Bearer ${this.#token}`, accept: `application/json${as}` };
        for (const query of ['', '?watch=true']) {
          const url = `${groupVersion}/${plural}${query}`;
          const { code, text } = await this.#ask({ method: 'GET', url, headers, body: undefined });
          if (code !== 200 && code !== 404) this.#problems.push(`${url} ${as}: ${String(code)} ${text.slice(0, 300)}`);
        }
      }
    }
    for (const url of ['/openapi/v2', '/openapi/v3', '/apis', '/openapi/v3/apis/fuzz.example.org/v1']) {
      const headers = { authorization: `Bearer ${this.#token}` };
      const { code } = await this.#ask({ method: 'GET', url, headers, body: undefined });
      if (code === undefined || code >= 500) this.#problems.push(`${url}: ${String(code)}`);
    }
    for (const line of this.#logged) this.#problems.push(`logged ${line}`);
    if (this.#canaryTexts() !== this.#canaries) this.#problems.push('an object that no case names was changed');
  }

  #canaryTexts(): string {
    const texts: string[] = [];
    for (const collection of this.#server?.store.collections() ?? []) {
      for (const { key, namespace, name, json } of collection.range('')) {
        if (namespace === CANARY_NAMESPACE || (namespace === '' && name === 'canary')) texts.push(`${key} ${json}`);
      }
    }
    return texts.sort().join('\n');
  }
}

function pathOf({ groupVersion, plural, namespaced }: Sample, namespace: string): string {
  return `${groupVersion}${namespaced ? `/namespaces/${namespace}` : ''}/${plural}`;
}

function named({ object }: Sample, name: string): JsonObject {
  return { ...object, metadata: { name } };
}

/** Written by the server itself. */
function isOwn({ resource, namespace, name, type, collected }: Written): boolean {
  if (name === 'canary' || namespace === CANARY_NAMESPACE) return false;
  return OWN_CHANGES.has(resource) || (collected && type !== 'ADDED');
}

/** Whether a request that says where it writes can have written this. */
function isNamedBy(written: Written, { method, url }: InProcessRequest): boolean {
  if (isOwn(written)) return true;
  const { resource, namespace, name, type } = written;
  const elements = (url.split('?', 1)[0] ?? '').split('/').map(decodeURIComponent);
  const [group = '', plural = ''] = resource.split('/');
  if (!elements.includes(plural) || !elements.includes(group === 'core' ? 'api' : group)) return false;
  if (namespace !== '' && !elements.includes(namespace)) return false;
  if (elements.includes(name)) return true;
  return (method === 'POST' && type === 'ADDED') || (method === 'DELETE' && elements.at(-1) === plural);
}

function isStatus({ text }: InProcessAnswer): boolean {
  // A path that is not properly encoded, or HEAD; an unknown path, as in Kubernetes; YAML; protobuf.
  if (text === '' || text === '404 page not found\n' || /^kind: Status$/m.test(text) || text.startsWith('k8s\0'))
    return true;
  try {
    return (JSON.parse(text) as { readonly kind?: unknown }).kind === 'Status';
  } catch {
    return false;
  }
}

function textOf(fields: object): string {
  return JSON.stringify(fields, (_key, value: unknown) => (value instanceof Error ? value.stack : value));
}
