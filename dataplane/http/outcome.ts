/** What became of the attempts of a request: whether its endpoints accept connections, and how quick they are. */
import { noteLatency, type PeerLatency } from '../policy/latency.ts';
import { noteAttempt, type Outliers, UNANSWERED } from '../policy/outlier.ts';
import { noteFailing } from './avoided.ts';
import { anyEjected, noteConnection, noteNoConnection } from './ejection.ts';
import type { Exchange } from './exchange.ts';
import type { Group } from './group.ts';
import { nginxVariable, readText } from './nginx-variable.ts';

/** Seconds of each attempt with commas in between, `-` for one that did not connect, or did not answer. */
const CONNECT_TIME = nginxVariable('upstream_connect_time');
const HEADER_TIME = nginxVariable('upstream_header_time');
/** Status of each attempt, in the same way. */
const STATUS = nginxVariable('upstream_status');
const CALL_STATUS = nginxVariable('upstream_http_grpc_status');
const CALL_END_STATUS = nginxVariable('upstream_trailer_grpc_status');
/** Failures of the server of a call: UNKNOWN, DEADLINE_EXCEEDED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const LIKE_HTTP: Readonly<Record<string, number>> = { '2': 500, '4': 504, '13': 500, '14': 503, '15': 500 };
const OK = 200;
/** A failed attempt counts as an answer after this long. */
const FAILURE_MS = 1000;
const BAD_GATEWAY = 502;

/** With balancing by latency only. */
export function attemptBegins(exchange: Exchange, latencies: readonly PeerLatency[]): void {
  const latency = latencies[exchange.peer];
  if (latency !== undefined) latency.underWay++;
}

/** Another attempt follows. */
export function attemptFailed(exchange: Exchange, group: Group): void {
  // The attempt that begins has a place in the list already, with nothing in it.
  if (string.match(readText(CONNECT_TIME) ?? '', '%- : $')[0] !== undefined) noteFailure(exchange, group);
  if (group.outliers !== undefined) noteResult(exchange, group, group.outliers);
  if (group.latencies !== undefined) attemptEnds(exchange, group.latencies, FAILURE_MS);
}

/** The request is over. */
export function lastAttemptEnded(exchange: Exchange, group: Group, status: number): void {
  if (status >= BAD_GATEWAY && string.match(readText(CONNECT_TIME) ?? '', '%-$')[0] !== undefined) {
    noteFailure(exchange, group);
  } else if (anyEjected()) {
    const peer = group.ring.peers[exchange.peer];
    if (peer !== undefined) noteConnection(peer);
  }
  if (group.outliers !== undefined) noteResult(exchange, group, group.outliers);
  if (group.latencies === undefined) return;
  const [seconds] = string.match(readText(HEADER_TIME) ?? '', '([%d.]+)$');
  attemptEnds(exchange, group.latencies, seconds === undefined ? FAILURE_MS : (tonumber(seconds) ?? 0) * 1000);
}

/** What the last attempt that is over says of its endpoint; nothing where the client went first. */
function noteResult(exchange: Exchange, group: Group, outliers: Outliers): void {
  const [text] = string.match(readText(STATUS) ?? '', '([%d-]+)[ :]*$');
  const status = tonumber(text);
  if (status === undefined) return;
  const isAnswered = string.match(readText(HEADER_TIME) ?? '', '[%d.][ :]*$')[0] !== undefined;
  const result = isAnswered ? (status === OK ? statusOfCall() : status) : UNANSWERED;
  if (noteAttempt(outliers, exchange.peer, result, ngx.now())) noteFailing(group);
}

/** What an answer 200 means, which may be that of a call of gRPC. */
function statusOfCall(): number {
  const code = readText(CALL_STATUS) ?? readText(CALL_END_STATUS);
  return code === undefined ? OK : (LIKE_HTTP[code] ?? OK);
}

function noteFailure(exchange: Exchange, group: Group): void {
  const peer = group.ring.peers[exchange.peer];
  if (peer !== undefined) noteNoConnection(peer);
}

function attemptEnds(exchange: Exchange, latencies: readonly PeerLatency[], ms: number): void {
  const latency = latencies[exchange.peer];
  if (latency === undefined) return;
  latency.underWay--;
  noteLatency(latency, ms, ngx.now());
}
