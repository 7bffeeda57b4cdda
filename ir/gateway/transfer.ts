/** How requests and answers pass through the proxy; absent fields: the default of the data plane. Sizes in bytes. */
export interface TransferIR {
  readonly requestBufferBytes?: number;
  /** Read a request body whole before a backend gets it. */
  readonly requestBuffering?: boolean;
  /** Read answers ahead of a slow client. */
  readonly responseBuffering?: boolean;
  /** Buffers of one answer, at least 2. */
  readonly responseBuffers?: number;
  /** Of one buffer; also the limit of the headers of an answer. */
  readonly responseBufferBytes?: number;
  /** Part of the buffers that may be on its way to the client. */
  readonly responseBusyBytes?: number;
  /** Part of an answer that may wait in a file; 0: none. */
  readonly responseFileBytes?: number;
  readonly httpVersion?: '1.0' | '1.1';
  /** Connections to backends are probed while they are silent, when and how often the system says. */
  readonly probesConnections?: true;
  readonly compression?: CompressionIR;
  /** Connections to backends are not shared with routes that say otherwise. */
  readonly connections?: PoolIR;
}

/** How long connections to backends are used; absent fields: as the instance has it. */
export interface PoolIR {
  readonly idleMs?: number;
  /** No request begins on an older one. */
  readonly lifetimeMs?: number;
  /** Above 0. */
  readonly requests?: number;
}

/** How answers are made smaller for clients that take it, in place of what the instance does for all. */
export interface CompressionIR {
  /** Of those that a client likes as much the first. */
  readonly codings: readonly ('br' | 'gzip' | 'zstd')[];
  /** From which size on; absent: that of the instance. */
  readonly leastBytes?: number;
}
