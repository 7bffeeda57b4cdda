/**
 * How many connections of a pool may be in use at once. nginx's own limit (pool_size and backlog of `connect`) does not hold: when a
 * connection comes free, one that waited is told, but a question that comes in between takes it, and the first opens another.
 *
 * Idle connections do not count: whoever has a slot takes one of them before a new one is opened.
 */
import { new as newSemaphore, type Semaphore } from 'ngx.semaphore';

interface Slots {
  readonly free: Semaphore;
  /** Who has one or waits for one. */
  users: number;
}

/** More are refused. */
const MOST_USERS = 10_000;

/** Only pools that are in use. */
const slotsOf = new LuaTable<string, Slots>();

/** Waits for a slot. @returns whether it was had; then {@link giveSlot} must follow */
export function takeSlot(pool: string, connections: number, seconds: number): boolean {
  let slots = slotsOf.get(pool);
  if (slots === undefined) {
    slots = { free: newSemaphore(connections), users: 0 };
    slotsOf.set(pool, slots);
  }
  if (slots.users >= MOST_USERS) return false;
  slots.users++;
  const [had] = slots.free.wait(seconds);
  if (had !== true) leave(pool, slots);
  return had === true;
}

export function giveSlot(pool: string): void {
  const slots = slotsOf.get(pool);
  if (slots === undefined) return;
  slots.free.post();
  leave(pool, slots);
}

function leave(pool: string, slots: Slots): void {
  slots.users--;
  if (slots.users === 0) slotsOf.delete(pool);
}
