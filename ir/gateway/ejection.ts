/** Endpoints that answer with errors are avoided for a while. Those that refuse connections are avoided whatever this says. */
export interface EjectionIR {
  /** So many answers from status 500 on, or none at all, one after the other. At least 1. */
  readonly failures: number;
  /** How long; at the second time twice as long, and so on. */
  readonly baseMs: number;
  /** Of all endpoints at once, but one always. From 0 to 100. */
  readonly mostPercent: number;
}
