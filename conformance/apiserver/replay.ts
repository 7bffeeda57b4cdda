import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import { Agent, request } from 'undici';
import type { Answer, ResponseAnswer } from './answer.ts';
import { AUTHORITY, normalized } from './normalize.ts';
import type { EventsStep, RequestStep, Sequence, WatchStep } from './sequence.ts';
import type { Subject } from './subject.ts';

/** How long to wait for what a server does after it answered; only a server that never does it makes anybody wait. */
const PATIENCE_MS = 5_000;
const USER_AGENT = 'conformance/1.0';

/** Sequences have namespaces of their own, so they do not meet. */
const AT_ONCE = 12;

/** Replays all. @returns normalized answers by the name of the sequence, one for each step; undefined where it is not compared */
export async function answersOf(
  subject: Subject,
  sequences: readonly Sequence[],
): Promise<ReadonlyMap<string, readonly (Answer | undefined)[]>> {
  const replay = new Replay(subject);
  const answers = new Map<string, readonly (Answer | undefined)[]>();
  const left = sequences.values();
  const port = Number(new URL(subject.origin).port);
  const work = async (): Promise<void> => {
    for (const sequence of left) answers.set(sequence.name, normalized(await replay.run(sequence), port));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await replay.close();
  return answers;
}

/** Sends sequences to one server, one after the other, each in a namespace of its own. */
export class Replay {
  readonly #subject: Subject;
  readonly #agent: Agent;

  constructor(subject: Subject) {
    this.#subject = subject;
    this.#agent = new Agent({ connect: { ca: subject.ca }, connections: 16 });
  }

  /** @returns an answer for each step that is compared; of a watch, with its events */
  async run(sequence: Sequence): Promise<readonly (Answer | undefined)[]> {
    const namespace = namespaceOf(sequence);
    await this.#prepare(namespace);
    const answers = new Map<string, JsonValue>([['ns', namespace]]);
    const watches = new Map<string, Watch>();
    const recorded: (Answer | undefined)[] = [];
    try {
      for (const step of sequence.steps) {
        if ('watch' in step) {
          const watch = await this.#watch(step, answers);
          watches.set(step.watch, watch);
          recorded.push(watch.refusal);
        } else if ('events' in step) {
          recorded.push(await eventsOf(watches, step));
        } else {
          const answer = await this.#request(step, answers);
          if (step.name !== undefined) answers.set(step.name, answer.body);
          recorded.push(step.unseen === true ? undefined : answer);
        }
      }
    } finally {
      for (const watch of watches.values()) watch.stop();
    }
    return recorded;
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }

  /** The namespace, with what a cluster's controllers put into each. */
  async #prepare(namespace: string): Promise<void> {
    const create = (path: string, body: JsonObject): Promise<ResponseAnswer> =>
      this.#request({ method: 'POST', path, body }, new Map());
    await create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } };
    await create(`/api/v1/namespaces/${namespace}/serviceaccounts`, account);
    const authority = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: AUTHORITY },
      data: { 'ca.crt': 'none' },
    };
    await create(`/api/v1/namespaces/${namespace}/configmaps`, authority);
  }

  async #request(step: RequestStep, answers: ReadonlyMap<string, JsonValue>): Promise<ResponseAnswer> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.#once(step, answers);
      if (step.until === undefined || answer.status === step.until || performance.now() > deadline) return answer;
      await sleep(20);
    }
  }

  async #once(step: RequestStep, answers: ReadonlyMap<string, JsonValue>): Promise<ResponseAnswer> {
    const body = step.body === undefined ? undefined : filled(step.body, answers);
    const path = textWith(step.path, answers);
    const response = await request(`${this.#subject.origin}${path}`, {
      method: step.method,
      dispatcher: this.#agent,
      headers: {
        ...this.#headers(step.accept),
        ...(step.as === undefined ? {} : { 'impersonate-user': textWith(step.as.name, answers) }),
        ...(step.as?.groups === undefined ? {} : { 'impersonate-group': [...step.as.groups] }),
        ...(body === undefined ? {} : { 'content-type': step.contentType ?? 'application/json' }),
      },
      body: body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.body.text();
    const contentType = String(response.headers['content-type'] ?? '').split(';')[0] ?? '';
    return {
      status: response.statusCode,
      contentType,
      warnings: [response.headers['warning'] ?? []].flat(),
      body: contentType === 'application/json' ? JSON.parse(text) : text,
    };
  }

  async #watch(step: WatchStep, answers: ReadonlyMap<string, JsonValue>): Promise<Watch> {
    const abort = new AbortController();
    const response = await request(`${this.#subject.origin}${textWith(step.path, answers)}`, {
      dispatcher: this.#agent,
      headers: this.#headers(step.accept),
      signal: abort.signal,
      bodyTimeout: 0,
    });
    const contentType = String(response.headers['content-type'] ?? '').split(';')[0] ?? '';
    if (response.statusCode !== 200) {
      const body = JSON.parse(await response.body.text());
      return new Watch(() => {}, { status: response.statusCode, contentType, warnings: [], body });
    }
    const watch = new Watch(() => abort.abort(), { status: 200, contentType, warnings: [], body: null });
    void (async () => {
      let text = '';
      for await (const chunk of response.body.setEncoding('utf8')) {
        text += chunk;
        const lines = text.split('\n');
        text = lines.pop() ?? '';
        for (const line of lines) if (line !== '' && !isPlainBookmark(line)) watch.events.push(JSON.parse(line));
      }
    })().catch(() => {}); // it ends when the sequence does
    return watch;
  }

  #headers(accept = 'application/json'): Record<string, string> {
    return { authorization: `Bearer ${this.#subject.token}`, 'user-agent': USER_AGENT, accept };
  }
}

/** They come whenever a server likes; only those that end the initial events belong somewhere. */
function isPlainBookmark(line: string): boolean {
  return line.startsWith('{"type":"BOOKMARK"') && !line.includes('k8s.io/initial-events-end');
}

class Watch {
  readonly events: JsonValue[] = [];
  readonly refusal: ResponseAnswer;
  readonly stop: () => void;
  /** Events that were asked for so far. */
  taken = 0;

  constructor(stop: () => void, refusal: ResponseAnswer) {
    this.stop = stop;
    this.refusal = refusal;
  }
}

async function eventsOf(watches: ReadonlyMap<string, Watch>, step: EventsStep): Promise<Answer> {
  const watch = watches.get(step.events);
  if (watch === undefined) throw new Error(`no watch ${step.events} was begun`);
  const wanted = watch.taken + step.count;
  const deadline = performance.now() + PATIENCE_MS;
  while (watch.events.length < wanted && watch.refusal.status === 200 && performance.now() < deadline) await sleep(5);
  const events = watch.events.slice(watch.taken, wanted);
  watch.taken = wanted;
  return { events };
}

/** `writes/create` is replayed in `writes-create-` and a few letters that keep similar names apart. */
function namespaceOf(sequence: Sequence): string {
  const slug = sequence.name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 40);
  return `${slug}-${createHash('sha256').update(sequence.name).digest('hex').slice(0, 6)}`.replaceAll(/-+/g, '-');
}

function filled(value: JsonValue, answers: ReadonlyMap<string, JsonValue>): JsonValue {
  if (typeof value === 'string') {
    const alone = /^<<([^<>]+)>>$/.exec(value)?.[1];
    return alone === undefined ? textWith(value, answers) : valueAt(alone, answers);
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, answers));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, answers)]));
}

function textWith(text: string, answers: ReadonlyMap<string, JsonValue>): string {
  return text.replaceAll(/<<([^<>]+)>>/g, (_, reference: string) => String(valueAt(reference, answers)));
}

/** What is not in the answer is `missing`: the server's fault, which the comparison shows. */
function valueAt(reference: string, answers: ReadonlyMap<string, JsonValue>): JsonValue {
  const [name = '', ...path] = reference.split('.');
  let value: JsonValue | undefined = answers.get(name);
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? (value as JsonObject)[key] : undefined;
  }
  return value ?? 'missing';
}
