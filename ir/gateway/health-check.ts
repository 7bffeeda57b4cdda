/** Endpoints are asked whether they are well; those that are not get no requests. */
export interface HealthCheckIR {
  readonly probe: ProbeIR;
  /** From the end of one question to the next. */
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** The first question comes at a random moment up to then. */
  readonly jitterMs: number;
  /** Answers in a row that change what is thought of an endpoint, at least 1; the very first answer counts by itself. */
  readonly failures: number;
  readonly successes: number;
}

/** Asked over TLS where requests are sent over TLS. Bytes in base64. */
export type ProbeIR =
  | {
      readonly type: 'http';
      /** Absent: the address of the endpoint. */
      readonly host?: string;
      readonly path: string;
      readonly method: string;
      /** Not empty. */
      readonly statuses: readonly number[];
      /** Occurs in the body. */
      readonly expected?: string;
    }
  | { readonly type: 'tcp'; readonly sent?: string; readonly expected?: string }
  /** Source: github.com/grpc/grpc, doc/health-checking.md. */
  | { readonly type: 'grpc'; readonly service: string };
