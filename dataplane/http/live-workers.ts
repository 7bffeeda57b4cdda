/**
 * The worker processes of this nginx that are alive, those of an older configuration included, in memory that all of them have. Counts
 * that a worker has to take back itself are kept under its number, so that those of a dead one are never looked at again (design D15).
 */
import { C, cdef, errno } from 'ffi';

cdef('int kill(int pid, int sig);');

/** ESRCH: no such process. */
const NO_PROCESS = 3;
const CHANGES = 'changes';
const SLOTS = 'slots';

let known: readonly number[] = [];
let knownChanges = -1;

/** Called once by each worker; a worker that replaces a dead one takes its place. */
export function registerWorker(): void {
  const registry = ngx.shared['causeway_workers'];
  if (registry === undefined) return;
  const pid = ngx.worker.pid();
  for (let slot = 0; ; slot++) {
    const [added, problem] = registry.add(slotKey(slot), pid);
    if (added !== true && problem !== 'exists') break;
    if (added === true) {
      if ((numberIn(registry, SLOTS) ?? 0) <= slot) registry.set(SLOTS, slot + 1);
      break;
    }
    const owner = numberIn(registry, slotKey(slot)) ?? 0;
    if (owner !== pid && isAlive(owner)) continue;
    registry.set(slotKey(slot), pid);
    break;
  }
  registry.incr(CHANGES, 1, 0);
}

/** Process numbers. */
export function liveWorkers(): readonly number[] {
  const registry = ngx.shared['causeway_workers'];
  if (registry === undefined) return known;
  const changes = numberIn(registry, CHANGES) ?? 0;
  if (changes === knownChanges) return known;
  const pids: number[] = [];
  const slots = numberIn(registry, SLOTS) ?? 0;
  for (let slot = 0; slot < slots; slot++) {
    const pid = numberIn(registry, slotKey(slot));
    if (pid !== undefined) pids.push(pid);
  }
  known = pids;
  knownChanges = changes;
  return pids;
}

function slotKey(slot: number): string {
  return `slot ${slot}`;
}

function numberIn(registry: SharedDictionary, key: string): number | undefined {
  const [value] = registry.get(key);
  return typeof value === 'number' ? value : undefined;
}

function isAlive(pid: number): boolean {
  return pid > 0 && (C.kill(pid, 0) === 0 || errno() !== NO_PROCESS);
}
