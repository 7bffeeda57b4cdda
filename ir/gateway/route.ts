import type { AffinityIR } from './affinity.ts';
import type { BackendIR } from './backend.ts';
import type { CanaryIR } from './canary.ts';
import type { HostTlsIR } from './client-certificate.ts';
import type { ContentIR } from './content.ts';
import type { CustomErrorsIR, ErrorOriginIR } from './custom-errors.ts';
import type { EjectionIR } from './ejection.ts';
import type { FilterIR } from './filter.ts';
import type { HealthCheckIR } from './health-check.ts';
import type { SniCertificateIR } from './listener.ts';
import type { MatchIR } from './match.ts';
import type { NearnessIR } from './nearness.ts';
import type { RedirectIR } from './redirect.ts';
import type { TransferIR } from './transfer.ts';

/** One routing decision: which requests, what happens to them, where they go. */
export interface RouteIR {
  readonly kind: 'route';
  /** Unique in the instance, stable over changes of the object it came from. */
  readonly id: string;
  /** Data plane that serves it: `namespace/name` of the ALB or Gateway. */
  readonly instance: string;
  /** Ids of the listeners it is attached to; a route without listeners is not served. */
  readonly listeners: readonly string[];
  readonly match: MatchIR;
  readonly order: RouteOrderIR;
  /** Applied in this order before the action. */
  readonly filters: readonly FilterIR[];
  readonly action: RouteActionIR;
  /**
   * Certificates this route brings to its listeners that speak TLS. When several routes and listeners of a port bring
   * one for the same host, the listener's wins, then the one whose certificate id is bytewise first (spec ALB-108).
   */
  readonly certificates: readonly SniCertificateIR[];
  /**
   * What it wants of TLS for its hosts on these listeners, see `hostsOf`. Of several routes with one host the strictest wins, then the
   * bytewise first; all requests for that host must meet the policy for clients, but those of routes with a policy of their own.
   */
  readonly hostTls?: HostTlsIR;
  /** What the user calls this route, for logs, metrics and explanations. */
  readonly name: string;
  readonly source: RouteSourceIR;
  /** Which rule and match of its object it is, from 0, for explanations. */
  readonly place?: { readonly rule: number; readonly match: number };
}

/**
 * Where a route stands among the others of its port; the first that matches wins.
 * Compared by priority (smaller first), then specificity element by element
 * (greater first, a missing element counts as 0), then tie (bytewise, smaller first).
 */
export interface RouteOrderIR {
  readonly priority: number;
  readonly specificity: readonly number[];
  readonly tie: string;
}

export type RouteActionIR = ForwardIR | RespondIR | RedirectIR;

/** Answered by the data plane itself; `reason` goes to the error header and the log. */
export interface RespondIR {
  readonly type: 'respond';
  readonly status: number;
  readonly reason: string;
  /** Absent: that of an error, below 400 nothing. */
  readonly content?: ContentIR;
}

export interface ForwardIR {
  readonly type: 'forward';
  /** Not empty, and at least one weight is above 0: everything else is a {@link RespondIR}. */
  readonly backends: readonly BackendIR[];
  /** The answer while no backend has an endpoint. ALB says 500, Gateway API and ingress-nginx 503. */
  readonly noEndpoints: RespondIR;
  /** A backend without endpoints keeps its share of the requests, which get {@link noEndpoints}, or are closed; absent: the others get it. */
  readonly keepsShares?: true;
  readonly affinity: AffinityIR;
  /** Absent: what endpoints answer says nothing of them. */
  readonly ejection?: EjectionIR;
  /** Absent: nobody asks endpoints. */
  readonly healthCheck?: HealthCheckIR;
  /** With one of these two: where fewer endpoints than so many in 100 are well, all of them are used. */
  readonly panicPercent?: number;
  /** Absent: what Services say. */
  readonly nearness?: NearnessIR;
  readonly canary?: CanaryIR;
  /** Get the requests while none of the backends has an endpoint; one of them itself is chosen in turn. */
  readonly spareBackends?: readonly BackendIR[];
  readonly customErrors?: CustomErrorsIR;
  /** With `spareBackends` or `customErrors`. */
  readonly errorOrigin?: ErrorOriginIR;
  readonly timeouts: TimeoutsIR;
  readonly retry: RetryIR;
  /** Requests count for it, whether they are sent again or not; absent: for none. */
  readonly retryBudget?: RetryBudgetIR;
  readonly transfer?: TransferIR;
  /** Of layer 4: so many connections at once, further ones are closed without a byte; absent: no limit. Only tcp. */
  readonly mostConnections?: number;
  /** Those further ones are closed after so long; absent: at once. */
  readonly closeDelayMs?: number;
  /** Of layer 4: who may connect; all, if absent. */
  readonly access?: StreamAccessIR;
  /** Backends get HTTP/2 from clients that speak it, and HTTP/1.1 from others, whatever their protocol says but for TLS. */
  readonly clientProtocol?: true;
  /** Each connection to a backend is for one client, of whom a PROXY header tells first; absent: none does. Of HTTP: layer 4 has it with its listener. */
  readonly tellsClient?: 'v1' | 'v2';
  /** Requests are not in the access log, unless they fail. */
  readonly unlogged?: true;
}

/** Rules about addresses; the first that is for a connection decides. */
export interface StreamAccessIR {
  readonly rules: readonly StreamAccessRuleIR[];
  /** For connections that no rule is for. */
  readonly allowsOthers: boolean;
}

/** For connections of which all of this holds; networks are CIDR. */
export interface StreamAccessRuleIR {
  readonly allows: boolean;
  /** Of the client, which a PROXY header may name. */
  readonly clients?: readonly string[];
  /** Of the peer of the connection. */
  readonly peers?: readonly string[];
}

export interface TimeoutsIR {
  readonly connectMs: number;
  /** Between two writes to the backend. */
  readonly sendMs: number;
  /** Between two reads from the backend. */
  readonly readMs: number;
}

export interface RetryIR {
  /** All attempts together, the first included. */
  readonly attempts: number;
  /** What makes another attempt; absent: error and timeout. */
  readonly on?: readonly RetryConditionIR[];
  /** No further attempt after this long; absent: no limit. */
  readonly withinMs?: number;
  /** Of answers that make another attempt, whatever the method; 400 to 599. Only of HTTP, and of requests that are read before they are sent. */
  readonly statuses?: readonly number[];
  /** Of gRPC: after an answer with one of these statuses and no message. Only of calls that the client has said whole before any answer. */
  readonly calls?: readonly number[];
  /** Absent: the next attempt is made at once. Only of HTTP, and with {@link calls}. */
  readonly backoff?: BackoffIR;
  /** Of HTTP: so many requests are sent again at the same time, others keep the answer that they have; absent: no limit. */
  readonly parallel?: ParallelRetriesIR;
  /** Of HTTP: only as many requests are sent again as the `retryBudget` of the action lets; others keep the answer that they have. */
  readonly bounded?: true;
}

/** How many requests may be sent again. */
export interface RetryBudgetIR {
  /** What counts together, over all workers. */
  readonly scope: string;
  /** So many in 100 requests, counted over `intervalMs`. */
  readonly percent: number;
  readonly intervalMs: number;
  /** So many in `leastMs` in any case. */
  readonly least: number;
  readonly leastMs: number;
}

export interface ParallelRetriesIR {
  /** What counts together, over all workers. */
  readonly scope: string;
  readonly most: number;
}

/** How long the next attempt is waited for: `baseMs` at least, after each attempt twice as long, up to `maxMs`. */
export interface BackoffIR {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** `error` and `timeout` are those of connecting, sending and reading; others of the answer. Requests that are not idempotent are
 * repeated only with `non_idempotent`. */
export type RetryConditionIR =
  | 'error'
  | 'timeout'
  | 'invalid_header'
  | 'non_idempotent'
  | `http_${403 | 404 | 429 | 500 | 502 | 503 | 504}`;

/** The object a route was made from, as users know it. */
export interface RouteSourceIR {
  /** `ingress`, `HTTPRoute`, ...; `''` for a hand-made Rule. */
  readonly type: string;
  readonly namespace: string;
  readonly name: string;
}
