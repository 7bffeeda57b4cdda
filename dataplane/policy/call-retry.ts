/** Calls of gRPC that fail are sent again: those that are read whole before they are sent on. */
export interface CallRetryStep {
  readonly type: 'callRetry';
  /** Of gRPC, as texts of numbers; of answers without a message. */
  readonly statuses: readonly string[];
}
