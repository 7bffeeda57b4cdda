import { growSlowly } from './idle-collection.ts';

/** Why a program that `up` started has to end. */
export type End =
  /** SIGTERM or SIGINT: leave everything tidy. */
  | 'asked'
  /** The parent died without a word: leave what serves traffic to the next one. */
  | 'orphaned';

/**
 * Resolves when the program has to end. A second signal while it is ending kills it.
 * Outside `up` (no IPC channel) only signals count.
 */
export function untilEnd(): Promise<End> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(1);
        asked = true;
        resolve('asked');
      });
    }
    process.once('disconnect', () => resolve('orphaned'));
  });
}

/** The start is over: tells the parent, if there is one, that this program serves. */
export function tellReady(): void {
  growSlowly();
  process.send?.({ type: 'ready' });
}

/**
 * Resolves when the parent that started this program with `--held` lets it
 * begin: until then it only loads, while what it needs is being prepared.
 * Ends the process when it has to end before.
 */
export async function untilLetGo(end: Promise<End>): Promise<void> {
  const letGo = new Promise<boolean>((resolve) => process.once('message', () => resolve(true)));
  if (!(await Promise.race([letGo, end.then(() => false)]))) process.exit(0);
}
