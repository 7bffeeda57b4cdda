import { mkdirSync } from 'node:fs';
import type { GatewayFragment, RouteIR, TermIR, TestIR } from '@causeway/ir/gateway';
import { NginxInstances } from '@causeway/targets/nginx/instances';
import type { NginxManifest } from '@causeway/tools/runtime/manifest';
import { pino } from 'pino';
import type { BenchFeature } from '../features/feature.ts';
import { benchInstance } from '../instance.ts';
import { type Subject, type SubjectOptions, urlOf } from './subject.ts';
import type { WorkloadRule } from './workload.ts';

const INSTANCE = 'bench/alb';
const CERTIFICATE = 'bench/certificate';

export interface CausewaySubject extends Subject {
  /** From now on these are all; the workers follow in their time. */
  replaceRules(rules: readonly WorkloadRule[]): void;
}

/** Causeway's data plane as `up` runs it: the nginx target, fed with the IR of the same rules. */
export async function startCauseway(
  nginx: NginxManifest,
  dataplaneDirectory: string,
  options: SubjectOptions & { readonly metricsPort: number },
): Promise<CausewaySubject> {
  mkdirSync(options.directory, { recursive: true });
  const instances = new NginxInstances({
    runDirectory: options.directory,
    runtime: nginx,
    dataplaneDirectory,
    log: pino({ level: 'warn' }, process.stderr),
  });
  const programmed = new Promise<readonly number[]>((resolve) => {
    instances.onStatus((_, status) => {
      if (status.ready) resolve(status.workers.map((worker) => worker.pid));
    });
  });
  let shown = new Set(options.rules.map((_, index) => `rule-${index}`));
  for (const fragment of [...fragmentsOf(options), ...routesOf(options.rules, options.feature)])
    instances.put(`bench/${fragment.kind}/${fragment.id}`, [fragment]);
  instances.settle();
  const workerPids = await programmed;
  return {
    name: 'causeway',
    url: urlOf(options),
    workerPids,
    replaceRules: (rules) => {
      for (const id of shown) instances.put(`bench/route/${id}`, []);
      shown = new Set();
      for (const route of routesOf(rules, options.feature)) {
        instances.put(`bench/route/${route.id}`, [route]);
        shown.add(route.id);
      }
      instances.settle();
    },
    stop: () => instances.stop(),
  };
}

function* fragmentsOf(options: SubjectOptions & { readonly metricsPort: number }): Iterable<GatewayFragment> {
  yield benchInstance(INSTANCE, options.metricsPort);
  yield {
    kind: 'listener',
    id: 'http',
    instance: INSTANCE,
    port: options.port,
    protocol: options.tls === undefined ? 'http' : 'https',
    hostnames: [],
    ...(options.tls !== undefined && { tls: { defaultCertificate: CERTIFICATE, certificates: [] } }),
    name: 'http',
  };
  if (options.tls !== undefined) {
    const { chainPem, keyPem } = options.tls;
    yield { kind: 'certificate', id: CERTIFICATE, chainPem, keyPem };
  }
  yield {
    kind: 'endpointSet',
    id: 'bench/backend:80',
    endpoints: options.backendPorts.map((port) => ({ address: '127.0.0.1', port })),
  };
}

function* routesOf(rules: readonly WorkloadRule[], feature: BenchFeature | undefined): Iterable<RouteIR> {
  for (const [index, rule] of rules.entries()) {
    yield {
      kind: 'route',
      id: `rule-${index}`,
      instance: INSTANCE,
      listeners: ['http'],
      match: termsOf(rule),
      order: { priority: 5, specificity: [51_002 + rule.path.length, 80], tie: `rule-${index}` },
      filters: feature?.filters ?? [],
      action: feature?.action ?? {
        type: 'forward',
        backends: [
          { weight: 100, protocol: 'http', filters: [], target: { type: 'endpoints', id: 'bench/backend:80' } },
        ],
        affinity: feature?.affinity ?? { type: 'roundRobin' },
        timeouts: { connectMs: 5000, sendMs: 120_000, readMs: 120_000 },
        retry: { attempts: 5 },
        noEndpoints: { type: 'respond', status: 500, reason: 'InvalidBalancer : no peer' },
      },
      certificates: [],
      name: `rule-${index}`,
      source: { type: '', namespace: 'bench', name: `rule-${index}` },
    };
  }
}

function termsOf({ host, path, regex, header, cookie, fromLoopback }: WorkloadRule): RouteIR['match'] {
  const equal = (value: string): TestIR[] => [{ op: 'equal', value }];
  const isWildcard = host.startsWith('*.');
  const terms: TermIR[] = [
    {
      subject: 'host',
      tests: isWildcard ? [{ op: 'hostSuffix', value: host.slice(1), labels: 'one' }] : equal(host),
    },
    { subject: 'path', tests: [regex === undefined ? { op: 'prefix', value: path } : { op: 'regex', pattern: regex }] },
  ];
  if (header !== undefined) terms.push({ subject: 'header', name: 'x-tenant', tests: equal(header) });
  if (cookie !== undefined) terms.push({ subject: 'cookie', name: 'tenant', tests: equal(cookie) });
  if (fromLoopback === true) {
    terms.push({ subject: 'sourceAddress', tests: [{ op: 'range', low: '127.0.0.0', high: '127.255.255.255' }] });
  }
  return terms;
}
