/** Refuses requests of a client address that asks for too much. Counted by an instance, for all its workers together. */
export interface RequestLimitIR {
  readonly type: 'requestLimit';
  /** Limits of the same scope count together. */
  readonly scope: string;
  /** Requests at the same time. */
  readonly connections?: number;
  /** Those of all clients together; absent: of each address. Rates are of each address. */
  readonly together?: true;
  readonly connectionsStatus: number;
  /** All must allow the request; asked in this order, and after `connections`. */
  readonly rates: readonly RequestRateIR[];
  readonly ratesStatus: number;
  /** Networks (CIDR) and addresses without limit. */
  readonly exempt: readonly string[];
}

/** A leaky bucket: it holds `burst` requests beyond the one that is being served, and loses `count` per period. */
export interface RequestRateIR {
  readonly count: number;
  readonly periodMs: number;
  readonly burst: number;
}

/** Slows each answer down. */
export interface ResponseSpeedIR {
  readonly type: 'responseSpeed';
  readonly bytesPerSecond: number;
  /** At full speed. */
  readonly bytesAtOnce: number;
}
