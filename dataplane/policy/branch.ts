import type { RouteAction } from './record.ts';

/** What becomes of a share of the requests of an action. */
export interface Branch {
  /** Its own weight and those of the branches before. */
  readonly weightUpTo: number;
  /** Of type `forward`, `respond` or `redirect`. */
  readonly action: RouteAction;
}

/** @param point from 0 up to, not including, the weight of the last branch */
export function branchAt(branches: readonly Branch[], point: number): Branch | undefined {
  for (const branch of branches) if (point < branch.weightUpTo) return branch;
  return undefined;
}
