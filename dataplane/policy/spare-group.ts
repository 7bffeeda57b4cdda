import type { ErrorOrigin } from './error-pages.ts';

/** Sends requests to another group while that of the route has no peer, or none that is well. */
export interface SpareGroupStep {
  readonly type: 'spareGroup';
  /** Ids of group records. */
  readonly group: string;
  readonly insteadOf: string;
  readonly origin?: ErrorOrigin;
  /** Also while all peers of the route are avoided. */
  readonly orAvoided?: true;
}
