/**
 * One request as collectors get it.
 *
 * Source: OpenTelemetry Protocol 1.3, logs.proto, LogRecord; Envoy, api/envoy/data/accesslog/v3/accesslog.proto, HTTPAccessLogEntry.
 */
import type { ReadValue } from '@causeway/dataplane/policy/operator';
import type { LogFormatIR, LogSinkIR, RequestValueIR } from '@causeway/ir/gateway';
import { field, fixed64Field, mapField, message, numberField, timeField } from '@causeway/protocols/protobuf/message';
import { attribute } from '../collector/otlp-request.ts';
import { lineParts, lineValue } from './log-line.ts';

/** @param atMs when the request began, since 1970 */
export function sinkEntry(sink: LogSinkIR, format: LogFormatIR, read: ReadValue, atMs: number): Buffer {
  return sink.type === 'als' ? serviceEntry(sink, read, atMs) : logRecord(format, read, atMs);
}

/** A text is the body, fields are attributes. */
function logRecord(format: LogFormatIR, read: ReadValue, atMs: number): Buffer {
  const said = lineParts(format, read);
  const time = BigInt(Math.round(atMs)) * 1_000_000n;
  const content =
    typeof said === 'string'
      ? [message(5, field(1, said.replace(/\n$/, '')))]
      : Object.entries(said).flatMap(([name, value]) => (value === null ? [] : attribute(6, name, value)));
  return Buffer.concat([fixed64Field(1, time), ...content, fixed64Field(11, time)]);
}

const VERSIONS: Readonly<Record<string, number>> = { 'HTTP/1.0': 1, 'HTTP/1.1': 2, 'HTTP/2': 3, 'HTTP/2.0': 3 };
const METHODS: Readonly<Record<string, number>> = {
  ...{ GET: 1, HEAD: 2, POST: 3, PUT: 4, DELETE: 5, CONNECT: 6, OPTIONS: 7, TRACE: 8, PATCH: 9 },
};
const TLS_VERSIONS: Readonly<Record<string, number>> = { TLSv1: 1, 'TLSv1.1': 2, 'TLSv1.2': 3, 'TLSv1.3': 4 };
/** Fields of ResponseFlags. */
const FLAGS: Readonly<Record<string, number>> = { UH: 2, UT: 3, UF: 6, UO: 8, NR: 9, FI: 11, RL: 12, DC: 15 };
const UNAUTHORIZED = 13;

function serviceEntry(
  { requestHeaders, responseHeaders }: Extract<LogSinkIR, { type: 'als' }>,
  read: ReadValue,
  atMs: number,
): Buffer {
  const text = (name: RequestValueIR) => String(lineValue(name, read) ?? '');
  const number = (name: RequestValueIR) => Number(lineValue(name, read) ?? 0);
  const headersOf = (from: 'request' | 'response', names: readonly string[]) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = lineValue(`${from}:${name}`, read);
        return value === undefined ? [] : [[name, String(value)]];
      }),
    );
  const common = [
    ...[address(2, text('client')), address(3, text('local')), tlsOf(text('tlsVersion'), text('serverName'))],
    ...[timeField(5, atMs), address(13, text('upstream')), flagsOf(text('flags')), field(19, text('routeName'))],
    ...[address(20, text('peer')), timeField(23, number('durationMs')), numberField(24, number('attempts'))],
    ...[field(26, text('requestId')), numberField(29, number('bytesSent')), numberField(30, number('bytesReceived'))],
  ];
  const request = [
    ...[numberField(1, METHODS[text('method')] ?? 0), field(2, text('scheme')), field(3, text('host'))],
    ...[field(5, text('target')), field(6, text('request:user-agent')), field(7, text('request:referer'))],
    ...[field(8, text('request:x-forwarded-for')), field(9, text('requestId'))],
    mapField(13, headersOf('request', requestHeaders)),
  ];
  const response = [
    ...[message(1, numberField(1, number('status'))), numberField(3, number('bytesSent'))],
    ...[mapField(4, headersOf('response', responseHeaders)), field(6, text('details'))],
  ];
  const version = numberField(2, VERSIONS[text('protocol')] ?? 0);
  return Buffer.concat([message(1, ...common), version, message(3, ...request), message(4, ...response)]);
}

/** @param text `address:port`; `''`: none */
function address(number: number, text: string): Buffer {
  const end = text.lastIndexOf(':');
  if (end === -1) return Buffer.alloc(0);
  const host = text.slice(0, end).replace(/^\[|\]$/g, '');
  return message(number, message(1, field(2, host), numberField(3, Number(text.slice(end + 1)))));
}

function tlsOf(version: string, name: string): Buffer {
  return version === '' ? Buffer.alloc(0) : message(4, numberField(1, TLS_VERSIONS[version] ?? 0), field(3, name));
}

function flagsOf(flag: string): Buffer {
  if (flag === 'UAEX') return message(16, message(UNAUTHORIZED, numberField(1, 1)));
  const number = FLAGS[flag];
  return number === undefined ? Buffer.alloc(0) : message(16, numberField(number, 1));
}
