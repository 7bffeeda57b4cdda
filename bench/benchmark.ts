import type { FirewallRuntime } from '@causeway/targets/nginx/runtime';
import type { BenchManifest, NginxManifest } from '@causeway/tools/runtime/manifest';

/** One named measurement; `bench/main.ts` lists all. Each is a module `<area>/<name>.bench.ts` that exports one. */
export interface Benchmark {
  /** How it is chosen on the command line: lower case, with `-`. */
  readonly name: string;
  /** What the numbers answer, in a sentence. */
  readonly question: string;
  /**
   * Measures, stops everything it started, and returns Markdown: tables and the notes needed to read them. What cannot be
   * measured on this machine is said there instead.
   */
  run(options: BenchmarkOptions): Promise<string>;
}

export interface BenchmarkOptions {
  readonly nginx: NginxManifest;
  readonly bench: BenchManifest;
  /** What firewalls need; absent: rules that have one are not measured. */
  readonly firewall?: FirewallRuntime | undefined;
  /** The compiled Lua of the data plane. */
  readonly dataplaneDirectory: string;
  /** The bundled layer 4 program. */
  readonly streamScript: string;
  /** Folder of this run's files; each benchmark makes its own in there. */
  readonly workDirectory: string;
  /** The smallest sizes, one round, one second: shows that it works, not what it measures. */
  readonly quick: boolean;
  /** Numbers of rules, rounds and seconds a round, where a benchmark has them; absent: what suits it. */
  readonly rules?: readonly number[] | undefined;
  readonly rounds?: number | undefined;
  readonly seconds?: number | undefined;
  /** How the wanted rows begin, where a benchmark has rows by name; absent: all. */
  readonly only?: readonly string[] | undefined;
}

/** Reports whether the row of that name is asked for. */
export function isWanted({ only }: Pick<BenchmarkOptions, 'only'>, row: string): boolean {
  return only === undefined || only.some((beginning) => row.startsWith(beginning));
}
