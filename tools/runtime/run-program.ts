import { spawn } from 'node:child_process';

/** A program ended with another exit code than 0; `output` is what it wrote to stderr. */
export class ProgramFailed extends Error {
  override readonly name = 'ProgramFailed';
  readonly output: string;
  constructor(program: string, code: number | null, output: string) {
    super(`${program} failed${code === null ? '' : ` with exit code ${code}`}: ${output.trim()}`);
    this.output = output;
  }
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to stdout and, apart from it, to stderr
 * @throws ProgramFailed when its exit code is not 0 or it cannot be started
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, LC_ALL: 'C', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    child.on('error', (error) => reject(new ProgramFailed(program, null, error.message)));
    child.on('close', (code) => {
      if (code === 0) resolve({ stdout, stderr });
      else reject(new ProgramFailed(program, code, stderr));
    });
  });
}
