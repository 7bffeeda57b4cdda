/** Ends requests that take longer, also while their answers come. */
export interface DurationLimitIR {
  readonly type: 'durationLimit';
  readonly ms: number;
}
