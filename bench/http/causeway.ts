import { mkdirSync } from 'node:fs';
import type { GatewayFragment, RouteIR, TermIR, TestIR } from '@causeway/ir/gateway';
import { NginxInstances } from '@causeway/targets/nginx/instances';
import type { AgentAnswer, AgentQuestion } from '@causeway/targets/nginx/question-server';
import type { FirewallRuntime } from '@causeway/targets/nginx/runtime';
import type { NginxManifest } from '@causeway/tools/runtime/manifest';
import { pino } from 'pino';
import { type BenchFeature, CANARY_ENDPOINTS, filtersOf } from '../features/feature.ts';
import { benchInstance } from '../instance.ts';
import { childrenOf } from './nginx-peer.ts';
import { type Subject, type SubjectOptions, urlOf } from './subject.ts';
import type { WorkloadRule } from './workload.ts';

const INSTANCE = 'bench/alb';
const CERTIFICATE = 'bench/certificate';

export interface CausewaySubject extends Subject {
  /** From now on these are all; the workers follow in their time. */
  replaceRules(rules: readonly WorkloadRule[]): void;
}

interface CausewayOptions extends SubjectOptions {
  readonly metricsPort: number;
  /** Without it no rule can have a firewall. */
  readonly firewall?: FirewallRuntime | undefined;
}

/** Causeway's data plane as `up` runs it: the nginx target, fed with the IR of the same rules. */
export async function startCauseway(
  nginx: NginxManifest,
  dataplaneDirectory: string,
  options: CausewayOptions,
): Promise<CausewaySubject> {
  const { firewall } = options;
  const before = grandchildren();
  mkdirSync(options.directory, { recursive: true });
  const instances = new NginxInstances({
    runDirectory: options.directory,
    runtime: nginx,
    dataplaneDirectory,
    log: pino({ level: 'warn' }, process.stderr),
    answer: (question) => Promise.resolve(answerOf(question)),
    ...(firewall !== undefined && { firewallRuntime: () => Promise.resolve(firewall) }),
  });
  const programmed = new Promise<readonly number[]>((resolve) => {
    instances.onStatus((_, status) => {
      if (status.ready) resolve(status.workers.map((worker) => worker.pid));
    });
  });
  let shown = new Set(options.rules.map((_, index) => `rule-${index}`));
  for (const fragment of [...fragmentsOf(options), ...routesOf(options.rules, options)])
    instances.put(`bench/${fragment.kind}/${fragment.id}`, [fragment]);
  instances.settle();
  const own = await programmed;
  // A firewall is a second nginx.
  const workerPids = [...own, ...grandchildren().filter((pid) => !before.includes(pid) && !own.includes(pid))];
  return {
    name: 'causeway',
    url: urlOf(options),
    workerPids,
    replaceRules: (rules) => {
      for (const id of shown) instances.put(`bench/route/${id}`, []);
      shown = new Set();
      for (const route of routesOf(rules, options)) {
        instances.put(`bench/route/${route.id}`, [route]);
        shown.add(route.id);
      }
      instances.settle();
    },
    stop: () => instances.stop(),
  };
}

/** Workers of every nginx that this process has started. */
function grandchildren(): readonly number[] {
  return childrenOf(process.pid).flatMap((pid) => childrenOf(pid));
}

function* fragmentsOf(options: SubjectOptions & { readonly metricsPort: number }): Iterable<GatewayFragment> {
  yield { ...benchInstance(INSTANCE, options.metricsPort), ...options.feature?.instance };
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
  const endpoints = options.backendPorts.map((port) => ({ address: '127.0.0.1', port }));
  yield { kind: 'endpointSet', id: 'bench/backend:80', endpoints };
  if (options.feature?.forward?.canary !== undefined) yield { kind: 'endpointSet', id: CANARY_ENDPOINTS, endpoints };
}

/** In place of the agent's controllers: whoever is asked about is let in, and everything is at its address. */
function answerOf(question: AgentQuestion): AgentAnswer {
  if (question.op !== 'resolve') return { verdict: 'yes' };
  return { endpoints: [{ address: question.host, port: question.port }], seconds: 60 };
}

function* routesOf(
  rules: readonly WorkloadRule[],
  { feature, backendPorts }: { readonly feature?: BenchFeature | undefined; readonly backendPorts: readonly number[] },
): Iterable<RouteIR> {
  for (const [index, rule] of rules.entries()) {
    yield {
      kind: 'route',
      id: `rule-${index}`,
      instance: INSTANCE,
      listeners: ['http'],
      match: termsOf(rule),
      order: { priority: 5, specificity: [51_002 + rule.path.length, 80], tie: `rule-${index}` },
      filters: feature === undefined ? [] : filtersOf(feature, backendPorts[0] ?? 0),
      action: feature?.action ?? {
        type: 'forward',
        backends: [
          { weight: 100, protocol: 'http', filters: [], target: { type: 'endpoints', id: 'bench/backend:80' } },
        ],
        affinity: { type: 'roundRobin' },
        timeouts: { connectMs: 5000, sendMs: 120_000, readMs: 120_000 },
        retry: { attempts: 5 },
        noEndpoints: { type: 'respond', status: 500, reason: 'InvalidBalancer : no peer' },
        ...feature?.forward,
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
