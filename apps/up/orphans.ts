import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

const politeMs = 5_000;
const pollMs = 20;

/**
 * Waits until the children of a killed `up` are gone: they see that their
 * parent died and stop by themselves; those that hang are killed. Two API
 * servers must never have one data directory open.
 */
export async function outliveOrphans(orphans: readonly ProcessIdentity[], log: Logger): Promise<void> {
  if (orphans.length === 0) return;
  log.info({ pids: orphans.map(({ pid }) => pid) }, 'waiting for the processes of an `up` that was killed');
  signal(orphans, 'SIGTERM');
  const deadline = performance.now() + politeMs;
  while (orphans.some(isRunning) && performance.now() < deadline) await sleep(pollMs);
  signal(orphans, 'SIGKILL');
  while (orphans.some(isRunning)) await sleep(pollMs);
}

function signal(processes: readonly ProcessIdentity[], name: 'SIGTERM' | 'SIGKILL'): void {
  for (const identity of processes) {
    if (!isRunning(identity)) continue;
    try {
      process.kill(identity.pid, name);
    } catch {
      // it ended between the two calls
    }
  }
}
