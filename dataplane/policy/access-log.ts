/** Lines about requests that the agent writes: which values of a request it needs. */
export interface AccessLogStep {
  readonly type: 'accessLog';
  /** `request:<header>`, `response:<header>`, or one of those that a worker knows. */
  readonly values: readonly string[];
}

/** What is to be told of a request. Texts are what the client sent: any bytes. */
export interface LogRecord {
  readonly port: number;
  /** Route id; `''` for the port's fallback. */
  readonly route: string;
  /** By name, those that there are. */
  readonly values: Readonly<Record<string, string | number>>;
}
