/** Where a service is that the agent asks for keys and tokens, and how it does. */
export interface AskedAddress {
  readonly host: string;
  readonly port: number;
  /** Who says how TLS is spoken to it; absent: nobody. */
  readonly tls?: string;
  readonly asking?: {
    /** Until there is a connection, and until there is all of the answer, each time. */
    readonly connectMs?: number;
    readonly timeoutMs?: number;
    /** Asked again so often at most, after a failure or one of these statuses. */
    readonly retry?: {
      readonly times: number;
      readonly statuses: readonly number[];
      /** Before the first time; twice as long before each further one. */
      readonly waitMs: number;
      readonly maxWaitMs: number;
    };
  };
}
