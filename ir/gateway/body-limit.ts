/** Requests with a larger body are answered 413. */
export interface BodyLimitIR {
  readonly type: 'bodyLimit';
  /** 0: no limit, also where the data plane has one. */
  readonly bytes: number;
}
