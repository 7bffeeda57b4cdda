import { setTimeout as sleep } from 'node:timers/promises';
import { asked } from './asked.ts';

/** How often in a row what a data plane was asked has to pass, */
const ROUNDS = 8;
/** or for how long since it passed first, if it takes long. */
const SETTLED_MS = 1500;

/**
 * Runs `check` until it passes. If it asks a data plane, it has to pass some times in a row: workers take a change at
 * different moments, and the first that knows it says nothing about the others. The deadline only decides when a failure is
 * given up on; it is generous, because a busy machine is slow.
 */
export function eventually<T>(check: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  return until(check, ROUNDS, deadlineMs);
}

/** Where asking again changes what is answered, or what is counted: it is enough to pass once. */
export function eventuallyOnce<T>(check: () => Promise<T> | T, deadlineMs = 20_000): Promise<T> {
  return until(check, 1, deadlineMs);
}

async function until<T>(check: () => Promise<T> | T, rounds: number, deadlineMs: number): Promise<T> {
  const end = performance.now() + deadlineMs;
  for (let passed = 0, since = 0; ; ) {
    const before = asked.times;
    try {
      const result = await check();
      if (passed === 0) since = performance.now();
      passed += 1;
      if (asked.times === before || passed === rounds || performance.now() - since > SETTLED_MS) return result;
    } catch (error) {
      if (performance.now() > end) throw error;
      passed = 0;
      await sleep(20);
    }
  }
}
