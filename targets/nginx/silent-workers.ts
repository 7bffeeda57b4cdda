/** Which workers do not answer the agent any more (design D5). */
import type { NginxWorker } from './process.ts';
import type { ConnectedWorker } from './push.ts';

export interface SilentWorker {
  readonly pid: number;
  readonly silentMs: number;
}

/** A worker that owes an answer this long is replaced. */
const SILENT_MS = 5_000;

export class SilentWorkers {
  /** When a worker was first seen without being connected. */
  readonly #unconnected = new Map<number, number>();

  /** Of workers of nginx that take connections, those that owe an answer for too long. */
  find(workers: readonly NginxWorker[], connected: readonly ConnectedWorker[], now: number): readonly SilentWorker[] {
    const silent: SilentWorker[] = [];
    const byPid = new Map(connected.map((worker) => [worker.pid, worker]));
    const alive = new Set<number>();
    for (const { pid, exiting } of workers) {
      if (exiting) continue;
      alive.add(pid);
      const worker = byPid.get(pid);
      if (worker !== undefined) this.#unconnected.delete(pid);
      else if (!this.#unconnected.has(pid)) this.#unconnected.set(pid, now);
      const silentMs = worker?.silentMs ?? now - (this.#unconnected.get(pid) ?? now);
      if (silentMs >= SILENT_MS) silent.push({ pid, silentMs });
    }
    for (const pid of this.#unconnected.keys()) if (!alive.has(pid)) this.#unconnected.delete(pid);
    return silent;
  }
}

/** Reports whether a process that was connected owes an answer for too long. */
export function isSilent({ silentMs }: ConnectedWorker): boolean {
  return silentMs >= SILENT_MS;
}
