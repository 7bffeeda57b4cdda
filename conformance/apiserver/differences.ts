import type { Deviation } from './deviation.ts';

/** A way in which the API server differs from Kubernetes on purpose. At most fifteen; docs/apiserver.md lists them. */
export interface Difference {
  readonly title: string;
  readonly reason: string;
  covers(deviation: Deviation): boolean;
}

export const DIFFERENCES: readonly Difference[] = [];
