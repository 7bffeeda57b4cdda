/**
 * Gives memory back after many changes. Requests make next to no garbage, so LuaJIT's collector, which waits until the heap
 * has doubled, would keep deleted routes for hours.
 */

/** A collection every this many changes. */
const CHANGES = 2000;
/** Work of one stroke; about a millisecond. */
const STEP_KIB = 256;
const PAUSE_SECONDS = 0.002;
/** What became garbage after a cycle has begun is found by the next one. */
const CYCLES = 2;

let changesSince = 0;
let running = false;

/** Tells that records were applied or deleted. */
export function noteChanges(count: number): void {
  changesSince += count;
  if (changesSince < CHANGES || running) return;
  const [started] = ngx.timer.at(0, collect);
  if (started !== undefined) running = true;
}

function collect(premature: boolean): void {
  changesSince = 0;
  let cycles = premature ? CYCLES : 0;
  while (cycles < CYCLES && !ngx.worker.exiting()) {
    if (collectgarbage('step', STEP_KIB)) cycles++;
    ngx.sleep(PAUSE_SECONDS);
  }
  running = false;
}
