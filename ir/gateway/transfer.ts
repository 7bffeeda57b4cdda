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
}
