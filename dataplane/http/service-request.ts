/**
 * An HTTP/1.1 client for questions without body whose answers matter only by status and headers. Connections are kept.
 *
 * Source: RFC 9112.
 */
import { giveSlot, takeSlot } from './connection-slots.ts';
import { endpointsOf, type ServiceEndpoint } from './service-address.ts';

export interface ServiceRequest {
  readonly secure: boolean;
  /** Name or address, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  /** Request line and headers with their line ends, and the empty line. */
  readonly lines: readonly string[];
  readonly method: string;
  /** Connections at most, per worker; 0: as many as it takes. */
  readonly connections: number;
  readonly requestsPerConnection: number;
  readonly idleSeconds: number;
  /** For each part of its answer; absent: 5 s. */
  readonly timeoutMs?: number | undefined;
}

export interface ServiceAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: LuaTable<string, string[]>;
}

/** Spec ALB-82. */
export const TIMEOUT_MS = 5000;
const IDLE_CONNECTIONS = 32;
const MAX_ENDPOINTS = 3;
const MAX_HEADERS = 200;
const MAX_HEADER_BYTES = 65_536;
/** A longer body closes the connection instead of being read. */
const MAX_BODY_BYTES = 65_536;
const MAX_CHUNKS = 1000;

/** @returns the answer, or what went wrong. Waits. */
export function requestService(request: ServiceRequest): LuaMultiReturn<[ServiceAnswer | undefined, string?]> {
  const endpoints = endpointsOf(request.host, request.port);
  let problem = `no address of ${request.host}`;
  for (let i = 0; i < endpoints.length && i < MAX_ENDPOINTS; i++) {
    const endpoint = endpoints[i];
    if (endpoint === undefined) break;
    const [answer, failure, failedEarly] = requestEndpoint(request, endpoint);
    if (answer !== undefined) return $multi(answer);
    problem = failure ?? 'no answer';
    if (failedEarly !== true) break;
  }
  return $multi(undefined, problem);
}

function timeoutOf({ timeoutMs }: ServiceRequest): number {
  return timeoutMs ?? TIMEOUT_MS;
}

type Outcome = LuaMultiReturn<
  [answer: ServiceAnswer | undefined, problem?: string | undefined, early?: boolean | undefined]
>;

/** The third value tells that the service cannot have seen the question. */
function requestEndpoint(request: ServiceRequest, endpoint: ServiceEndpoint): Outcome {
  const { secure, host, connections } = request;
  const pool = `${secure ? 'https' : 'http'} ${host} ${endpoint.address} ${endpoint.port} ${connections}`;
  if (connections === 0) return askEndpoint(request, endpoint, { pool });
  if (!takeSlot(pool, connections, timeoutOf(request) / 1000))
    return $multi(undefined, 'all connections are in use', true);
  let answer: ServiceAnswer | undefined;
  let problem: string | undefined;
  let early: boolean | undefined;
  try {
    [answer, problem, early] = askEndpoint(request, endpoint, { pool, pool_size: connections });
  } finally {
    giveSlot(pool); // also after an error of ours: a slot that is lost is lost for good
  }
  return $multi(answer, problem, early);
}

function askEndpoint(request: ServiceRequest, { address, port }: ServiceEndpoint, options: SocketOptions): Outcome {
  for (let attempt = 0; attempt < 2; attempt++) {
    const socket = ngx.socket.tcp();
    const ms = timeoutOf(request);
    socket.settimeouts(ms, ms, ms);
    const [connected, connectProblem] = socket.connect(address, port, options);
    if (connected === undefined) return $multi(undefined, connectProblem, true);
    const [times] = socket.getreusedtimes();
    const reused = times ?? 0;
    if (request.secure && reused === 0) {
      const isAddress =
        string.find(request.host, '^[%d.]+$')[0] !== undefined || string.sub(request.host, 1, 1) === '[';
      // What stands behind a + says which of its addresses are asked.
      const [name] = string.match(request.host, '^[^+]*');
      const [session, tlsProblem] = socket.sslhandshake(false, isAddress ? undefined : name, false);
      if (session === undefined || session === false) {
        socket.close();
        return $multi(undefined, tlsProblem, true);
      }
    }
    let [, problemOfLine] = socket.send(request.lines);
    let line: string | undefined;
    if (problemOfLine === undefined) [line, problemOfLine] = socket.receive('*l');
    if (line !== undefined) {
      const [answer, problem] = readAnswer(socket, request, line, reused);
      return $multi(answer, problem);
    }
    socket.close();
    // A kept connection that the service closed meanwhile: once more, with another.
    if (reused === 0 || problemOfLine === 'timeout') return $multi(undefined, problemOfLine);
  }
  return $multi(undefined, 'connections are closed');
}

function readAnswer(
  socket: TcpSocket,
  request: ServiceRequest,
  firstLine: string,
  reused: number,
): LuaMultiReturn<[ServiceAnswer | undefined, (string | undefined)?]> {
  const deadline = ngx.now() + timeoutOf(request) / 1000;
  let line = firstLine;
  for (;;) {
    const [minor, digits] = string.match(line, '^HTTP/1%.(%d) (%d%d%d)');
    const status = tonumber(digits);
    const headers = status === undefined ? undefined : readHeaders(socket, deadline);
    if (status === undefined || headers === undefined) {
      socket.close();
      return $multi(undefined, 'not an HTTP answer');
    }
    if (status >= 200) {
      const keeps = minor === '1' && !hasToken(headers.get('connection'), 'close');
      if (keeps && reused + 1 < request.requestsPerConnection && skipBody(socket, request.method, status, headers)) {
        socket.setkeepalive(request.idleSeconds * 1000, IDLE_CONNECTIONS);
      } else {
        socket.close();
      }
      return $multi({ status, headers });
    }
    const [next, problem] = socket.receive('*l');
    if (next === undefined) {
      socket.close();
      return $multi(undefined, problem);
    }
    line = next;
  }
}

function readHeaders(socket: TcpSocket, deadline: number): LuaTable<string, string[]> | undefined {
  const headers = new LuaTable<string, string[]>();
  let bytes = 0;
  for (let i = 0; i < MAX_HEADERS; i++) {
    const [line] = socket.receive('*l');
    if (line === undefined || ngx.now() > deadline) return undefined;
    if (line === '') return headers;
    bytes += line.length;
    const [name, value] = string.match(line, '^([^%s:]+):%s*(.-)%s*$');
    if (name === undefined || value === undefined || bytes > MAX_HEADER_BYTES) return undefined;
    const key = string.lower(name);
    const present = headers.get(key);
    if (present === undefined) headers.set(key, [value]);
    else present.push(value);
  }
  return undefined;
}

/** @returns whether the connection is good for another request */
function skipBody(socket: TcpSocket, method: string, status: number, headers: LuaTable<string, string[]>): boolean {
  if (method === 'HEAD' || status === 204 || status === 304) return true;
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined)
    return coding.length === 1 && string.lower(coding[0] ?? '') === 'chunked' && skipChunks(socket);
  const lengths = headers.get('content-length');
  const length = lengths === undefined || lengths.length !== 1 ? undefined : tonumber(lengths[0]);
  if (length === undefined || length < 0 || length > MAX_BODY_BYTES) return false;
  if (length === 0) return true;
  const [body] = socket.receive(length);
  return body !== undefined;
}

/** RFC 9112 section 7.1. */
function skipChunks(socket: TcpSocket): boolean {
  let bytes = 0;
  for (let i = 0; i < MAX_CHUNKS; i++) {
    const [line] = socket.receive('*l');
    const [digits] = string.match(line ?? '', '^(%x+)');
    const size = digits === undefined ? undefined : tonumber(digits, 16);
    if (size === undefined) return false;
    bytes += size;
    if (bytes > MAX_BODY_BYTES) return false;
    // Of the last one only the empty line: who sends trailers is not asked again on this connection.
    const [rest] = socket.receive(size + 2);
    if (rest === undefined || string.sub(rest, -2) !== '\r\n') return false;
    if (size === 0) return true;
  }
  return false;
}

function hasToken(values: readonly string[] | undefined, token: string): boolean {
  if (values === undefined) return false;
  for (const value of values) if (string.find(string.lower(value), token, 1, true)[0] !== undefined) return true;
  return false;
}
