import type { MetricSinkIR } from './metric-sink.ts';
import type { RetryConditionIR } from './route.ts';
import type { TuningIR } from './tuning.ts';

/** One data plane: an nginx with its ports, made for one ALB2 (later: one Gateway). */
export interface InstanceIR {
  readonly kind: 'instance';
  /** `namespace/name` of the object it was made for. */
  readonly id: string;
  /** Generation of that object, which the data plane reports when it has all that was asked for with it; absent: nobody asks. */
  readonly generation?: number;
  /** The same for further objects that it serves: a digest of their names and generations; absent: there are none. */
  readonly parts?: string;
  /** nginx worker processes, at least 1. */
  readonly workers: number;
  readonly metricsPort: number;
  readonly ipv6: boolean;
  readonly http2: boolean;
  readonly gzip: boolean;
  /** Length of the accept queue of http and https ports. */
  readonly backlog: number;
  readonly accessLog: 'text' | 'json' | 'none';
  /** Requests have lines of their routes' alone, see AccessLogIR. */
  readonly ownAccessLog?: true;
  /** What nginx tells of itself: this and what is worse; absent: warn. */
  readonly logLevel?: 'info' | 'warn' | 'error' | 'crit';
  readonly metricsAuth: boolean;
  /** none: nobody is told them; others: compressed so for those who take that. Absent: plain. */
  readonly metrics?: 'none' | 'gzip' | 'br';
  /** Who is sent them besides; absent: nobody. */
  readonly metricSinks?: readonly MetricSinkIR[];
  /** Requests with the header `cpaas-trace: true` are told which rule and endpoint they got. */
  readonly traceHeader: boolean;
  /** machine: it listens on addresses of the machine; own: on one that no other instance has. */
  readonly network: 'machine' | 'own';
  /** With network own: these, as far as they can be had, and no other; absent: one that is free. */
  readonly ownAddresses?: readonly string[];
  /** Network interfaces of the machine to listen on; empty: every address. */
  readonly interfaces: readonly string[];
  /** Addresses of the machine to listen on; absent: all of those interfaces. */
  readonly addresses?: readonly string[];
  /** X-Forwarded-For of the client: passed on with the peer appended, or replaced by the peer; absent: append. */
  readonly forwardedHeaders?: 'append' | 'replace';
  readonly tuning: TuningIR;
  /** What makes another attempt in most of its HTTP routes: nginx is ready for them before they come; absent: the default. */
  readonly usualRetry?: readonly RetryConditionIR[];
  /** Seconds that ports serve on after the end was asked for, where the agent drains. */
  readonly termSeconds: number;
  /** Networks (CIDR) whose X-Real-IP and X-Forwarded-For name the client; empty: the peer is the client (design D12). */
  readonly trustedProxies: readonly string[];
  /**
   * So many proxies stand before it, whatever their addresses: the client is that element of X-Forwarded-For, counted from its end. Only
   * without {@link trustedProxies}; absent: none.
   */
  readonly trustedHops?: number;
  /** Routes say by a header who the client is (ClientFromHeaderIR). Only without these two. */
  readonly clientFromHeader?: true;
}
