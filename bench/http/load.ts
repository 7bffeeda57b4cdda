import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface LoadResult {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Connections that failed, and answers that were not 2xx or 3xx. */
  readonly errors: number;
  /** Undefined where the generator does not say. */
  readonly p99Ms: number | undefined;
  readonly maxMs: number;
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
  /** As of nice(1); below 0 only root may ask for. */
  readonly nice?: number;
}

/** Runs wrk with one thread; the script of workload.ts prints the figures. */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { wrk, script, url, connections, seconds, cpu, nice = 0 } = options;
  const wrkArguments = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, url];
  const { stdout } = await promisify(execFile)(
    'nice',
    ['-n', String(nice), 'taskset', '-c', String(cpu), wrk, ...wrkArguments],
    {
      env: { ...process.env, LD_LIBRARY_PATH: options.libraryPath },
    },
  );
  const match = /^RESULT (\d+) (\d+) (\d+) (\d+) (\d+)$/m.exec(stdout);
  if (match === null) throw new Error(`wrk printed no result: ${stdout}`);
  const [requests = 0, durationUs = 1, errors = 0, p99Us = 0, maxUs = 0] = match.slice(1).map(Number);
  return {
    requests,
    requestsPerSecond: (requests / durationUs) * 1e6,
    errors,
    p99Ms: p99Us / 1000,
    maxMs: maxUs / 1000,
  };
}

export interface Http2LoadOptions extends Omit<LoadOptions, 'wrk' | 'script'> {
  readonly h2load: string;
  readonly host: string;
}

/** The same over HTTP/2, ten requests at a time on each connection, always to one host and path. */
export async function runHttp2Load(options: Http2LoadOptions): Promise<LoadResult> {
  const { h2load, url, host, connections, seconds, cpu } = options;
  const flags = ['-t1', `-c${connections}`, '-m10', `-D${seconds}`, `-H:authority: ${host}`, url];
  const { stdout } = await promisify(execFile)('taskset', ['-c', String(cpu), h2load, ...flags], {
    env: { ...process.env, LD_LIBRARY_PATH: options.libraryPath },
  });
  const rate = /^finished in [\d.]+s, ([\d.]+) req\/s/m.exec(stdout);
  const counts = /^requests: \d+ total, \d+ started, (\d+) done, \d+ succeeded, (\d+) failed/m.exec(stdout);
  const good = /^status codes: (\d+) 2xx/m.exec(stdout);
  const times = /^time for request: +\S+ +([\d.]+)(us|ms|s) /m.exec(stdout);
  if (rate === null || counts === null || good === null || times === null) throw new Error(`h2load printed ${stdout}`);
  const unitMs = { us: 0.001, ms: 1, s: 1000 }[times[2] ?? ''] ?? Number.NaN;
  return {
    requests: Number(counts[1]),
    requestsPerSecond: Number(rate[1]),
    // The last answers may be counted by status before their requests count as done.
    errors: Math.max(0, Number(counts[1]) - Number(good[1])) + Number(counts[2]),
    p99Ms: undefined,
    maxMs: Number(times[1]) * unitMs,
  };
}
