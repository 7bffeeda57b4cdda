/** When every worker served a change, and what went wrong until then. */
export interface ServedAt {
  /** performance.now() */
  readonly at: number;
  /** Requests that were not answered with 200. */
  readonly failed: number;
}
