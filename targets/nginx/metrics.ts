/**
 * Request metrics of one instance: the workers' samples added up, and written as
 * Prometheus text with the names of spec ALB-133.
 *
 * Cardinality is bounded by routes x ports x known methods x statuses; the series
 * of a route end with it.
 */
import { DURATION_BUCKETS_MS, type MetricSample } from '@causeway/dataplane/policy/record';

/** What a route's series are labelled with. */
export interface RouteLabels {
  readonly rule: string;
  readonly sourceType: string;
  readonly sourceNamespace: string;
  readonly sourceName: string;
}

export interface InstanceGauges {
  readonly version: number;
  readonly workers: number;
  readonly reloads: number;
  readonly masterStarts: number;
}

interface Series {
  /** By `status method`. */
  readonly requests: Map<string, number>;
  readonly durations: number[];
  durationSumMs: number;
  requestBytes: number;
  responseBytes: number;
}

interface PortSeries {
  errors: number;
  /** Requests that no route took, by method. */
  readonly mismatches: Map<string, number>;
  readonly routes: Map<string, Series>;
}

/** Stands for a port's fallback among its routes; no route has such an id. */
export const FALLBACK_ROUTE = '\0fallback';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);
const LINES_PER_CHUNK = 500;

export class InstanceMetrics {
  readonly #ports = new Map<number, PortSeries>();

  add(samples: readonly MetricSample[]): void {
    for (const sample of samples) {
      const port = this.#port(sample.port);
      port.errors += sample.errors;
      const mismatch = sample.route === '' && sample.fallback !== true;
      const series = seriesOf(port, sample.fallback === true ? FALLBACK_ROUTE : sample.route);
      for (const [key, count] of Object.entries(sample.requests)) {
        const [status = '', method = ''] = key.split(' ');
        const known = METHODS.has(method) ? method : 'OTHER';
        add(series.requests, `${status} ${known}`, count);
        if (mismatch) add(port.mismatches, known, count);
      }
      for (let i = 0; i < series.durations.length; i++) {
        series.durations[i] = (series.durations[i] ?? 0) + (sample.durations[i] ?? 0);
      }
      series.durationSumMs += sample.durationSumMs;
      series.requestBytes += sample.requestBytes;
      series.responseBytes += sample.responseBytes;
    }
  }

  clear(): void {
    this.#ports.clear();
  }

  /** Forgets routes that are gone. */
  prune(exists: (route: string) => boolean): void {
    for (const { routes } of this.#ports.values()) {
      for (const route of routes.keys()) {
        if (route !== '' && route !== FALLBACK_ROUTE && !exists(route)) routes.delete(route);
      }
    }
  }

  /** Prometheus text format 0.0.4, in chunks so that a long one does not hold up anything else. */
  *text(labelsOf: (route: string, port: number) => RouteLabels | undefined, gauges: InstanceGauges): Generator<string> {
    let lines: string[] = [];
    for (const line of this.#lines(labelsOf, gauges)) {
      lines.push(line);
      if (lines.length < LINES_PER_CHUNK) continue;
      yield `${lines.join('\n')}\n`;
      lines = [];
    }
    yield `${lines.join('\n')}\n`;
  }

  *#lines(
    labelsOf: (route: string, port: number) => RouteLabels | undefined,
    gauges: InstanceGauges,
  ): Generator<string> {
    yield* [
      '# TYPE causeway_dataplane_version gauge',
      `causeway_dataplane_version ${gauges.version}`,
      '# TYPE causeway_nginx_workers gauge',
      `causeway_nginx_workers ${gauges.workers}`,
      '# TYPE causeway_nginx_reloads_total counter',
      `causeway_nginx_reloads_total ${gauges.reloads}`,
      '# TYPE causeway_nginx_starts_total counter',
      `causeway_nginx_starts_total ${gauges.masterStarts}`,
      '# TYPE alb_error counter',
    ];
    for (const [port, { errors }] of this.#ports) yield `alb_error{port="${port}"} ${errors}`;
    yield '# TYPE nginx_http_mismatch_rule_requests counter';
    for (const [port, { mismatches }] of this.#ports) {
      for (const [method, count] of mismatches) {
        yield `nginx_http_mismatch_rule_requests{port="${port}",method="${method}"} ${count}`;
      }
    }

    const all: { series: Series; labels: string }[] = [];
    for (const [port, { routes }] of this.#ports) {
      for (const [route, series] of routes) {
        const labels = labelsOf(route, port);
        if (labels !== undefined) all.push({ series, labels: labelText(port, labels) });
      }
    }
    yield '# TYPE nginx_http_status counter';
    for (const { series, labels } of all) {
      for (const [key, count] of series.requests) {
        const [status, method] = key.split(' ');
        yield `nginx_http_status{${labels},status="${status}",method="${method}"} ${count}`;
      }
    }
    yield '# TYPE nginx_http_request_size_bytes counter';
    for (const { series, labels } of all) yield `nginx_http_request_size_bytes{${labels}} ${series.requestBytes}`;
    yield '# TYPE nginx_http_response_size_bytes counter';
    for (const { series, labels } of all) yield `nginx_http_response_size_bytes{${labels}} ${series.responseBytes}`;
    yield '# TYPE nginx_http_request_duration_seconds histogram';
    for (const { series, labels } of all) yield* histogram('nginx_http_request_duration_seconds', labels, series);
  }

  #port(port: number): PortSeries {
    let series = this.#ports.get(port);
    if (series === undefined) {
      series = { errors: 0, mismatches: new Map(), routes: new Map() };
      this.#ports.set(port, series);
    }
    return series;
  }
}

function seriesOf(port: PortSeries, route: string): Series {
  let series = port.routes.get(route);
  if (series === undefined) {
    const durations = new Array<number>(DURATION_BUCKETS_MS.length + 1).fill(0);
    series = { requests: new Map(), durations, durationSumMs: 0, requestBytes: 0, responseBytes: 0 };
    port.routes.set(route, series);
  }
  return series;
}

function* histogram(name: string, labels: string, series: Series): Generator<string> {
  let count = 0;
  for (let i = 0; i < series.durations.length; i++) {
    count += series.durations[i] ?? 0;
    const bound = DURATION_BUCKETS_MS[i];
    yield `${name}_bucket{${labels},le="${bound === undefined ? '+Inf' : bound / 1_000}"} ${count}`;
  }
  yield `${name}_sum{${labels}} ${series.durationSumMs / 1_000}`;
  yield `${name}_count{${labels}} ${count}`;
}

function labelText(port: number, { rule, sourceType, sourceNamespace, sourceName }: RouteLabels): string {
  return (
    `port="${port}",rule="${escapeLabel(rule)}",source_type="${escapeLabel(sourceType)}",` +
    `source_namespace="${escapeLabel(sourceNamespace)}",source_name="${escapeLabel(sourceName)}"`
  );
}

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
