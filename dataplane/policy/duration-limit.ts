/** Requests end after so long, also while their answers come. */
export interface DurationLimitStep {
  readonly type: 'durationLimit';
  readonly ms: number;
}
