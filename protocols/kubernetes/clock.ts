/** Time as a dependency, so that tests decide when it passes. */
export interface Clock {
  /** Milliseconds since the epoch; never goes backwards while the program runs. */
  now(): number;
  /** Calls `fire` once after `ms`; the returned function cancels that. */
  setTimer(ms: number, fire: () => void): () => void;
}

/** The machine's monotonic clock, anchored to wall time at program start. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  setTimer: (ms, fire) => {
    const timer = setTimeout(fire, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when `signal` is aborted; check `signal.aborted` afterwards. */
export function sleep(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const wake = () => {
      signal.removeEventListener('abort', wake);
      cancel();
      resolve();
    };
    const cancel = clock.setTimer(ms, wake);
    signal.addEventListener('abort', wake);
  });
}
