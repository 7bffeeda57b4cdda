import { mkdirSync } from 'node:fs';
import type { GatewayFragment } from '@causeway/ir/gateway';
import { NginxInstances } from '@causeway/targets/nginx/instances';
import { commandLine } from '@causeway/targets/nginx/proc';
import type { NginxManifest } from '@causeway/tools/runtime/manifest';
import { pino } from 'pino';
import { childrenOf } from '../http/nginx-peer.ts';
import type { Subject } from '../http/subject.ts';
import { benchInstance } from '../instance.ts';
import type { StreamOptions } from './peers.ts';

const INSTANCE = 'bench/alb';

/** Causeway's data plane as `up` runs it, with one tcp port. */
export async function startCausewayTcp(
  nginx: NginxManifest,
  programs: { readonly dataplaneDirectory: string; readonly streamScript: string },
  options: StreamOptions & { readonly metricsPort: number },
): Promise<Subject> {
  mkdirSync(options.directory, { recursive: true });
  const instances = new NginxInstances({
    runDirectory: options.directory,
    runtime: nginx,
    ...programs,
    log: pino({ level: 'warn' }, process.stderr),
  });
  const listening = new Promise<void>((resolve) => {
    instances.onStatus((_, status) => {
      if (status.ports.some(({ port, state }) => port === options.port && state === 'listening')) resolve();
    });
  });
  for (const fragment of fragmentsOf(options)) instances.put(`bench/${fragment.kind}/${fragment.id}`, [fragment]);
  instances.settle();
  await listening;
  return {
    name: 'causeway',
    url: `http://127.0.0.1:${options.port}`,
    workerPids: childrenOf(process.pid).filter((pid) => commandLine(pid).includes('/stream.js')),
    stop: () => instances.stop(),
  };
}

function* fragmentsOf(options: StreamOptions & { readonly metricsPort: number }): Iterable<GatewayFragment> {
  yield benchInstance(INSTANCE, options.metricsPort);
  yield {
    kind: 'listener',
    id: 'tcp',
    instance: INSTANCE,
    port: options.port,
    protocol: 'tcp',
    hostnames: [],
    fallback: {
      type: 'forward',
      backends: [{ weight: 100, protocol: 'tcp', filters: [], target: { type: 'endpoints', id: 'bench/backend:80' } }],
      affinity: { type: 'roundRobin' },
      timeouts: { connectMs: 5000, sendMs: 120_000, readMs: 120_000 },
      retry: { attempts: 5 },
      noEndpoints: { type: 'respond', status: 500, reason: 'InvalidBalancer : no peer' },
    },
    name: 'tcp',
  };
  yield {
    kind: 'endpointSet',
    id: 'bench/backend:80',
    endpoints: options.backendPorts.map((port) => ({ address: '127.0.0.1', port })),
  };
}
