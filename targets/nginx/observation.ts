/** What one instance's processes tell about their work, and the metrics of it. */
import type { ConnectionCounts, LimitStoreReport, MetricSample, WorkerLine } from '@causeway/dataplane/policy/record';
import { portId } from './listener-port.ts';
import {
  type InstanceGauges,
  type LimitCounts,
  type MetricPoints,
  metricPoints,
  type RouteLabels,
} from './metric-points.ts';
import { FALLBACK_ROUTE, InstanceMetrics } from './metrics.ts';
import { PushLatency } from './push-latency.ts';
import { recordKey, type WantedRecords } from './wanted.ts';

/** Routes looked at per call of {@link Observation.tidy}; some hundred microseconds. */
const TIDY_ROUTES = 100;
/** Of the ids under which TLS connections that are passed on are counted: `tls:443`. */
const TLS_PREFIX = 'tls:';
const NO_CONNECTIONS: ConnectionCounts = { active: 0, reading: 0, writing: 0, waiting: 0 };

export class Observation {
  readonly #wanted: WantedRecords;
  readonly #metrics = new InstanceMetrics();
  readonly push = new PushLatency();
  #connections = NO_CONNECTIONS;
  /** Absent: nothing was ever to be counted together. */
  #limits: LimitCounts | undefined;
  #storeAway = '';
  #sessions: ReadonlyMap<string, number> = new Map();

  constructor(wanted: WantedRecords) {
    this.#wanted = wanted;
  }

  takeSamples(samples: readonly MetricSample[]): void {
    this.#metrics.add(samples);
  }

  takeConnections({ active, reading, writing, waiting }: ConnectionCounts): void {
    this.#connections = { reading, waiting, writing, active };
  }

  takeLimitStore({ together, alone, away }: LimitStoreReport): void {
    const counts = this.#limits ?? { together: 0, alone: 0 };
    this.#limits = { together: counts.together + together, alone: counts.alone + alone };
    this.#storeAway = away;
  }

  /** Why requests are not counted together with other instances, for people. */
  get storeProblems(): readonly string[] {
    return this.#storeAway === ''
      ? []
      : [`each instance counts for global limits alone, the store is away: ${this.#storeAway}`];
  }

  takeSessions({ samples, open }: Extract<WorkerLine, { op: 'sessions' }>): void {
    this.#metrics.addStreams(samples);
    this.#sessions = new Map(Object.entries(open));
  }

  /** No worker of nginx is connected: what the last one said is over. */
  nginxIsGone(): void {
    this.#connections = NO_CONNECTIONS;
    this.#storeAway = '';
  }

  streamIsGone(): void {
    this.#sessions = new Map();
  }

  clear(): void {
    this.#metrics.clear();
  }

  /** To be called several times a second. */
  tidy(): void {
    const wanted = this.#wanted;
    this.#metrics.tidy(
      {
        has: (route) => wanted.hasRoute(route),
        upstreams: (route, port) =>
          wanted.endpointsOf(route === FALLBACK_ROUTE ? recordKey('port', String(port)) : recordKey('route', route)),
        streamUpstreams: (id) =>
          id.startsWith(TLS_PREFIX)
            ? wanted.passedEndpoints(Number(id.slice(TLS_PREFIX.length)))
            : wanted.endpointsOf(recordKey('streamPort', id)),
      },
      Date.now(),
      TIDY_ROUTES,
    );
  }

  /** @param gauges what is known of the instance otherwise */
  points(gauges: Omit<InstanceGauges, 'connections' | 'limits' | 'push' | 'sessions'>): Iterable<MetricPoints> {
    return metricPoints(
      this.#metrics,
      {
        route: (route, port) => (route === FALLBACK_ROUTE ? this.#fallbackLabels(port) : this.#routeLabels(route)),
        frontend: (id) => this.#frontend(id.startsWith(TLS_PREFIX) ? id.slice(TLS_PREFIX.length) : id),
      },
      {
        ...gauges,
        connections: this.#connections,
        limits: this.#limits,
        push: this.push.durations,
        sessions: this.#sessions,
      },
    );
  }

  #routeLabels(recordId: string): RouteLabels | undefined {
    const route = this.#wanted.route(recordId);
    if (route === undefined) return undefined;
    const { type, namespace, name } = route.source;
    return { rule: route.name, sourceType: type, sourceNamespace: namespace, sourceName: name };
  }

  #fallbackLabels(port: number): RouteLabels | undefined {
    const name = this.#frontend(String(port));
    if (name === undefined) return undefined;
    return { rule: name, sourceType: 'ft_default_router', sourceNamespace: '', sourceName: name };
  }

  #frontend(id: string): string | undefined {
    for (const listener of this.#wanted.listeners) if (portId(listener) === id) return listener.name;
    return undefined;
  }
}
