import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { socketsOf } from '@causeway/targets/nginx/proc';
import { socketsOn } from '../control/worker-connection.ts';
import type { DataPlaneProcesses } from './processes.ts';

interface Waiting {
  readonly socket: Socket;
  readonly port: number;
  readonly until: number;
  readonly resolve: (acceptor: number | undefined) => void;
}

const PATIENCE_MS = 5_000;
const PAUSE_MS = 5;
/** The kernel's table is long on a machine that serves many connections: reading it must not become the load. */
const SHARE_OF_TIME = 0.2;

/** Finds out which processes accepted connections to 127.0.0.1. One look serves all that wait for it. */
export class Acceptors {
  readonly #processes: DataPlaneProcesses;
  readonly #waiting = new Set<Waiting>();
  #looking = false;

  constructor(processes: DataPlaneProcesses) {
    this.#processes = processes;
  }

  /** @returns undefined when nobody accepts the connection for some seconds, or it ends before */
  find(socket: Socket, port: number): Promise<number | undefined> {
    return new Promise((resolve) => {
      this.#waiting.add({ socket, port, until: performance.now() + PATIENCE_MS, resolve });
      if (!this.#looking) void this.#look();
    });
  }

  async #look(): Promise<void> {
    this.#looking = true;
    while (this.#waiting.size > 0) {
      const begun = performance.now();
      this.#lookOnce();
      const tookMs = performance.now() - begun;
      await sleep(Math.max(PAUSE_MS, tookMs / SHARE_OF_TIME));
    }
    this.#looking = false;
  }

  #lookOnce(): void {
    const inodes = new Map<string, string>();
    for (const port of new Set([...this.#waiting].map((one) => one.port))) {
      for (const { client, inode } of socketsOn(port)) inodes.set(`${port} ${client}`, inode);
    }
    // After that: whoever had accepted a connection by then holds it now, or is gone.
    const holders = new Map<string, number>();
    const { allWorkers, stream } = this.#processes;
    for (const pid of stream === undefined ? allWorkers : [...allWorkers, stream]) {
      for (const inode of socketsOf(pid)) holders.set(inode, pid);
    }
    const now = performance.now();
    for (const waiting of this.#waiting) {
      const { socket, port, until, resolve } = waiting;
      const acceptor = holders.get(inodes.get(`${port} ${socket.localPort}`) ?? '');
      if (acceptor === undefined && now < until && !socket.destroyed) continue;
      this.#waiting.delete(waiting);
      resolve(acceptor);
    }
  }
}
