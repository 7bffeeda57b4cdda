/** What requests may look like. */
export interface RequestFormIR {
  readonly type: 'requestForm';
  /**
   * What becomes of paths with `%2F` or `%5C`, which routes read as `/`: they are answered 400, the client is sent (307) to the path with `/`, or
   * the backend gets that. Absent: the backend gets them as they were sent.
   */
  readonly slashes?: 'reject' | 'redirect' | 'replace';
  /** Requests with a header whose name has `_` in it are answered 400. */
  readonly rejectsUnderscores?: true;
}

/** Who the client is says a header, in which proxies before the data plane write its address and nothing else. */
export interface ClientFromHeaderIR {
  readonly type: 'clientFromHeader';
  /** Lower case. */
  readonly name: string;
  /** Without an address in it a request is answered 403; else the peer is the client. */
  readonly required: boolean;
}

/** A request whose body has not come to its end after this long is answered 408; calls of gRPC, which may be streams, are left alone. */
export interface RequestDeadlineIR {
  readonly type: 'requestDeadline';
  readonly ms: number;
}
