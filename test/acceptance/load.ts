import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { type Answer, type Ask, ask } from './http-request.ts';

export interface LoadOptions {
  readonly port: number;
  readonly path: string;
  readonly connections: number;
  readonly request?: Ask;
  /** Between an answer and the next request of its connection; 0 unless given. */
  readonly pauseMs?: number;
  /** Beyond status 200. @returns what is wrong */
  readonly check?: (answer: Answer) => string | undefined;
}

export interface LoadResult {
  readonly requests: number;
  readonly failures: readonly string[];
}

/**
 * Requests without pause on so many keepalive connections. Every answer other than 200 and every broken connection
 * is a failure.
 */
export class Load {
  readonly #options: LoadOptions;
  readonly #failures: string[] = [];
  readonly #loops: readonly Promise<void>[];
  #requests = 0;
  #stopped = false;

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#loops = Array.from({ length: options.connections }, () => this.#loop());
  }

  get requests(): number {
    return this.#requests;
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  /** Resolves when so many more requests were answered. */
  async more(requests: number): Promise<void> {
    const goal = this.#requests + requests;
    while (this.#requests < goal) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async stop(): Promise<LoadResult> {
    this.#stopped = true;
    await Promise.all(this.#loops);
    return { requests: this.#requests, failures: this.#failures };
  }

  async #loop(): Promise<void> {
    const { port, path, request = {}, pauseMs = 0, check } = this.#options;
    const agentOptions = { keepAlive: true, maxSockets: 1 };
    const agent = request.serverName === undefined ? new Agent(agentOptions) : new SecureAgent(agentOptions);
    while (!this.#stopped) {
      try {
        const answer = await ask(port, path, { ...request, agent });
        const problem = answer.status === 200 ? check?.(answer) : `${answer.status} ${answer.body.trim()}`;
        if (problem !== undefined) this.#failures.push(problem);
      } catch (error) {
        this.#failures.push(
          error instanceof Error ? `${(error as NodeJS.ErrnoException).code ?? error.message}` : String(error),
        );
      }
      this.#requests++;
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    agent.destroy();
  }
}
