import type { InstanceIR } from '@causeway/ir/gateway';

/** A data plane with one worker on loopback, everything else as by default. */
export function benchInstance(id: string, metricsPort: number): InstanceIR {
  return {
    kind: 'instance',
    id,
    workers: 1,
    metricsPort,
    ipv6: false,
    http2: true,
    gzip: false,
    backlog: 2048,
    accessLog: 'text',
    metricsAuth: false,
    traceHeader: true,
    network: 'machine',
    interfaces: ['lo'],
    tuning: {},
    termSeconds: 30,
    trustedProxies: [],
  };
}
