/** Which endpoints this worker avoids at the moment and why, for the metrics of the agent. */
import { isOutlier } from '../policy/outlier.ts';
import type { AvoidReason } from '../policy/record.ts';
import { ejectedPeers } from './ejection.ts';
import type { Group } from './group.ts';

/** Of one report; further ones are left out. */
const MOST = 500;

/** Groups with peers that failed again and again, by id. */
const failing: LuaTable<string, boolean> = new LuaTable();

/** A peer of the group is avoided from now on. */
export function noteFailing({ id }: Group): void {
  failing.set(id, true);
}

/**
 * @param groups those that are served
 * @returns by `address:port`; undefined for none
 */
export function avoidedEndpoints(groups: LuaTable<string, Group>): Record<string, AvoidReason> | undefined {
  const found: Record<string, AvoidReason> = {};
  let left = MOST;
  for (const name of ejectedPeers(left)) {
    found[name] = 'refuses';
    left--;
  }
  for (const [id] of failing) {
    const group = groups.get(id);
    const count = group === undefined ? 0 : addFailing(group, found, left);
    if (count === 0) failing.delete(id);
    left -= count;
  }
  return left === MOST ? undefined : found;
}

/** @returns how many it avoids */
function addFailing({ outliers, ring }: Group, found: Record<string, AvoidReason>, most: number): number {
  if (outliers === undefined) return 0;
  const now = ngx.now();
  let count = 0;
  let place = 0;
  for (const { address, port } of ring.peers) {
    if (isOutlier(outliers, place, now) && count < most) {
      found[`${address}:${port}`] = 'fails';
      count++;
    }
    place++;
  }
  return count;
}
