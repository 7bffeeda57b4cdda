/** What is said of a request in a line of the log, from what its worker told. */
import { hostname } from 'node:os';
import type { LogRecord } from '@causeway/dataplane/policy/access-log';
import type { LogConditionIR, LogLineIR, LogSinkIR, OperatorTextIR, RequestValueIR } from '@causeway/ir/gateway';

export type LogValue = string | number | undefined;

/** What workers tell where it follows from something else. */
const NEEDS: Readonly<Record<string, readonly string[]>> = {
  client: ['clientAddress', 'peerAddress', 'peerPort'],
  clientPort: ['clientAddress', 'peerAddress', 'peerPort'],
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
const OF_SERVICE: readonly RequestValueIR[] = [
  ...(['attempts', 'bytesReceived', 'bytesSent', 'client', 'details', 'durationMs', 'flags', 'host', 'local'] as const),
  ...(['method', 'peer', 'protocol', 'requestId', 'scheme', 'serverName', 'status', 'target', 'tlsVersion'] as const),
  ...(['upstream', 'request:referer', 'request:user-agent', 'request:x-forwarded-for'] as const),
];

function sinkValues(sink: LogSinkIR): readonly RequestValueIR[] {
  if (sink.type === 'openTelemetry') return ['time'];
  const { requestHeaders, responseHeaders } = sink;
  return [
    ...OF_SERVICE,
    'time',
    ...requestHeaders.map((name) => `request:${name}` as const),
    ...responseHeaders.map((name) => `response:${name}` as const),
  ];
}

function valuesIn(text: OperatorTextIR): readonly RequestValueIR[] {
  return text.flatMap((part) => (typeof part === 'string' ? [] : part.values));
}

function valuesOf(condition: LogConditionIR): readonly RequestValueIR[] {
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
export function toldValue(name: string, { values }: LogRecord, route: string): LogValue {
  if (name === 'hostname') return hostname();
  return name === 'routeName' ? route : values[name];
}
