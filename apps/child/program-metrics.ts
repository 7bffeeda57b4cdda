/**
 * Metrics of one of our programs over HTTP: its work queues, with the names that client-go gives them, and its process. Without login,
 * since nothing of what users wrote is in there.
 */
import { createServer, type Server } from 'node:http';
import type { QueueStats } from '@causeway/reconcile/work-queue';
import { InvalidArgumentError, Option } from 'commander';

export interface ProgramMetrics {
  queues(): readonly QueueStats[];
  /** Absent: no leader is elected among such programs. */
  leads?(): boolean;
}

export interface MetricsAddress {
  readonly host: string;
  readonly port: number;
}

/** `--metrics-address HOST:PORT`. */
export function metricsAddressOption(): Option {
  return new Option(
    '--metrics-address <host:port>',
    'serve metrics of this program there (default: nowhere)',
  ).argParser(parseAddress);
}

/** Until the program ends. @throws the error of the system, e.g. EADDRINUSE */
export async function serveProgramMetrics({ host, port }: MetricsAddress, metrics: ProgramMetrics): Promise<Server> {
  const server = createServer((request, response) => {
    const found = request.url?.split('?')[0] === '/metrics';
    response.writeHead(found ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
    response.end(found ? programMetricsText(metrics) : 'Not Found\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server.unref();
}

/** Prometheus text format 0.0.4. */
function programMetricsText(metrics: ProgramMetrics): string {
  const { user, system } = process.cpuUsage();
  const started = Date.now() / 1_000 - process.uptime();
  const queues = metrics.queues();
  const ofQueues = (pick: (stats: QueueStats) => number, suffix = ''): Sample[] =>
    queues.map((stats) => ({ suffix, labels: `{name="${stats.name}"}`, value: pick(stats) }));
  const leads = metrics.leads?.();
  return [
    ...family('process_cpu_seconds_total', 'counter', [plain((user + system) / 1e6)]),
    ...family('process_resident_memory_bytes', 'gauge', [plain(process.memoryUsage.rss())]),
    ...family('process_start_time_seconds', 'gauge', [plain(started)]),
    ...(leads === undefined ? [] : family('leader_election_master_status', 'gauge', [plain(leads ? 1 : 0)])),
    ...family(
      'workqueue_depth',
      'gauge',
      ofQueues((stats) => stats.depth),
    ),
    ...family(
      'workqueue_adds_total',
      'counter',
      ofQueues((stats) => stats.adds),
    ),
    ...family(
      'workqueue_retries_total',
      'counter',
      ofQueues((stats) => stats.retries),
    ),
    ...family('workqueue_queue_duration_seconds', 'summary', [
      ...ofQueues((stats) => stats.waitedMs / 1_000, '_sum'),
      ...ofQueues((stats) => stats.runs, '_count'),
    ]),
    ...family('workqueue_work_duration_seconds', 'summary', [
      ...ofQueues((stats) => stats.workedMs / 1_000, '_sum'),
      ...ofQueues((stats) => stats.runs, '_count'),
    ]),
    '',
  ].join('\n');
}

interface Sample {
  readonly suffix: string;
  readonly labels: string;
  readonly value: number;
}

function plain(value: number): Sample {
  return { suffix: '', labels: '', value };
}

function family(name: string, type: string, samples: readonly Sample[]): string[] {
  return [
    `# TYPE ${name} ${type}`,
    ...samples.map(({ suffix, labels, value }) => `${name}${suffix}${labels} ${value}`),
  ];
}

/** `host:port`, the host an address or a name; those of IPv6 with or without brackets. @throws InvalidArgumentError */
export function parseAddress(text: string): MetricsAddress {
  const [, host = '', port = ''] = /^(.+):(\d{1,5})$/.exec(text) ?? [];
  if (host === '' || Number(port) > 65_535) throw new InvalidArgumentError('write host:port, e.g. 127.0.0.1:8080.');
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
