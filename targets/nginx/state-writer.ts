/** Writes what changed in the wanted records to the state file and has it pushed to the workers (ADR 0006). */
import type { FirewallRuleSetIR } from '@causeway/ir/gateway';
import type { PushServer } from './push.ts';
import type { PushLatency } from './push-latency.ts';
import type { StateFile } from './state-file.ts';
import type { WantedRecords } from './wanted.ts';

export interface StateWriterOptions {
  readonly wanted: WantedRecords;
  readonly state: StateFile;
  readonly push: PushServer;
  readonly latency: PushLatency;
  /** Puts rule sets where the firewall finds them. */
  readonly hold: (sets: ReadonlyMap<string, FirewallRuleSetIR>) => void;
}

/** Nothing was written for so long: the moment to copy the whole state. */
const CALM_MS = 1_000;

export class StateWriter {
  readonly #options: StateWriterOptions;
  /** The file has what is wanted, but for what is dirty. */
  #hasAll = false;
  /** A write failed: what was drained is lost, everything must be compared again. */
  #failed = false;
  /** Of `performance.now()`. */
  #wroteAt = 0;
  /** Versions up to this one belong to a state that is lost. */
  #versionFloor = 0;

  constructor(options: StateWriterOptions) {
    this.#options = options;
  }

  /** The first full state has been written. */
  get hasAll(): boolean {
    return this.#hasAll;
  }

  /** Workers may have versions up to this one, which the file does not know: those to come are later. */
  startAfter(version: number): void {
    this.#versionFloor = version;
  }

  /** The state file has much history, and nothing has changed for a moment. */
  get isTidyDue(): boolean {
    return this.#hasAll && this.#options.state.shouldFold && performance.now() - this.#wroteAt > CALM_MS;
  }

  /**
   * No difference, no I/O.
   *
   * @param tidy folds the history of the state file, if workers need none of it
   * @throws what the file system throws; the next call writes everything
   */
  write(tidy = false): void {
    const { wanted, state, push, latency, hold } = this.#options;
    try {
      if (this.#failed || (this.#hasAll && this.#versionFloor > state.version)) {
        for (const _ of wanted.drain()); // only to bring its indexes up to date
        hold(wanted.ruleSets());
        state.replace(wanted.all(), Math.max(state.version, this.#versionFloor) + 1);
        this.#failed = false;
        push.reposition();
      } else if (state.write(wanted.drain(), !this.#hasAll, this.#versionFloor)) {
        hold(wanted.ruleSets());
        this.#wroteAt = performance.now();
        latency.begins(state.version, this.#wroteAt);
        push.push();
      }
      if ((state.mustFold || (tidy && state.shouldFold)) && push.isIdle) {
        state.fold();
        push.reposition();
      }
    } catch (error) {
      this.#failed = true;
      throw error;
    }
    this.#hasAll = true;
  }
}
