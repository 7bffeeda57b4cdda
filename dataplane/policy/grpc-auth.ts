/** Another service is asked by gRPC. Source: GW-38. */
export interface GrpcAuthStep {
  readonly type: 'grpcAuth';
  /** `tls`: who says how TLS is spoken; absent: none is. */
  readonly services: readonly { readonly host: string; readonly port: number; readonly tls?: string }[];
  readonly timeoutMs: number;
  readonly failOpen: boolean;
  readonly headers?: readonly string[];
  readonly bodyBytes?: number;
  /** Of a longer body the beginning is told. */
  readonly cutsBody?: true;
  readonly extensions: Readonly<Record<string, string>>;
}

/** The request that the service judges. */
export interface CheckedRequest {
  readonly method: string;
  readonly scheme: string;
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  readonly protocol: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly client: string;
  readonly port: string;
  /** In base64. */
  readonly body?: string | undefined;
}

/** What the service wants done. */
export interface CheckResult {
  /** Of the answer to the client; absent: the request goes on. */
  readonly status?: number;
  readonly body?: string;
  /** Of the request, or of the answer to the client. */
  readonly headers: readonly CheckedHeader[];
  /** Taken off the request. */
  readonly removed: readonly string[];
  /** Of the answer of the backend. */
  readonly responseHeaders: readonly CheckedHeader[];
}

export interface CheckedHeader {
  readonly name: string;
  readonly value: string;
  /** Beside those that are there. */
  readonly append: boolean;
}
