/**
 * What a run knows of the objects that it wrote: what was acknowledged, and what a write without an answer may have done.
 * Every write carries a token that no other write has, so that what is found says which write it is from.
 */

/** What an object holds. */
export interface Written {
  readonly token: string;
  readonly revision: number;
}

interface Known {
  /** The last acknowledged state; undefined: the object is not there. */
  acknowledged: Written | undefined;
  /** A write without answer: its token, or that it deletes. */
  open: string | typeof DELETION | undefined;
}

const DELETION = Symbol('deletion');

/** One object of the server, as it is found after a restart. */
export interface Found extends Written {
  readonly name: string;
  /** Made with generateName. */
  readonly generated: boolean;
}

export class Ledger {
  readonly problems: string[] = [];
  /** Objects whose name the writer chose. */
  readonly #named = new Map<string, Known>();
  /** Objects that the server named, by token; the value is the name, undefined as long as nobody told it. */
  readonly #generated = new Map<string, string | undefined>();
  /** Of acknowledged writes. */
  readonly #revisions = new Set<number>();
  #highest = 0;

  /** Of all that anybody was told. */
  get highest(): number {
    return this.#highest;
  }

  get acknowledged(): number {
    return this.#revisions.size;
  }

  /** What an object that nobody writes to at this moment holds. */
  stateOf(name: string): Written | undefined {
    return this.#named.get(name)?.acknowledged;
  }

  begin(name: string, token: string): void {
    this.#known(name).open = token;
  }

  beginDeletion(name: string): void {
    this.#known(name).open = DELETION;
  }

  beginGenerated(token: string): void {
    this.#generated.set(token, undefined);
  }

  /**
   * The server said that it is done.
   *
   * @param before the highest revision known when the request was sent
   */
  acknowledge(name: string, written: Written, before: number): void {
    const known = this.#known(name);
    known.acknowledged = known.open === DELETION ? undefined : written;
    known.open = undefined;
    this.#note(written, before);
  }

  /** A deletion's answer does not say its revision. */
  acknowledgeDeletion(name: string): void {
    const known = this.#known(name);
    known.acknowledged = undefined;
    known.open = undefined;
  }

  acknowledgeGenerated(name: string, written: Written, before: number): void {
    this.#generated.set(written.token, name);
    this.#note(written, before);
  }

  /** Somebody was told this revision. */
  told(revision: number): void {
    this.#highest = Math.max(this.#highest, revision);
  }

  /** Compares with everything that the server has after a restart, and takes for known what unanswered writes did. */
  reconcile(found: readonly Found[], revision: number): void {
    if (revision < this.#highest) this.#problem(`revision ${revision} after ${this.#highest} was told`);
    this.told(revision);
    const named = new Map(found.filter(({ generated }) => !generated).map((each) => [each.name, each]));
    for (const [name, known] of this.#named) this.#settle(name, known, named.get(name));
    for (const name of named.keys()) if (!this.#named.has(name)) this.#problem(`${name}: nobody wrote it`);
    this.#reconcileGenerated(found.filter(({ generated }) => generated));
  }

  #settle(name: string, known: Known, found: Found | undefined): void {
    const { acknowledged, open } = known;
    known.open = undefined;
    const isAsAcknowledged =
      found === undefined
        ? acknowledged === undefined
        : found.token === acknowledged?.token && found.revision === acknowledged.revision;
    if (isAsAcknowledged) return;
    const isOpenWrite = found === undefined ? open === DELETION : found.token === open;
    if (!isOpenWrite) {
      this.#problem(`${name}: acknowledged ${text(acknowledged)}, open ${String(open)}, found ${text(found)}`);
    }
    if (found !== undefined && isOpenWrite && found.revision <= (acknowledged?.revision ?? 0)) {
      this.#problem(`${name}: revision ${found.revision} after ${text(acknowledged)}`);
    }
    known.acknowledged = found;
  }

  #reconcileGenerated(found: readonly Found[]): void {
    const names = new Map<string, string>();
    for (const { token, name } of found) {
      const other = names.get(token);
      if (other !== undefined) this.#problem(`${token} is there twice: ${other} and ${name}`);
      else if (!this.#generated.has(token)) this.#problem(`${name}: nobody wrote ${token}`);
      names.set(token, name);
    }
    for (const [token, name] of this.#generated) {
      if (name !== undefined && names.get(token) !== name) {
        this.#problem(`${token} was acknowledged as ${name}, found ${String(names.get(token))}`);
      }
      const seen = names.get(token);
      if (seen === undefined) this.#generated.delete(token);
      else this.#generated.set(token, seen);
    }
  }

  #note({ token, revision }: Written, before: number): void {
    if (!(revision > before)) this.#problem(`${token}: revision ${revision}, sent after ${before} was told`);
    if (this.#revisions.has(revision))
      this.#problem(`revision ${revision} was given twice, the second time to ${token}`);
    this.#revisions.add(revision);
    this.told(revision);
  }

  #known(name: string): Known {
    let known = this.#named.get(name);
    if (known === undefined) {
      known = { acknowledged: undefined, open: undefined };
      this.#named.set(name, known);
    }
    return known;
  }

  #problem(what: string): void {
    this.problems.push(what);
  }
}

function text(written: Written | undefined): string {
  return written === undefined ? 'nothing' : `${written.token} at ${written.revision}`;
}
