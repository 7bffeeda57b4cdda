/**
 * The language between the agent and the nginx workers: keyed records, put and
 * deleted in versioned transactions. The same lines travel over the unix socket
 * and stand in the state file that `init_worker` reads.
 *
 * Everything the request path would have to compute is computed before: order
 * ranks, weights, error texts. Texts are UTF-8; absent fields are left out,
 * never null (JSON null is not nil in Lua).
 *
 * A stream is a sequence of transactions, each a `begin` line, any number of
 * `put` and `delete` lines, and a `commit` line. A reader applies a transaction
 * when its commit arrives; an unfinished one at the end is ignored. A record
 * occurs at most once in a transaction.
 */
import type { LogRecord } from './access-log.ts';
import type { Branch } from './branch.ts';
import type { ClientPolicyRecord, HostTlsRecord, TlsSettings } from './client-certificate.ts';
import type { Content } from './content.ts';
import type { ErrorPages } from './error-pages.ts';
import type { Ejection } from './outlier.ts';
import type { Redirect } from './redirect.ts';
import type { SessionCookie } from './session-cookie.ts';
import type { Step } from './step.ts';
import type { TemplatePart } from './template.ts';

export type StreamLine =
  | { readonly op: 'begin'; readonly full: boolean }
  | { readonly op: 'put'; readonly record: DataplaneRecord }
  | { readonly op: 'delete'; readonly type: DataplaneRecord['type']; readonly id: string }
  | { readonly op: 'commit'; readonly version: number };

/** What a worker says to its agent. */
export type WorkerLine =
  /** First line; `version` is what the worker has from the state file, 0 for nothing. `generation` names the Lua build. */
  | { readonly op: 'hello'; readonly pid: number; readonly version: number; readonly generation: string }
  | { readonly op: 'ack'; readonly version: number }
  /** A transaction could not be applied; the agent answers with a full one. */
  | { readonly op: 'nack'; readonly version: number; readonly error: string }
  | { readonly op: 'metrics'; readonly samples: readonly MetricSample[] }
  /** `dropped`: so many since the last line, because the agent took them too slowly. */
  | { readonly op: 'spans'; readonly spans: readonly SpanRecord[]; readonly dropped: number }
  /** The same of lines of the access log. */
  | { readonly op: 'logs'; readonly records: readonly LogRecord[]; readonly dropped: number }
  /** First of all and when they have changed; of all workers together, so that the last to say it is right. */
  | ({ readonly op: 'connections' } & ConnectionCounts)
  /** Only workers that ask a store of limits: what they did since the last line, and why it is not asked, as all workers know. */
  | ({ readonly op: 'limitStore' } & LimitStoreReport)
  /** Every second while there are any, and once when there are none any more. By `address:port`. */
  | { readonly op: 'avoided'; readonly endpoints: Readonly<Record<string, AvoidReason>> }
  /** Only the layer 4 process: its listening sockets, as `tcp 127.0.0.1 81`. */
  | { readonly op: 'listening'; readonly ports: readonly string[] }
  /** Only the layer 4 process; like `metrics` and `connections`, for sessions. */
  | {
      readonly op: 'sessions';
      readonly samples: readonly StreamSample[];
      /** Open sessions by id of the port. */
      readonly open: Readonly<Record<string, number>>;
    };

export type DataplaneRecord =
  | PortRecord
  | StreamPortRecord
  | PassthroughRecord
  | RouteRecord
  | GroupRecord
  | CertificateRecord
  | ServerNameRecord
  | ClientPolicyRecord
  | HostTlsRecord;

/** Why a worker avoids an endpoint: it accepts no connection, or fails again and again. */
export type AvoidReason = 'refuses' | 'fails';

/** How the store is doing in which instances count requests together. */
export interface LimitStoreReport {
  /** Requests counted with the other instances. */
  readonly together: number;
  /** Requests counted by this instance alone, since the store was away. */
  readonly alone: number;
  /** Which store does not answer and why; `''`: all do. */
  readonly away: string;
}

/** A port that takes traffic; `id` is the port number as text. */
export interface PortRecord {
  readonly type: 'port';
  readonly id: string;
  readonly port: number;
  /** Taken when no route matches. */
  readonly fallback?: RouteAction;
  /** Route name of the fallback in logs and metrics. */
  readonly name: string;
  readonly tls?: PortTls;
}

/** A port of layer 4, for the process of `dataplane/stream`; nginx's workers skip it. */
export interface StreamPortRecord {
  readonly type: 'streamPort';
  /** `tcp:81` */
  readonly id: string;
  readonly protocol: 'tcp' | 'udp';
  readonly port: number;
  /** Id of a {@link GroupRecord}; without it, sessions are closed at once. */
  readonly group?: string;
  readonly connectMs: number;
  /** A session in which nothing is sent for this long ends. */
  readonly idleMs: number;
  /** All attempts to connect, the first included. */
  readonly attempts: number;
  /** Absent: what clients send goes on as it is. */
  readonly tls?: StreamTls;
  readonly proxyProtocol?: StreamProxyProtocol;
  /** Clients from whom nothing comes for this long are probed; absent: never. Only tcp. */
  readonly keepaliveMs?: number;
  /** Who may connect; all, if absent. Only tcp. */
  readonly access?: StreamAccess;
  /** Open sessions; further ones are closed. Absent: no limit. Only tcp. */
  readonly mostSessions?: number;
  /** Those are closed after so long; absent: at once. */
  readonly closeDelayMs?: number;
}

/** The first rule that is for a connection decides. */
export interface StreamAccess {
  readonly rules: readonly {
    readonly allows: boolean;
    /** Networks (CIDR) of the client and of the peer of the connection. */
    readonly clients?: readonly string[];
    readonly peers?: readonly string[];
  }[];
  readonly allowsOthers: boolean;
}

/** TLS towards endpoints. */
export interface StreamTls {
  /** Sent, and verified unless there are {@link names}. */
  readonly name: string;
  /** One of which the certificate of the endpoint must have. */
  readonly names?: readonly CertificateName[];
  /** PEM of the authorities, one of which must have signed the certificate of the endpoint; absent: any certificate will do. */
  readonly trustPem?: string;
  /** What endpoints are shown that ask for a certificate. */
  readonly certificate?: { readonly chainPem: string; readonly keyPem: string };
}

/** An alternative name of a certificate. */
export interface CertificateName {
  readonly of: 'dns' | 'uri';
  /** dns: lower case; with `*.` at its beginning the certificate must say so too. */
  readonly value: string;
}

/** Server names whose TLS connections are passed on as they are, by the process of `dataplane/stream`; nginx's workers skip it. */
export interface PassthroughRecord {
  readonly type: 'passthrough';
  readonly id: string;
  /** Ids of {@link PortRecord}s. */
  readonly ports: readonly string[];
  /** At least one. */
  readonly hosts: readonly ServerNameTest[];
  /** Of several for the same host: smaller first, then by tie. */
  readonly priority: number;
  /** Bytewise, smaller first. */
  readonly tie: string;
  /** As those of a {@link StreamPortRecord}. */
  readonly group?: string;
  readonly connectMs: number;
  readonly idleMs: number;
  readonly attempts: number;
  /** TLS is ended, and what is in it goes on in the clear, or by {@link tls}. */
  readonly end?: TlsEnd;
  /** As that of a {@link StreamPortRecord}. */
  readonly tls?: StreamTls;
}

/** Ids of {@link CertificateRecord}s: by the name that the client asks for (`*.a.com`: one label before `.a.com`), and for others. */
export interface TlsEnd {
  readonly certificates: readonly { readonly host: string; readonly certificate: string }[];
  /** Absent: without a name that is there the handshake fails. */
  readonly fallback?: string;
  /** PEM of the authorities that clients need a certificate of; absent: they need none. */
  readonly clientCaPem?: string;
}

/** Lower case. The value of `hostSuffix` is what follows `*`, with its dot. */
export type ServerNameTest = Extract<Test, { readonly op: 'equal' | 'hostSuffix' }>;

/** The PROXY protocol on a tcp port. */
export interface StreamProxyProtocol {
  /** Every connection begins with a header; those without are closed. */
  readonly receive: boolean;
  /** Those without are served, too. */
  readonly optional?: true;
  /** Whose headers are believed (CIDR); the header of others is taken off and forgotten. */
  readonly trusted: readonly string[];
  /** Sent to endpoints at the beginning of a connection. */
  readonly send?: 'v1' | 'v2';
}

/**
 * What a TLS port shows when no {@link ServerNameRecord} fits; without any of it the handshake fails. What holds for hosts without a
 * {@link HostTlsRecord} that says anything else.
 */
export interface PortTls extends TlsSettings {
  /** Id of the {@link CertificateRecord} shown without SNI. */
  readonly fallback?: string;
  /** Id of the {@link CertificateRecord} shown for names without one. */
  readonly forUnknown?: string;
  /**
   * Hosts of listeners that keep connections apart, at least two: names, then what names end with (`.a.com`), longer ones first, then
   * `''` for every other name.
   */
  readonly apart?: readonly string[];
  /** Else the self-signed one of nginx.conf is shown; absent: the handshake fails. */
  readonly selfSigned?: boolean;
}

/** The certificate of one host name on one TLS port: a record of its own, so that one name is one small change. */
export interface ServerNameRecord {
  readonly type: 'serverName';
  /** `<port id>/<host>`. */
  readonly id: string;
  /** Id of a {@link PortRecord}. */
  readonly port: string;
  /** Lower case; `*.app.com` stands for one label before `.app.com`, `**.app.com` for any number of them: the longest counts. */
  readonly host: string;
  /** Id of a {@link CertificateRecord}; while it is absent the name counts as unknown. */
  readonly certificate: string;
}

/** One route on one or more ports. */
export interface RouteRecord {
  readonly type: 'route';
  readonly id: string;
  /** Ids of {@link PortRecord}s. */
  readonly ports: readonly string[];
  /** AND of terms; empty: every request. */
  readonly match: readonly Term[];
  /** Smaller first. */
  readonly priority: number;
  /** Greater first, element by element. */
  readonly specificity: readonly number[];
  /** Bytewise, smaller first. */
  readonly tie: string;
  readonly action: RouteAction;
  /** For logs and metrics. */
  readonly name: string;
  readonly sourceType: string;
  readonly sourceNamespace: string;
  readonly sourceName: string;
}

export interface Term {
  readonly subject: 'host' | 'path' | 'method' | 'header' | 'query' | 'cookie' | 'sourceAddress';
  /** Header names: lower case. */
  readonly name?: string;
  /** OR. */
  readonly tests: readonly Test[];
}

export type Test =
  | { readonly op: 'equal'; readonly value: string }
  | { readonly op: 'in'; readonly values: readonly string[] }
  | { readonly op: 'prefix'; readonly value: string }
  | { readonly op: 'pathPrefix'; readonly value: string }
  | { readonly op: 'suffix'; readonly value: string }
  | { readonly op: 'hostSuffix'; readonly value: string; readonly labels: 'one' | 'many' }
  | { readonly op: 'regex'; readonly pattern: string; readonly ignoreCase?: boolean }
  | { readonly op: 'range'; readonly low: string; readonly high: string }
  | { readonly op: 'exists' };

export interface RouteAction {
  readonly type: 'forward' | 'respond' | 'redirect' | 'split';
  /** forward: id of a {@link GroupRecord}. */
  readonly group?: string;
  /**
   * forward: which of the locations of nginx.conf does it: `http` (absent), `https`, `grpc` or `grpcs`, or the id of a location
   * profile, which has one of these protocols and other settings.
   */
  readonly way?: string;
  /** forward: Host header sent instead of the client's. */
  readonly host?: string;
  /** forward: milliseconds and attempts. */
  readonly connectMs?: number;
  readonly sendMs?: number;
  readonly readMs?: number;
  readonly attempts?: number;
  /** forward: attempts are repeated by the data plane rather than by nginx; {@link way} is that of all but the last. */
  readonly again?: Again;
  /** forward: requests count for it; absent: for none. */
  readonly retryBudget?: RetryBudget;
  /** respond. */
  readonly status?: number;
  /** respond: value of the error header. */
  readonly reason?: string;
  /** respond: absent for the usual text. */
  readonly content?: Content;
  /** redirect. */
  readonly redirect?: Redirect;
  /** forward: errors that another group answers; {@link way} is then a profile that knows their statuses. */
  readonly errors?: ErrorPages;
  /** What else is done; absent for nothing. */
  readonly steps?: readonly Step[];
  /** split: one of these actions is chosen for each request, at random; steps are theirs. */
  readonly branches?: readonly Branch[];
  /** Instead of all of this, for requests over HTTP/2. */
  readonly http2?: RouteAction;
}

/** How attempts are repeated that nginx cannot repeat: after any status, and after a wait (../http/again.ts). */
export interface Again {
  /** The way of the last attempt, whose answer the client gets whatever it is. */
  readonly lastWay: string;
  /** Least and longest wait before another attempt. */
  readonly baseMs: number;
  readonly maxMs: number;
  /** All attempts and waits together; absent: without end. */
  readonly withinMs?: number;
  /** Of calls of gRPC: only those that were read whole are sent again (../http/call-retry.ts). */
  readonly ofCalls?: true;
  /** Absent: no limit. */
  readonly parallel?: ParallelRetries;
  /** Only within the `retryBudget` of the action. */
  readonly bounded?: true;
}

/** So many requests of a scope may be sent again (../http/retry-budget.ts). */
export interface RetryBudget {
  /** Begins the keys of the counters. */
  readonly scope: string;
  /** So many in 100 requests, counted over `intervalMs`. */
  readonly percent: number;
  readonly intervalMs: number;
  /** So many in `leastMs` in any case. */
  readonly least: number;
  readonly leastMs: number;
}

/** So many requests of a scope may be sent again at the same time. */
export interface ParallelRetries {
  /** Begins the keys of the counters. */
  readonly scope: string;
  readonly most: number;
}

/** Endpoints with weights among which one is chosen per attempt. Shared by routes with equal backends. */
export interface GroupRecord {
  readonly type: 'group';
  readonly id: string;
  /** What users call it: `default/shop:80`. */
  readonly name: string;
  /** Which peer a request goes to: in turn, by a hash of the client's address, a cookie, a header or a text, by a cookie of ours, or the quicker one. */
  readonly affinity: 'roundRobin' | 'sourceAddress' | 'cookie' | 'session' | 'header' | 'template' | 'ewma';
  /** Name of the cookie (as is) or header (lower case) of the affinity. */
  readonly attribute?: string;
  /** Peers that fail again and again are avoided; absent: only those that refuse connections. */
  readonly ejection?: Ejection;
  /** Of affinity `session`: the cookie that {@link attribute} names. */
  readonly session?: SessionCookie;
  /** Of affinity `template`: what is hashed. */
  readonly template?: readonly TemplatePart[];
  /** Of affinity `template`: the hash chooses so many peers, of which one is taken at random. */
  readonly subsetSize?: number;
  /** Peers that come later reach their full share of the requests after this long; not with an affinity that hashes. */
  readonly slowStartMs?: number;
  readonly peers: readonly Peer[];
  /** Requests reach the peers by the layer 4 process alone, which speaks this to them; `peers` say how it knows them. */
  readonly hop?: GroupHop;
  /** Answer when `peers` is empty. */
  readonly emptyStatus: number;
  readonly emptyReason: string;
  /** From 0 to 1: of the requests so many get the same answer while others go to the peers, but for those with a session. Absent: none. */
  readonly emptyShare?: number;
}

export interface GroupHop {
  /** Absent: nothing is encrypted. */
  readonly tls?: StreamTls;
  /** Each connection is for one client, of whom it tells first. */
  readonly tellsClient?: 'v1' | 'v2';
  /** Offered by ALPN; absent: none. */
  readonly protocol?: 'h2';
}

export interface Peer {
  /** As nginx wants it: IPv4, or IPv6 in brackets. */
  readonly address: string;
  readonly port: number;
  /** 0: used only while all others are avoided, or for another attempt; those come last, and not in a group whose affinity hashes. */
  readonly weight: number;
  /** Of a group with a hop: the server name by which nginx asks the layer 4 process for this peer. */
  readonly hop?: string;
}

export interface CertificateRecord {
  readonly type: 'certificate';
  readonly id: string;
  readonly chainPem: string;
  readonly keyPem: string;
}

/** Client connections of an nginx, all workers together. */
export interface ConnectionCounts {
  readonly active: number;
  readonly reading: number;
  readonly writing: number;
  readonly waiting: number;
}

/** Counters since the last sample of this worker for one route and port. */
export interface MetricSample {
  readonly port: number;
  /** Route id; `''` for requests no route took. */
  readonly route: string;
  /** With an empty route: the port's fallback took the requests. */
  readonly fallback?: boolean;
  /** By `status method`, e.g. `"200 GET"`; unusual methods count as `OTHER`. */
  readonly requests: Readonly<Record<string, RequestTotals>>;
  /** Counts per bucket of {@link DURATION_BUCKETS_MS}, the last one is +Inf; zeros at the end are left out. */
  readonly durations: readonly number[];
  readonly durationSumMs: number;
  /** Answers made by the proxy itself with status 400 or more; those to malformed requests count only here. */
  readonly errors: number;
  /** Requests that a firewall ended, by the id of its rule; absent for none. */
  readonly blocked?: Readonly<Record<string, number>>;
  /** Of the endpoints that requests were forwarded to, if any; one may occur twice. */
  readonly upstreams?: readonly UpstreamSample[];
}

export type RequestTotals = readonly [requests: number, requestBytes: number, responseBytes: number];

/** Requests whose last attempt went to one endpoint. */
export interface UpstreamSample {
  /** `address:port`, or {@link OTHER_UPSTREAMS}. */
  readonly upstream: string;
  /** By `status method`. */
  readonly requests: Readonly<Record<string, number>>;
  /** From the begin of the attempt until the answer was passed on; as {@link MetricSample.durations}. */
  readonly durations: readonly number[];
  readonly durationSumMs: number;
}

/** Sessions of a tcp, udp or TLS port since the last sample. */
export interface StreamSample {
  /** Id of the {@link StreamPortRecord}; `tls:443` for connections that a port with TLS passes on as they are. */
  readonly port: string;
  /** Sessions that have ended, by `status upstream`; the upstream is empty when none was reached. */
  readonly sessions: Readonly<Record<string, number>>;
  /** From clients, and to them; also of sessions that are open. */
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Stands for endpoints that are too many to be counted one by one. */
export const OTHER_UPSTREAMS = 'other';

/** Upper bounds of the latency histogram, in milliseconds (spec ALB-133). */
export const DURATION_BUCKETS_MS: readonly number[] = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

/** One traced request. Texts are what the client sent: any bytes. */
export interface SpanRecord {
  readonly port: number;
  /** Route id; `''` for the port's fallback. */
  readonly route: string;
  /** 32 and 16 hexadecimal digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** The span of the client, when its trace goes on, and what else its `tracestate` says. */
  readonly parentId?: string;
  readonly traceState?: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly beganMs: number;
  readonly endedMs: number;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly scheme: string;
  readonly userAgent: string;
  /** What the client got. */
  readonly status: number;
  /** Of the last attempt; absent: there was none, or it got no answer. */
  readonly upstreamStatus?: number;
  readonly attempts: number;
  /** `address:port` of the last attempt. */
  readonly upstream?: string;
  /** By lower-case name; those that were sent several times joined. */
  readonly requestHeaders?: Readonly<Record<string, string>>;
  readonly responseHeaders?: Readonly<Record<string, string>>;
  /** Headers of the request that the span is to tell, by name. */
  readonly tagged?: Readonly<Record<string, string>>;
}
