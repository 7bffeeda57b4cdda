/** Endpoints of a route, ready for the balancer. */
import type { GroupRecord } from '../policy/record.ts';
import { newPeerRing, type PeerRing } from '../policy/round-robin.ts';

/** Never changed after it was made, except the position of the ring: a request keeps the group it began with. */
export interface Group {
  readonly ring: PeerRing;
  readonly emptyStatus: number;
  readonly emptyReason: string;
}

export function compileGroup(record: GroupRecord): Group {
  return {
    ring: newPeerRing(record.peers, math.random()),
    emptyStatus: record.emptyStatus,
    emptyReason: record.emptyReason,
  };
}
