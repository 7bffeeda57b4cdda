import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `check` until it passes. The deadline only decides when a failure is
 * given up on; it is generous, because a busy machine is slow.
 */
export async function eventually<T>(check: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await sleep(20);
    }
  }
}
