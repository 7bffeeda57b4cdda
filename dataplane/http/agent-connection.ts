/**
 * The worker's line to its agent: says hello, applies transactions and
 * acknowledges them, hands over metrics once a second, and spans as they come. Runs in a timer for the
 * life of the worker and connects again when the line breaks; requests are served
 * from the last state meanwhile. What ends after the worker has begun to end itself is told by connections of its own.
 */
import { encode } from 'cjson.safe';
import type { WorkerLine } from '../policy/record.ts';
import { pendingLines, takeLines } from './access-log.ts';
import { avoidedEndpoints } from './avoided.ts';
import { connectionCounts } from './connections.ts';
import { generation } from './generation.ts';
import { tellLastRequests } from './last-requests.ts';
import { takeStoreReport } from './limit-store.ts';
import { live } from './live.ts';
import { pendingSamples, takeSamples } from './metrics.ts';
import { pendingSpans, takeSpans } from './tracing.ts';
import { newStreamReader, readLine } from './transaction.ts';

/** How long a read waits before the loop looks at its other duties, an exit above all. */
const READ_MS = 200;
/** The same while counters are to be sent. */
const REPORTING_READ_MS = 1;
const SEND_MS = 5000;
const CONNECT_MS = 1000;
/** Not 0: a timer that is due at once is served again and again before nginx looks at its sockets. */
const PAUSE_SECONDS = 0.001;
const REPORT_SECONDS = 1;
const FIRST_RETRY_SECONDS = 0.05;
const LAST_RETRY_SECONDS = 1;
/** How often a worker that is about to end looks for its agent, and what it waits before, since requests may end together. */
const LAST_ATTEMPTS = 5;
const REST_SECONDS = 0.05;
/** A line of this many takes half a millisecond, and no request waits for more. */
const SAMPLES_PER_LINE = 50;
/** What one report says, if not more are needed to have said all after {@link MAX_REPORTS}. */
const SAMPLES_PER_REPORT = 1000;
const MAX_REPORTS = 10;
/** A line of this many takes half a millisecond. */
const SPANS_PER_LINE = 64;
/** The same of lines of the access log. */
const LOGS_PER_LINE = 256;

/** What the agent was told last. */
let lastConnections = '';
let lastAway = '';
let avoidedAny = false;

/** Starts the connection. @param address `unix:` and a path */
export function startAgentConnection(address: string): void {
  const [started, problem] = ngx.timer.at(0, run, address);
  if (started === undefined) ngx.log(ngx.ERR, 'agent connection not started: ', problem);
}

function run(premature: boolean, address: string): void {
  let retrySeconds = FIRST_RETRY_SECONDS;
  let ended = premature;
  while (!ended && !ngx.worker.exiting()) {
    const socket = ngx.socket.tcp();
    socket.settimeouts(CONNECT_MS, SEND_MS, READ_MS);
    const [connected] = socket.connect(address);
    if (connected !== undefined) {
      retrySeconds = FIRST_RETRY_SECONDS;
      try {
        serve(socket);
      } catch (error) {
        ngx.log(ngx.ERR, 'agent connection: ', tostring(error));
      }
      socket.close();
    }
    ended = ngx.worker.exiting();
    if (!ended) {
      ngx.sleep(retrySeconds);
      retrySeconds = Math.min(retrySeconds * 2, LAST_RETRY_SECONDS);
    }
  }
  const sayTheRest = (): void => startSayingTheRest(address);
  tellLastRequests(sayTheRest);
  sayTheRest();
}

let isSaying = false;

/** In a worker that is about to end no timers are taken but those that run at once. */
function startSayingTheRest(address: string): void {
  if (isSaying || !isAnythingPending()) return;
  const [started] = ngx.timer.at(0, sayRest, address);
  isSaying = started !== undefined;
}

/** Says what the last requests have left, without a hello: nothing more is wanted of this worker. Gives up when there is no agent for some seconds. */
function sayRest(_: boolean, address: string): void {
  let failures = 0;
  while (isAnythingPending() && failures < LAST_ATTEMPTS) {
    ngx.sleep(failures === 0 ? REST_SECONDS : LAST_RETRY_SECONDS);
    const socket = ngx.socket.tcp();
    socket.settimeouts(CONNECT_MS, SEND_MS, READ_MS);
    const [connected] = socket.connect(address);
    const isSaid = connected !== undefined && sayAll(socket);
    socket.close();
    failures = isSaid ? 0 : failures + 1;
  }
  isSaying = false;
}

function isAnythingPending(): boolean {
  return pendingSpans() > 0 || pendingLines() > 0 || pendingSamples() > 0;
}

/** @returns false when the connection is broken */
function sayAll(socket: TcpSocket): boolean {
  while (pendingSpans() > 0) if (!reportSpans(socket)) return false;
  while (pendingLines() > 0) if (!reportLines(socket)) return false;
  while (pendingSamples() > 0) if (!report(socket)) return false;
  return true;
}

/** Returns when the line is broken or the worker exits. */
function serve(socket: TcpSocket): void {
  const reader = newStreamReader(() => {
    ngx.sleep(PAUSE_SECONDS);
  });
  if (!say(socket, { op: 'hello', pid: ngx.worker.pid(), version: live.state.version, generation })) return;
  lastConnections = '';
  lastAway = '';
  avoidedAny = false;
  let begun = '';
  let nextReport = ngx.now() + REPORT_SECONDS;
  // Samples still to be sent of the present report: a line whenever no change comes, since changes must not wait for it.
  let unreported = 0;
  while (!ngx.worker.exiting()) {
    socket.settimeouts(
      CONNECT_MS,
      SEND_MS,
      unreported > 0 || pendingSpans() > 0 || pendingLines() > 0 ? REPORTING_READ_MS : READ_MS,
    );
    const [line, problem, part] = socket.receive('*l');
    if (line !== undefined) {
      const answer = readLine(reader, begun + line);
      begun = '';
      if (answer !== undefined && !say(socket, answer)) return;
    } else if (problem === 'timeout') {
      begun = begun + (part ?? '');
      if (unreported > 0) {
        unreported -= SAMPLES_PER_LINE;
        if (!report(socket)) return;
      }
      if (pendingSpans() > 0 && !reportSpans(socket)) return;
      if (pendingLines() > 0 && !reportLines(socket)) return;
    } else {
      return;
    }
    if (ngx.now() >= nextReport) {
      nextReport = ngx.now() + REPORT_SECONDS;
      if (!reportConnections(socket) || !reportStore(socket) || !reportAvoided(socket)) return;
      const pending = pendingSamples();
      unreported = Math.min(pending, Math.max(SAMPLES_PER_REPORT, Math.ceil(pending / MAX_REPORTS)));
    }
  }
  sayAll(socket);
}

/** Sends the gauges if they changed; @returns false when the connection is broken */
function reportConnections(socket: TcpSocket): boolean {
  const { active, reading, writing, waiting } = connectionCounts();
  const told = `${active} ${reading} ${writing} ${waiting}`;
  if (told === lastConnections) return true;
  lastConnections = told;
  return say(socket, { op: 'connections', active, reading, writing, waiting });
}

/** Sends what became of the store of limits, if anything; @returns false when the connection is broken */
function reportStore(socket: TcpSocket): boolean {
  const report = takeStoreReport();
  if (report === undefined) return true;
  if (report.together === 0 && report.alone === 0 && report.away === lastAway) return true;
  lastAway = report.away;
  return say(socket, { op: 'limitStore', together: report.together, alone: report.alone, away: report.away });
}

/** @returns false when the connection is broken */
function reportAvoided(socket: TcpSocket): boolean {
  const endpoints = avoidedEndpoints(live.state.groups);
  const hadAny = avoidedAny;
  avoidedAny = endpoints !== undefined;
  return endpoints === undefined && !hadAny ? true : say(socket, { op: 'avoided', endpoints: endpoints ?? {} });
}

/** Sends a line of counters; @returns false when the connection is broken */
function report(socket: TcpSocket): boolean {
  return say(socket, { op: 'metrics', samples: takeSamples(SAMPLES_PER_LINE) });
}

/** Sends a line of spans; @returns false when the connection is broken */
function reportSpans(socket: TcpSocket): boolean {
  const { spans, dropped } = takeSpans(SPANS_PER_LINE);
  return say(socket, { op: 'spans', spans, dropped });
}

/** Sends lines of the access log; @returns false when the connection is broken */
function reportLines(socket: TcpSocket): boolean {
  const { records, dropped } = takeLines(LOGS_PER_LINE);
  return say(socket, { op: 'logs', records, dropped });
}

function say(socket: TcpSocket, line: WorkerLine): boolean {
  const [text, problem] = encode(line);
  if (text === undefined) {
    ngx.log(ngx.ERR, 'cannot encode ', line.op, ': ', problem);
    return true;
  }
  const [sent] = socket.send([text, '\n']);
  return sent !== undefined;
}
