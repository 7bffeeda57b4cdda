import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** What the suite said of one of its tests. */
export interface TestResult {
  readonly name: string;
  readonly outcome: 'PASS' | 'FAIL' | 'SKIP';
}

export interface SuiteOptions {
  readonly program: string;
  /** The test of the program that runs all others, e.g. `TestConformance`. */
  readonly test: string;
  readonly kubeconfig: string;
  readonly flags: readonly string[];
  /** Everything it prints. */
  readonly logFile: string;
  /** Called for each test that ends. */
  readonly onResult: (result: TestResult) => void;
}

/** Before lines of Go's test framework, where the reader is a program: then a test's result comes when it ends, not with those of all. */
const MARK = '\u0016';

/** Tests end with a line each; deeper ones are parts of one. */
const RESULT = /^\s*--- (PASS|FAIL|SKIP): ([^/ ]+)\/([^/ ]+) /;

/** Runs a suite that is built with the Gateway API's. @returns its exit code */
export async function runSuite({ program, test, kubeconfig, flags, logFile, onResult }: SuiteOptions): Promise<number> {
  const log = createWriteStream(logFile);
  const child = spawn(program, ['-test.run', `^${test}$`, '-test.v=test2json', '-test.timeout', '90m', ...flags], {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stderr.on('data', (chunk: Buffer) => void log.write(chunk));
  createInterface({ input: child.stdout }).on('line', (marked) => {
    const line = marked.replace(MARK, '');
    log.write(`${line}\n`);
    const [, outcome, above, name] = RESULT.exec(line) ?? [];
    if (above === test && name !== undefined) onResult({ name, outcome: outcome as TestResult['outcome'] });
  });
  const [code] = (await once(child, 'close')) as [number | null];
  log.end();
  return code ?? 1;
}

/** How many tests ended how. */
export function summary(results: readonly TestResult[]): string {
  const count = (outcome: TestResult['outcome']): number =>
    results.filter((result) => result.outcome === outcome).length;
  return `${count('PASS')} passed, ${count('FAIL')} failed, ${count('SKIP')} skipped`;
}
