import { type Answer, configMap, type TestClient } from '@causeway/apiserver/testing/server';
import type { Random } from '../random.ts';
import type { Ledger } from './ledger.ts';

export interface WriterOptions {
  readonly client: TestClient;
  readonly ledger: Ledger;
  readonly random: Random;
  readonly id: number;
  readonly round: number;
  /** Told the revision of each acknowledged write; deletions have none to tell. */
  readonly onAcknowledged: (revision: number) => void;
}

const MAPS = '/api/v1/namespaces/default/configmaps';
/** Objects of one writer, which live through all rounds. */
const OBJECTS = 20;

/** Writes to objects of its own, in every way the API has, one write after the other. */
export class Writer {
  readonly #options: WriterOptions;
  #number = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  /**
   * Writes until the budget of all writers is used up or the server is killed.
   *
   * @returns whether its last write had no answer
   * @throws Error when a write is refused, or fails although nobody killed the server
   */
  async run(budget: { left: number }, life: { readonly killed: boolean }): Promise<boolean> {
    while (budget.left > 0 && !life.killed) {
      budget.left -= 1;
      try {
        await this.#write();
      } catch (error) {
        if (!life.killed || error instanceof UnexpectedAnswer) throw error;
        return true;
      }
    }
    return false;
  }

  #write(): Promise<void> {
    const { random, id, round, ledger } = this.#options;
    this.#number += 1;
    const token = `r${round}-w${id}-${this.#number}`;
    if (random.next() < 0.2) return this.#generate(token);
    const name = `w${id}-${random.below(OBJECTS)}`;
    const present = ledger.stateOf(name);
    const way = random.next();
    if (way < 0.2) return this.#put(name, token, 'PATCH', 'application/apply-patch+yaml');
    if (present === undefined) return this.#put(name, token, 'POST');
    if (way < 0.35) return this.#remove(name);
    if (way < 0.6) return this.#put(name, token, 'PUT', undefined, String(present.revision));
    if (way < 0.8) return this.#put(name, token, 'PATCH', 'application/merge-patch+json');
    return this.#put(name, token, 'PATCH', 'application/strategic-merge-patch+json');
  }

  async #put(name: string, token: string, method: string, contentType?: string, revision?: string): Promise<void> {
    const { client, ledger } = this.#options;
    const object = configMap(name, { token, text: 'x'.repeat(this.#options.random.below(1_000)) });
    if (revision !== undefined) object['metadata'] = { name, resourceVersion: revision };
    const apply = contentType === 'application/apply-patch+yaml' ? '?fieldManager=soak&force=true' : '';
    const before = ledger.highest;
    ledger.begin(name, token);
    const path = method === 'POST' ? MAPS : `${MAPS}/${name}${apply}`;
    const answer = await client.call(method, path, object, contentType === undefined ? {} : { contentType });
    this.#acknowledged(ledger.acknowledge.bind(ledger, name), token, before, answer);
  }

  async #generate(token: string): Promise<void> {
    const { client, ledger } = this.#options;
    const before = ledger.highest;
    ledger.beginGenerated(token);
    const object = { ...configMap('', { token }), metadata: { generateName: 'generated-' } };
    const answer = await client.post(MAPS, object);
    const name = (answer.body as { readonly metadata?: { readonly name?: string } }).metadata?.name ?? '';
    this.#acknowledged(ledger.acknowledgeGenerated.bind(ledger, name), token, before, answer);
  }

  async #remove(name: string): Promise<void> {
    const { client, ledger } = this.#options;
    ledger.beginDeletion(name);
    const { code, text } = await client.delete(`${MAPS}/${name}`);
    if (code !== 200) throw new UnexpectedAnswer(`DELETE ${name}: ${code} ${text}`);
    ledger.acknowledgeDeletion(name);
  }

  #acknowledged(
    note: (written: { readonly token: string; readonly revision: number }, before: number) => void,
    token: string,
    before: number,
    { code, body, text }: Answer,
  ): void {
    if (code !== 200 && code !== 201) throw new UnexpectedAnswer(`${token}: ${code} ${text}`);
    const { metadata } = body as unknown as { readonly metadata: { readonly resourceVersion: string } };
    const revision = Number(metadata.resourceVersion);
    note({ token, revision }, before);
    this.#options.onAcknowledged(revision);
  }
}

class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';
}
