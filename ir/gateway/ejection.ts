/** Endpoints that answer with errors are avoided for a while. Those that refuse connections are avoided whatever this says. */
export interface EjectionIR {
  /** So many answers from status 500 on, one after the other; 0: they do not matter. */
  readonly serverErrors: number;
  /** So many answers 502 to 504, one after the other; absent: they do not matter. */
  readonly gatewayErrors?: number;
  /** So many attempts without an answer, one after the other; 0: they do not matter. Absent: each counts as an answer 503. */
  readonly unanswered?: number;
  readonly failures?: FailureShareIR;
  /** How long; at the second time twice as long, and so on. */
  readonly baseMs: number;
  /** Of all endpoints at once, but one always. From 0 to 100. */
  readonly mostPercent: number;
}

/** Of the attempts of an interval so many in 100 had answers from status 500 on, or none. */
export interface FailureShareIR {
  readonly percent: number;
  readonly intervalMs: number;
}
