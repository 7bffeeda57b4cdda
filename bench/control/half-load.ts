import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

export interface LoadTarget {
  readonly wrk: string;
  readonly libraryPath: string;
  readonly url: string;
  /** The sites that are asked for, from 0. */
  readonly rules: number;
  readonly directory: string;
}

export interface Loaded {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Connections that failed, and answers that were not 2xx or 3xx. */
  readonly failed: number;
}

const CONNECTIONS = 64;

/** Requests a second with as many as get through. */
export async function capacityOf(target: LoadTarget): Promise<number> {
  const { stdout } = await promisify(execFile)(target.wrk, wrkArguments(target, 2, 0), {
    env: { ...process.env, LD_LIBRARY_PATH: target.libraryPath },
  });
  return parse(stdout).requestsPerSecond;
}

/** Traffic that goes on until it is stopped, every connection waiting between its requests. */
export class HalfLoad {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
  }

  static start(target: LoadTarget & { readonly requestsPerSecond: number }): HalfLoad {
    const pauseMs = Math.max(1, Math.floor((CONNECTIONS * 1000) / target.requestsPerSecond));
    const child = spawn(target.wrk, wrkArguments(target, 3600, pauseMs), {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, LD_LIBRARY_PATH: target.libraryPath },
    });
    return new HalfLoad(child);
  }

  /** Without a result, when it has not been stopped. */
  end(): void {
    this.#child.kill('SIGKILL');
  }

  async stop(): Promise<Loaded> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    await closed;
    return parse(this.#output);
  }
}

function wrkArguments(target: LoadTarget, seconds: number, pauseMs: number): string[] {
  const script = path.join(target.directory, `load-${pauseMs}.lua`);
  writeFileSync(script, scriptText(target.rules, pauseMs));
  return ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, target.url];
}

/** Sites in an order that a fixed seed gives. */
function scriptText(rules: number, pauseMs: number): string {
  return `math.randomseed(1)
function request()
  local site = math.random(0, ${rules - 1})
  wrk.headers["Host"] = "h" .. math.floor(site / 100) .. ".bench.example"
  return wrk.format("GET", "/p" .. site)
end
${pauseMs > 0 ? `function delay() return ${pauseMs} end` : ''}
function done(summary)
  local e = summary.errors
  print("RESULT", summary.requests, summary.duration, e.connect + e.read + e.write + e.timeout + e.status)
end
`;
}

function parse(output: string): Loaded {
  const match = /^RESULT\s+(\d+)\s+(\d+)\s+(\d+)$/m.exec(output);
  if (match === null) throw new Error(`wrk printed no result: ${output}`);
  const [requests = 0, durationUs = 1, failed = 0] = match.slice(1).map(Number);
  return { requests, requestsPerSecond: (requests / durationUs) * 1e6, failed };
}
