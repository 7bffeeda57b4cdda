import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Check } from './checks.ts';

/**
 * Runs the checks one after the other and says for each how it went, with the
 * program's output when it failed.
 *
 * @returns the names of those that failed
 */
export async function runChecks(repository: string, checks: readonly Check[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const check of checks) {
    const startedAt = performance.now();
    const { code, output } = await run(repository, check);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stderr.write(`${code === 0 ? 'ok    ' : 'FAILED'} ${check.name} (${seconds} s)\n`);
    if (code === 0) continue;
    failed.push(check.name);
    process.stderr.write(`${output.trimEnd()}\n`);
    if (check.hint !== undefined) process.stderr.write(`see: ${check.hint}\n`);
  }
  return failed;
}

function run(repository: string, { program, args }: Check): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(path.join(repository, 'node_modules/.bin', program), args, {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        output += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
