import type { BackendIR, BackendProtocol, ForwardIR } from '@causeway/ir/gateway';

/** Of clients that speak HTTP/1.1, and of those that speak HTTP/2. */
export interface ClientWays {
  readonly http1: ForwardIR;
  readonly http2: ForwardIR;
}

/** How requests go on, each in the version of HTTP in which it came; undefined: all in one. Between HTTP/2 peers nginx speaks it as gRPC has it. */
export function clientWays({ clientProtocol, ...action }: ForwardIR): ClientWays | undefined {
  if (clientProtocol !== true) return undefined;
  const { backends } = action;
  return {
    http1: { ...action, backends: backends.map((backend) => speaking(backend, 'http', 'https')) },
    http2: { ...action, backends: backends.map((backend) => speaking(backend, 'grpc', 'grpcs')) },
  };
}

function speaking(backend: BackendIR, plain: BackendProtocol, overTls: BackendProtocol): BackendIR {
  return { ...backend, protocol: backend.protocol === 'https' || backend.protocol === 'grpcs' ? overTls : plain };
}
