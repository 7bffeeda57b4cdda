import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Connections that failed, and answers that were not 2xx or 3xx. */
  readonly errors: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface LoadOptions {
  readonly wrk: string;
  readonly libraryPath: string;
  readonly script: string;
  readonly url: string;
  readonly connections: number;
  readonly seconds: number;
  /** Processor that runs the load, so that the proxy has another one for itself. */
  readonly cpu: number;
}

/** Runs wrk with one thread; the script of workload.ts prints the figures. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { wrk, script, url, connections, seconds, cpu } = options;
  const wrkArguments = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url];
  const { stdout } = await promisify(execFile)('taskset', ['-c', String(cpu), wrk, ...wrkArguments], {
    env: { ...process.env, LD_LIBRARY_PATH: options.libraryPath },
  });
  const match = /^RESULT (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(stdout);
  if (match === null) throw new Error(`wrk printed no result: ${stdout}`);
  const [requests = 0, durationUs = 1, errors = 0, p50Us = 0, p99Us = 0] = match.slice(1).map(Number);
  return {
    requests,
    requestsPerSecond: (requests / durationUs) * 1e6,
    errors,
    p50Ms: p50Us / 1000,
    p99Ms: p99Us / 1000,
  };
}
