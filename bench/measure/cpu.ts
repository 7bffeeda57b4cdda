import { readFileSync } from 'node:fs';

/** Linux counts process times in ticks of 10 ms on every supported architecture (USER_HZ). */
const TICK_US = 10_000;

/**
 * CPU time of processes since they started, user and system together, in microseconds.
 * Source: proc(5), /proc/[pid]/stat fields 14 and 15.
 */
export function cpuMicroseconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold blanks.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * TICK_US;
}

/**
 * The same for the main threads alone, to the nanosecond: for short measurements of processes with one thread.
 * Source: Linux, Documentation/scheduler/sched-stats.rst, /proc/[pid]/schedstat field 1.
 */
export function mainThreadMicroseconds(pids: readonly number[]): number {
  let nanoseconds = 0;
  for (const pid of pids) nanoseconds += Number(readFileSync(`/proc/${pid}/schedstat`, 'latin1').split(' ')[0]);
  return nanoseconds / 1_000;
}

/** Memory that only these processes hold plus their share of what they share, in MiB. Source: proc(5), smaps_rollup Pss. */
export function memoryMiB(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of pids) {
    const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'));
    kib += Number(match?.[1] ?? 0);
  }
  return kib / 1024;
}

/** Ticks of all processors since the start of the machine. */
export interface HostTicks {
  readonly all: number;
  /** In which a processor had work and the host ran something else on it. */
  readonly stolen: number;
}

/** Source: proc(5), the first line of /proc/stat. */
export function hostTicks(): HostTicks {
  const [line = ''] = readFileSync('/proc/stat', 'latin1').split('\n', 1);
  // user, nice, system, idle, iowait, irq, softirq, steal; what follows is counted in the first two as well.
  const ticks = line.split(/ +/).slice(1, 9).map(Number);
  return { all: ticks.reduce((sum, value) => sum + value, 0), stolen: ticks[7] ?? 0 };
}

/** The share, 0 to 1, of the processors' time between two looks which the host took for others. */
export function stolenShare(before: HostTicks, after: HostTicks): number {
  return (after.stolen - before.stolen) / Math.max(1, after.all - before.all);
}
