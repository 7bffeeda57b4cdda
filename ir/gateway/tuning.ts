/** Limits and times of HTTP ports that differ from the defaults of the data plane; absent: the default. */
export interface TuningIR {
  /** Of one worker, those to backends included. */
  readonly workerConnections?: number;
  /** 0: no limit. */
  readonly maxRequestBodyBytes?: number;
  readonly requestBodyBufferBytes?: number;
  readonly requestHeaderBuffers?: { readonly count: number; readonly bytes: number };
  readonly requestHeaderMs?: number;
  readonly requestBodyMs?: number;
  /** Between two writes of an answer. */
  readonly answerMs?: number;
  readonly clientIdleMs?: number;
  readonly clientRequestsPerConnection?: number;
  readonly http2Streams?: number;
  readonly underscoresInHeaders?: boolean;
  readonly ignoreInvalidHeaders?: boolean;
  readonly gzipLevel?: number;
  readonly gzipMinBytes?: number;
  /** Limits the header of a backend's answer. */
  readonly backendHeaderBytes?: number;
  /** Idle connections to backends that a worker keeps. */
  readonly backendIdleConnections?: number;
  readonly backendIdleMs?: number;
  readonly backendRequestsPerConnection?: number;
}
