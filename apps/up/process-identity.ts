import { readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start time in clock ticks since boot; proc(5), `/proc/<pid>/stat` field 22. */
  readonly startTicks: string;
  /** The boot that the ticks count from. */
  readonly bootId: string;
}

/** `undefined` when there is no such process. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses, and may itself contain both of them.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return undefined;
    return {
      pid,
      startTicks: fields[19] ?? '',
      bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim(),
    };
  } catch {
    return undefined;
  }
}

/** Whether that very process still runs (a zombie does not). */
export function isRunning(process: ProcessIdentity): boolean {
  const now = identityOf(process.pid);
  return now !== undefined && now.startTicks === process.startTicks && now.bootId === process.bootId;
}

/** @returns undefined when the text is not what {@link ProcessIdentity} prints as JSON */
export function parseIdentity(value: unknown): ProcessIdentity | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { pid, startTicks, bootId } = value as Readonly<Record<string, unknown>>;
  if (typeof pid !== 'number' || typeof startTicks !== 'string' || typeof bootId !== 'string') return undefined;
  return { pid, startTicks, bootId };
}
