/**
 * Counts the user-space instructions of a program, and what they miss in the caches of a model processor, with valgrind's
 * callgrind: the measure that a busy machine cannot spoil (it repeats within one per cent). It says nothing about the kernel.
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

export interface ExecutionCount {
  readonly instructions: number;
  /** Reads and writes of data that are not in 32 KiB of first and 1 MiB of second cache. */
  readonly misses: number;
}

/** @param directory folder of its own, for dumps */
export function spawnUnderCallgrind(
  directory: string,
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): ChildProcess {
  const flags = [
    '--tool=callgrind',
    ...['--cache-sim=yes', '--I1=32768,8,64', '--D1=32768,8,64', '--LL=1048576,16,64'],
    '--smc-check=all-non-file', // LuaJIT writes its code into anonymous memory
    `--callgrind-out-file=${directory}/callgrind.out`,
    '--log-file=/dev/null',
  ];
  return spawn('valgrind', [...flags, ...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

/** What `child` executes while `work` runs. */
export async function countExecution(
  child: ChildProcess,
  directory: string,
  work: () => Promise<void>,
): Promise<ExecutionCount> {
  const control = (flag: string): unknown =>
    execFileSync('callgrind_control', [flag, String(child.pid)], { stdio: 'ignore' });
  for (const file of dumpsIn(directory)) rmSync(file);
  control('-z');
  await work();
  control('-d');
  const sums = new Map<string, number>();
  for (const file of dumpsIn(directory)) {
    const text = readFileSync(file, 'utf8');
    const events = (/^events: (.+)/m.exec(text)?.[1] ?? '').split(' ');
    const totals = (/^totals: (.+)/m.exec(text)?.[1] ?? '').split(' ');
    for (const [index, event] of events.entries()) sums.set(event, (sums.get(event) ?? 0) + Number(totals[index] ?? 0));
  }
  const instructions = sums.get('Ir') ?? 0;
  if (instructions === 0) throw new Error(`callgrind wrote no counts into ${directory}`);
  return { instructions, misses: (sums.get('DLmr') ?? 0) + (sums.get('DLmw') ?? 0) };
}

function dumpsIn(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('callgrind.out'))
    .map((name) => path.join(directory, name));
}
