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
  readonly kubeconfig: string;
  readonly flags: readonly string[];
  /** Everything it prints. */
  readonly logFile: string;
  /** Called for each test that ends. */
  readonly onResult: (result: TestResult) => void;
}

/** Before lines of Go's test framework, where the reader is a program: then a test's result comes when it ends, not with those of all. */
const MARK = '\u0016';

/** Tests end with a line each: those of the suite are below one that runs them all. */
const RESULT = /^\s*--- (PASS|FAIL|SKIP): TestConformance\/([^/ ]+) /;

/** Runs upstream's suite. @returns its exit code */
export async function runSuite({ program, kubeconfig, flags, logFile, onResult }: SuiteOptions): Promise<number> {
  const log = createWriteStream(logFile);
  const child = spawn(
    program,
    ['-test.run', '^TestConformance$', '-test.v=test2json', '-test.timeout', '90m', ...flags],
    {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  child.stderr.on('data', (chunk: Buffer) => void log.write(chunk));
  createInterface({ input: child.stdout }).on('line', (marked) => {
    const line = marked.replace(MARK, '');
    log.write(`${line}\n`);
    const [, outcome, name] = RESULT.exec(line) ?? [];
    if (name !== undefined) onResult({ name, outcome: outcome as TestResult['outcome'] });
  });
  const [code] = (await once(child, 'close')) as [number | null];
  log.end();
  return code ?? 1;
}
