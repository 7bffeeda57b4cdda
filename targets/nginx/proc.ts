/**
 * Processes of this machine as /proc shows them. Every function treats a process
 * that ends while it is looked at as absent.
 *
 * Source: proc(5).
 */
import { readdirSync, readlinkSync } from 'node:fs';
import { readIfThere } from './optional-file.ts';

/** USER_HZ: the same on every Linux that nginx is packaged for. */
const TICKS_PER_SECOND = 100;

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** Clock ticks since boot; pid and start time together name a process for good. */
  readonly startTime: number;
}

/** `undefined` also for a zombie: it holds nothing any more. */
export function processInfo(pid: number): ProcessInfo | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The name in parentheses may hold anything: fields count from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent] = fields;
  if (parent === undefined || state === 'Z' || state === 'X') return undefined;
  return { pid, parent: Number(parent), startTime: Number(fields[19]) };
}

export interface ProcessUsage {
  /** Of the process and of its children that have ended. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
}

/** All 0 for a process that is not there. */
export function processUsage(pid: number): ProcessUsage {
  const stat = readIfThere(`/proc/${pid}/stat`);
  const times = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15);
  const ticks = times.reduce((sum, text) => sum + Number(text), 0);
  const resident = /^VmRSS:\s+(\d+) kB$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1] ?? '0';
  return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytes: Number(resident) * 1024 };
}

export function isAlive(process: ProcessInfo): boolean {
  return processInfo(process.pid)?.startTime === process.startTime;
}

/** Arguments joined by spaces, or the title the process gave itself. */
export function commandLine(pid: number): string {
  return readIfThere(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trimEnd();
}

/** Name of the executable, at most 15 characters. */
export function commandName(pid: number): string {
  return readIfThere(`/proc/${pid}/comm`).trimEnd();
}

export function workingDirectory(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

export function allPids(): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

export function childrenOf(pid: number): number[] {
  const text = readIfThere(`/proc/${pid}/task/${pid}/children`).trim();
  if (text !== '') return text.split(' ').map(Number);
  // A kernel without CONFIG_PROC_CHILDREN shows nothing there.
  return allPids().filter((candidate) => processInfo(candidate)?.parent === pid);
}

/** Inodes of the sockets that a process holds; needs its user's rights or root's. */
export function socketsOf(pid: number): string[] {
  const inodes: string[] = [];
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const match = /^socket:\[(\d+)\]$/.exec(linkTarget(`/proc/${pid}/fd/${descriptor}`));
      if (match?.[1] !== undefined) inodes.push(match[1]);
    }
  } catch {
    // not ours to look at, or gone
  }
  return inodes;
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}
