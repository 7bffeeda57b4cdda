/** What is said of a request in a line of the log, from what its worker told. */
import { hostname } from 'node:os';
import type { LogRecord } from '@causeway/dataplane/policy/access-log';
import type { LogConditionIR, LogLineIR, LogSinkIR, LogTextIR, LogValueIR } from '@causeway/ir/gateway';

export type LogValue = string | number | undefined;

/** What workers tell where it follows from something else. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  client: ['clientAddress', 'peerAddress', 'peerPort'],
  details: ['reason', 'upstream'],
  flags: ['reason', 'status', 'upstream'],
  hostname: [],
  local: ['localAddress', 'localPort'],
  peer: ['peerAddress', 'peerPort'],
  routeName: [],
};

/** The values that workers are asked for, each once, sorted. */
export function neededValues(lines: readonly LogLineIR[]): readonly string[] {
  const named = lines.flatMap(({ format, matches, sinks = [] }) => [
    ...(format.type === 'text' ? valuesIn(format.text) : Object.values(format.fields).flatMap(valuesIn)),
    ...matches.flatMap(valuesOf),
    ...sinks.flatMap(sinkValues),
  ]);
  return [...new Set(named.flatMap((value) => NEEDS[value] ?? [value]))].sort();
}

/** What an access log service is told of every request. */
const OF_SERVICE: readonly LogValueIR[] = [
  ...(['attempts', 'bytesReceived', 'bytesSent', 'client', 'details', 'durationMs', 'flags', 'host', 'local'] as const),
  ...(['method', 'peer', 'protocol', 'requestId', 'scheme', 'serverName', 'status', 'target', 'tlsVersion'] as const),
  ...(['upstream', 'request:referer', 'request:user-agent', 'request:x-forwarded-for'] as const),
];

function sinkValues(sink: LogSinkIR): readonly LogValueIR[] {
  if (sink.type === 'openTelemetry') return ['time'];
  const { requestHeaders, responseHeaders } = sink;
  return [
    ...OF_SERVICE,
    'time',
    ...requestHeaders.map((name) => `request:${name}` as const),
    ...responseHeaders.map((name) => `response:${name}` as const),
  ];
}

function valuesIn(text: LogTextIR): readonly LogValueIR[] {
  return text.flatMap((part) => (typeof part === 'string' ? [] : part.values));
}

function valuesOf(condition: LogConditionIR): readonly LogValueIR[] {
  switch (condition.type) {
    case 'and':
    case 'or':
      return condition.of.flatMap(valuesOf);
    case 'not':
      return valuesOf(condition.of);
    case 'present':
    case 'compare':
      return [condition.value];
  }
}

/** @param route how people call it; `''`: none took the request */
export function toldValue(name: LogValueIR, { values }: LogRecord, route: string): LogValue {
  switch (name) {
    case 'client':
      // Of a client behind a proxy nobody knows the port.
      return endpoint(
        values['clientAddress'],
        values['clientAddress'] === values['peerAddress'] ? values['peerPort'] : 0,
      );
    case 'peer':
      return endpoint(values['peerAddress'], values['peerPort']);
    case 'local':
      return endpoint(values['localAddress'], values['localPort']);
    case 'time':
      return new Date(Number(values['time'])).toISOString();
    case 'hostname':
      return hostname();
    case 'routeName':
      return route === '' ? undefined : route;
    case 'details':
      return detailsOf(values);
    case 'flags':
      return flagsOf(values);
    default:
      return values[name] === '' ? undefined : values[name];
  }
}

function endpoint(address: LogValue, port: LogValue): string | undefined {
  if (address === undefined || address === '') return undefined;
  const text = String(address);
  return text.includes(':') ? `[${text}]:${port}` : `${text}:${port}`;
}

type Values = LogRecord['values'];

function detailsOf({ reason = '', upstream }: Values): string {
  if (reason !== '') return String(reason);
  return upstream === undefined ? 'direct_response' : 'via_upstream';
}

/** Source: Envoy v1.37, %RESPONSE_FLAGS%: those that have a meaning here. */
function flagsOf({ reason = '', status, upstream }: Values): string | undefined {
  const [kind = ''] = String(reason).split(' : ');
  if (status === 499) return 'DC';
  if (kind === 'TimeoutViaBackend') return 'UT';
  if (kind === 'InvalidUpstream') return 'NR';
  if (kind === 'InvalidBalancer') return 'UH';
  if (kind === 'TooManyRequests') return 'RL';
  if (kind === 'CircuitBreaker') return 'UO';
  if (kind === 'FaultInjection') return 'FI';
  if (kind === 'AuthFail' || kind === 'AccessDenied') return 'UAEX';
  return kind !== '' && upstream !== undefined && Number(status) >= 500 ? 'UF' : undefined;
}
