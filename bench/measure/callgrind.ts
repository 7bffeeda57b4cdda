/**
 * Counts the user-space instructions of a program with valgrind's callgrind: the measure that a busy machine cannot spoil
 * (it repeats within one per cent). It says nothing about caches or the kernel.
 *
 * Source: valgrind(1), "Callgrind: a call-graph generating cache and branch prediction profiler".
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';

export function hasCallgrind(): boolean {
  try {
    execFileSync('callgrind_control', ['--version'], { stdio: 'ignore' });
    execFileSync('valgrind', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** @param directory folder of its own, for dumps */
export function spawnUnderCallgrind(
  directory: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const flags = [
    '--tool=callgrind',
    '--smc-check=all-non-file', // LuaJIT writes its code into anonymous memory
    `--callgrind-out-file=${directory}/callgrind.out`,
    '--log-file=/dev/null',
  ];
  return spawn('valgrind', [...flags, ...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** Instructions that `child` executes while `work` runs. */
export async function countInstructions(
  child: ChildProcess,
  directory: string,
  work: () => Promise<void>,
): Promise<number> {
  const control = (flag: string): unknown =>
    execFileSync('callgrind_control', [flag, String(child.pid)], { stdio: 'ignore' });
  for (const file of dumpsIn(directory)) rmSync(file);
  control('-z');
  await work();
  control('-d');
  let sum = 0;
  for (const file of dumpsIn(directory)) sum += Number(/^totals: (\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  if (sum === 0) throw new Error(`callgrind wrote no counts into ${directory}`);
  return sum;
}

function dumpsIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('callgrind.out'))
    .map((name) => path.join(directory, name));
}
