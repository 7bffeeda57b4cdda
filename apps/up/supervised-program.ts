import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';

/**
 * One child process, kept running: started, started again with growing pauses
 * when it dies, and ended on request.
 */
export interface ProgramOptions {
  readonly name: string;
  /** The JavaScript file. */
  readonly file: string;
  /** Asked for at every start. */
  readonly args: () => readonly string[];
  readonly log: Logger;
  /** How long an orderly end may take before it is killed. */
  readonly stopTimeoutMs: number;
  /** The program is loaded with `--held`, and let go when this resolves. */
  readonly heldUntil?: Promise<void>;
  /** Whenever there is another process, or none. */
  readonly onPid: () => void;
  /**
   * Takes over stdout and stderr. Absent: both are our stderr itself, so that the
   * process can still log when we were killed.
   */
  readonly onOutput?: (output: Readable) => void;
}

/** It ended, again and again, before it ever became ready; its log says why. */
export class ProgramUnstartable extends Error {
  override readonly name = 'ProgramUnstartable';
}

/**
 * Little memory rather than the last bit of speed: V8 keeps 12 MiB for young objects, not 48 (with 6 a change of an Ingress took a tenth more processor time), and programs may collect when
 * they are idle (`../child/idle-collection.ts`). All threads share one arena of malloc: with one each, what one of them has
 * freed nobody else uses (60 MiB of the control plane with 10,000 Ingresses). WebAssembly, which is undici's HTTP parser, is
 * compiled once and not optimised: that takes TurboFan 40 MiB, most of which stay with malloc, and a request costs the
 * same without. Found by bench/control/scale.bench.ts.
 */
const engineFlags = ['--max-semi-space-size=4', '--expose-gc', '--liftoff-only'];
const environment = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '262144' };
const firstPauseMs = 50;
const longestPauseMs = 10_000;
/**
 * A process that ran this long was healthy: the next pause is short again. Short, since the API, changes and the replacement of
 * a dead nginx wait for it; a program that dies after every five seconds costs little more than one that stays away for ten.
 */
const healthyMs = 5_000;
/** Ends before the first `ready` that are put up with. */
const patience = 3;

export class SupervisedProgram {
  /** Resolves at the first `ready`; rejects with {@link ProgramUnstartable}. */
  readonly ready: Promise<void>;
  readonly #options: ProgramOptions;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #child: ChildProcess | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
    let becameReady: () => void = () => {};
    let failed: (error: Error) => void = () => {};
    this.ready = new Promise((resolve, reject) => {
      becameReady = resolve;
      failed = reject;
    });
    this.ready.catch(() => {}); // whoever awaits it sees the error; nobody has to
    this.#ended = this.#keepRunning(becameReady, failed);
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Asks the process to end, and kills it when it takes too long. Resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => {
      this.#options.log.warn({ program: this.#options.name }, 'did not stop in time, killing it');
      this.kill();
    }, this.#options.stopTimeoutMs);
    await this.#ended;
    clearTimeout(timer);
  }

  /** Ends it at once. */
  kill(): void {
    this.#stopping.abort();
    this.#child?.kill('SIGKILL');
  }

  async #keepRunning(becameReady: () => void, failed: (error: Error) => void): Promise<void> {
    const { name, log } = this.#options;
    const { signal } = this.#stopping;
    let pauseMs = firstPauseMs;
    let everReady = false;
    for (let attempt = 1; !signal.aborted; attempt++) {
      const startedAt = performance.now();
      const end = await this.#runOnce(() => {
        everReady = true;
        becameReady();
      });
      if (signal.aborted) break;
      log.error({ program: name, ...end }, everReady ? 'ended, starting it again' : 'ended before it was ready');
      if (!everReady && attempt >= patience) {
        failed(new ProgramUnstartable(`${name} does not start; see its messages above`));
        return;
      }
      if (performance.now() - startedAt >= healthyMs) pauseMs = firstPauseMs;
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
    }
    failed(new ProgramUnstartable(`${name} was stopped`));
  }

  #runOnce(onReady: () => void): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
    const { file, args, heldUntil, onOutput, onPid, log, name } = this.#options;
    const allArgs = heldUntil === undefined ? args() : [...args(), '--held'];
    const output = onOutput === undefined ? 2 : 'pipe';
    return new Promise((resolve) => {
      const child = fork(file, allArgs, {
        stdio: ['ignore', output, output, 'ipc'],
        execArgv: [...process.execArgv, ...engineFlags],
        env: { ...process.env, ...environment },
      });
      this.#child = child;
      for (const stream of [child.stdout, child.stderr]) if (stream !== null) onOutput?.(stream);
      onPid();
      const letGo = (): void => {
        // It may be gone already; then 'exit' follows.
        if (child.connected) child.send({ type: 'go' }, () => {});
      };
      void heldUntil?.then(letGo, () => {}); // never ready: whoever waits for that one stops us all
      child.on('message', (message) => {
        if (isReady(message)) onReady();
      });
      child.on('error', (error) => log.error({ program: name, err: error }, 'process error'));
      child.once('exit', (code, signal) => {
        this.#child = undefined;
        onPid();
        resolve({ code, signal });
      });
    });
  }
}

function isReady(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}
