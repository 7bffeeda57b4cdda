/**
 * Kills, and which failures of clients they explain.
 *
 * A worker, or the layer 4 process, is stopped, its connections are read from /proc, then it is killed: exactly those
 * connections may fail. Connections that it has not accepted yet lose nothing: nginx's master holds the listening
 * sockets too, so the next worker accepts them. The layer 4 process has nobody who holds its sockets: connections that
 * begin before the next one listens may be refused.
 *
 * When a master dies its workers serve on until the next master has taken the ports; then they end. Connections that
 * those workers have accepted, or that wait in the queues of their sockets, may fail until the last of them is gone.
 *
 * A killed agent, controller or API server explains nothing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesClient } from '@causeway/protocols/kubernetes/client';
import { KIND_REFS } from '@causeway/resources/kinds';
import { processInfo } from '@causeway/targets/nginx/proc';
import type { BenchHome } from '../control/home.ts';
import { clientPortsOf, isListening } from '../control/worker-connection.ts';
import type { DataPlaneProcesses } from './processes.ts';
import type { Random } from './random.ts';
import type { Setting } from './world.ts';

export const FAULT_KINDS = ['worker', 'master', 'stream', 'agent', 'controllers', 'apiserver'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A request, handshake or session that did not end as it must. Times are those of performance.now(). */
export interface Failure {
  /** What the client spoke. */
  readonly load: 'http' | 'https' | 'tcp';
  readonly what: string;
  /** An answer came, and it was wrong: no kill explains that. */
  readonly answered: boolean;
  readonly clientPort: number;
  /** Process that accepted the connection; undefined: not accepted, or not found out before it ended. */
  readonly acceptor: number | undefined;
  /** Before it connected. */
  readonly begunAt: number;
  readonly failedAt: number;
}

interface Fault {
  readonly kind: FaultKind;
  readonly at: number;
  /** When the last effect on clients was over. */
  endedAt: number;
  /** Ports of the clients whose connections died with the victim. */
  readonly clientPorts: ReadonlySet<number>;
  /** Whose connections may fail until `endedAt`. */
  readonly acceptors: ReadonlySet<number>;
  /** Until `endedAt` a connection may fail before anybody has accepted it. */
  readonly unaccepted: boolean;
}

/** A client learns of the end of a connection some time later, on a busy machine. */
const NEWS_MS = 5_000;
const POLL_MS = 20;
/** `up` waits up to 10 s before it starts a program again that dies often. */
const RECOVERY_MS = 60_000;

export interface FaultsOptions {
  readonly home: BenchHome;
  readonly api: KubernetesClient;
  readonly processes: DataPlaneProcesses;
  readonly ports: Setting['ports'];
  readonly random: Random;
}

export class Faults {
  readonly #options: FaultsOptions;
  readonly #faults: Fault[] = [];
  readonly #recovering = new Map<FaultKind, Promise<void>>();
  readonly #slowestMs = new Map<FaultKind, number>();
  readonly problems: string[] = [];

  constructor(options: FaultsOptions) {
    this.#options = options;
  }

  count(kind: FaultKind): number {
    return this.#faults.filter((fault) => fault.kind === kind).length;
  }

  /** The longest time from a kill until what was killed was replaced, in milliseconds; 0 without kills. */
  slowestMs(kind: FaultKind): number {
    return this.#slowestMs.get(kind) ?? 0;
  }

  isRecovering(kind: FaultKind): boolean {
    return this.#recovering.has(kind);
  }

  async recovered(): Promise<void> {
    await Promise.all(this.#recovering.values());
  }

  /** Kills one process of that kind, if one runs. @returns its number; what came of it is noted meanwhile */
  kill(kind: FaultKind): number | undefined {
    const { processes, home, random } = this.#options;
    switch (kind) {
      case 'worker': {
        const { workers } = processes;
        return workers.length === 0 ? undefined : this.#killHolder(kind, random.pick(workers));
      }
      case 'stream':
        return processes.stream === undefined ? undefined : this.#killHolder(kind, processes.stream);
      case 'master':
        return this.#killMaster();
      case 'agent':
      case 'controllers':
      case 'apiserver': {
        const pid = home.pidOf(kind);
        if (pid === undefined) return undefined;
        process.kill(pid, 'SIGKILL');
        this.#note({ kind }, () => this.#isReplaced(kind, pid));
        return pid;
      }
    }
  }

  /** The kill that explains a failure. */
  explanationOf(failure: Failure): FaultKind | undefined {
    return failure.answered ? undefined : this.#faults.find((fault) => explains(fault, failure))?.kind;
  }

  #killHolder(kind: 'worker' | 'stream', pid: number): number | undefined {
    const { ports, processes } = this.#options;
    try {
      process.kill(pid, 'SIGSTOP');
    } catch {
      return undefined; // it has just ended
    }
    const served = kind === 'stream' ? [ports.tcp] : [ports.http, ports.https];
    const clientPorts = new Set(served.flatMap((port) => clientPortsOf(pid, port)));
    process.kill(pid, 'SIGKILL');
    if (kind === 'stream') {
      const listensAgain = (): boolean =>
        processes.stream !== undefined && processes.stream !== pid && isListening(processes.stream, ports.tcp);
      this.#note({ kind, clientPorts, unaccepted: true }, () => Promise.resolve(listensAgain()));
    } else this.#note({ kind, clientPorts }, () => Promise.resolve(this.#hasItsWorkers(new Set([pid]))));
    return pid;
  }

  #killMaster(): number | undefined {
    const { processes } = this.#options;
    const master = processes.masters.at(-1);
    if (master === undefined) return undefined;
    const workers = new Set(processes.allWorkers);
    process.kill(master, 'SIGKILL');
    const isOver = (): boolean =>
      this.#hasItsWorkers(workers) && [...workers].every((pid) => processInfo(pid) === undefined);
    this.#note({ kind: 'master', acceptors: workers, unaccepted: true }, () => Promise.resolve(isOver()));
    return master;
  }

  #hasItsWorkers(before: ReadonlySet<number>): boolean {
    const { workers } = this.#options.processes;
    return workers.length === 2 && workers.every((pid) => !before.has(pid));
  }

  async #isReplaced(program: 'agent' | 'controllers' | 'apiserver', before: number): Promise<boolean> {
    const { home, api } = this.#options;
    const now = home.pidOf(program);
    if (now === undefined || now === before) return false;
    if (program !== 'apiserver') return true;
    return api.list(KIND_REFS.ALB2).then(
      () => true,
      () => false,
    );
  }

  #note(
    fault: Pick<Fault, 'kind'> & Partial<Pick<Fault, 'clientPorts' | 'acceptors' | 'unaccepted'>>,
    isOver: () => Promise<boolean>,
  ): void {
    const at = performance.now();
    const noted: Fault = {
      ...{ clientPorts: new Set(), acceptors: new Set(), unaccepted: false, at, endedAt: Number.POSITIVE_INFINITY },
      ...fault,
    };
    this.#faults.push(noted);
    const { kind } = fault;
    const waiting = this.#untilOver(noted, isOver).finally(() => this.#recovering.delete(kind));
    this.#recovering.set(kind, waiting);
  }

  async #untilOver(fault: Fault, isOver: () => Promise<boolean>): Promise<void> {
    while (!(await isOver())) {
      if (performance.now() - fault.at > RECOVERY_MS) {
        this.problems.push(`a killed ${fault.kind} was not replaced within ${RECOVERY_MS / 1000} s`);
        return;
      }
      await sleep(POLL_MS);
    }
    fault.endedAt = performance.now();
    this.#slowestMs.set(fault.kind, Math.max(this.slowestMs(fault.kind), fault.endedAt - fault.at));
  }
}

function explains(fault: Fault, failure: Failure): boolean {
  const isLayer4 = failure.load === 'tcp';
  if (failure.failedAt < fault.at || isLayer4 !== (fault.kind === 'stream')) return false;
  if (fault.clientPorts.has(failure.clientPort) && failure.begunAt <= fault.at) return true;
  if (failure.begunAt > fault.endedAt || failure.failedAt > fault.endedAt + NEWS_MS) return false;
  return failure.acceptor === undefined ? fault.unaccepted : fault.acceptors.has(failure.acceptor);
}
