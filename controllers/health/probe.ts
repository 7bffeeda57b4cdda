import type { EndpointIR } from '@causeway/ir/gateway';
import type { GroupCheck } from '@causeway/targets/nginx/endpoint-health';
import { probeGrpc } from './grpc-probe.ts';
import { probeHttp } from './http-probe.ts';
import { probeTcp } from './tcp-probe.ts';

/**
 * Asks an endpoint once, over a connection of its own.
 *
 * @returns what is wrong with it; undefined: it is well
 */
export async function probe(check: GroupCheck, endpoint: EndpointIR): Promise<string | undefined> {
  const signal = AbortSignal.timeout(check.timeoutMs);
  const problem = await ask(check, endpoint, signal).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  return problem !== undefined && signal.aborted ? `no answer within ${check.timeoutMs} ms` : problem;
}

function ask(check: GroupCheck, endpoint: EndpointIR, signal: AbortSignal): Promise<string | undefined> {
  switch (check.probe.type) {
    case 'http':
      return probeHttp(check, check.probe, endpoint, signal);
    case 'tcp':
      return probeTcp(check, check.probe, endpoint, signal);
    case 'grpc':
      return probeGrpc(check, check.probe.service, endpoint, signal);
  }
}
