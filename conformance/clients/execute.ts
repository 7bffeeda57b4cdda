import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Result {
  /** null: a signal ended it. */
  readonly code: number | null;
  /** What it wrote to stdout and stderr, in the order in which it came. */
  readonly text: string;
  readonly stdout: string;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A client that waits longer than this waits for ever. */
const LIMIT_MS = 600_000;

/** Runs a program to its end, whatever the exit code. */
export async function execute(program: string, args: readonly string[], options: RunOptions = {}): Promise<Result> {
  const child = spawn(program, args, {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    env: { ...process.env, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let text = '';
  let stdout = '';
  child.stdin.on('error', () => undefined).end(options.input ?? '');
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk;
    text += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text, stdout };
}
