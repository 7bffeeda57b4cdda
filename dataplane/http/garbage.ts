/**
 * When LuaJIT's collector runs. A cycle walks over the whole heap, at the cost of thousands of requests, to find the little garbage that
 * requests make: so it waits for more than a doubled heap. After many changes memory is given back at once, and after some as soon as
 * they have come to rest, or deleted routes and what new ones were read from would be kept for hours.
 */

/** A collection every this many changes. */
const CHANGES = 2000;
/** A collection after this many, once no more have come for some seconds. */
const FEW_CHANGES = 200;
const REST_SECONDS = 5;
/** Work of one stroke; about a millisecond. */
const STEP_KIB = 256;
const PAUSE_SECONDS = 0.002;
/** What became garbage after a cycle has begun is found by the next one. */
const CYCLES = 2;
/** Garbage that is waited for: so many times what lives, and not less than the least. */
const GARBAGE_SHARE = 2;
const LEAST_GARBAGE_KIB = 16 * 1024;

let changesSince = 0;
let running = false;
/** A timer looks whether changes have come to rest; how many there were when it was set. */
let resting = false;
let changesBefore = 0;

/** Tells that records were applied or deleted. */
export function noteChanges(count: number): void {
  changesSince += count;
  if (running) return;
  if (changesSince >= CHANGES) {
    const [started] = ngx.timer.at(0, collect);
    if (started !== undefined) running = true;
  } else if (changesSince >= FEW_CHANGES && !resting) awaitRest();
}

function awaitRest(): void {
  changesBefore = changesSince;
  const [started] = ngx.timer.at(REST_SECONDS, collectAtRest);
  if (started !== undefined) resting = true;
}

function collectAtRest(premature: boolean): void {
  resting = false;
  if (running || changesSince < FEW_CHANGES) return;
  if (changesSince !== changesBefore && !premature) {
    awaitRest();
    return;
  }
  running = true;
  collect(premature);
}

/** To be called when much has been loaded. */
export function setPause(): void {
  const kib = collectgarbage('count');
  const garbage = Math.max(LEAST_GARBAGE_KIB, GARBAGE_SHARE * kib);
  collectgarbage('setpause', 100 + Math.floor((100 * garbage) / kib));
}

function collect(premature: boolean): void {
  changesSince = 0;
  let cycles = premature ? CYCLES : 0;
  while (cycles < CYCLES && !ngx.worker.exiting()) {
    if (collectgarbage('step', STEP_KIB)) cycles++;
    ngx.sleep(PAUSE_SECONDS);
  }
  running = false;
  setPause();
}
