/** Question and answer of an authorization service. Source: Envoy, api/envoy/service/auth/v3/{attribute_context,external_auth}.proto. */

import {
  field,
  type Message,
  mapField,
  message,
  numberField,
  parseMessage,
  timeField,
} from '@causeway/protocols/protobuf/message';
import type { CheckedHeader, CheckedRequest, CheckResult } from '@causeway/targets/nginx/question-server';

const FORBIDDEN = 403;

/** @param now milliseconds since 1970 */
export function checkRequest(
  request: CheckedRequest,
  extensions: Readonly<Record<string, string>>,
  now: number,
): Buffer {
  const { method, scheme, host, target, protocol, headers, client, port, body } = request;
  const raw = body === undefined ? Buffer.alloc(0) : Buffer.from(body, 'base64');
  const text = raw.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(raw);
  const size = headers['content-length'];
  const told = { ...headers, ':method': method, ':path': target, ':authority': host, ':scheme': scheme };
  const http = [
    field(1, headers['x-request-id'] ?? ''),
    field(2, method),
    mapField(3, told),
    field(4, target),
    field(5, host),
    field(6, scheme),
    field(10, protocol),
    isText ? field(11, text) : field(12, raw),
    numberField(9, /^\d{1,15}$/.test(size ?? '') ? Number(size) : raw.length),
  ];
  return message(
    1,
    message(1, address(client, 0)),
    message(2, address('', Number(port))),
    message(4, timeField(1, now), message(2, ...http)),
    mapField(10, extensions),
  );
}

function address(text: string, port: number): Buffer {
  return message(1, message(1, field(2, text), numberField(3, port)));
}

/** @throws RangeError for what is no answer */
export function parseCheckResponse(bytes: Buffer): CheckResult {
  const response = parseMessage(bytes);
  const status = inner(response, 1);
  const code = status?.numbers(1).at(-1) ?? 0;
  const ok = inner(response, 3);
  const denied = inner(response, 2);
  if (code === 0 && denied === undefined) {
    return {
      headers: ok === undefined ? [] : headersOf(ok, 2),
      removed: ok === undefined ? [] : ok.bytes(5).map(textOf).filter(isHeaderName),
      responseHeaders: ok === undefined ? [] : headersOf(ok, 6),
    };
  }
  const wanted = denied === undefined ? 0 : (inner(denied, 1)?.numbers(1).at(-1) ?? 0);
  return {
    status: wanted >= 200 && wanted < 600 ? wanted : FORBIDDEN,
    body: denied?.bytes(3).at(-1)?.toString('utf8') ?? '',
    headers: denied === undefined ? [] : headersOf(denied, 2),
    removed: [],
    responseHeaders: [],
  };
}

function inner(outer: Message, number: number): Message | undefined {
  const bytes = outer.bytes(number).at(-1);
  return bytes === undefined ? undefined : parseMessage(bytes);
}

/** Of one connection or one body: not for a service to set. */
const NOT_SET: ReadonlySet<string> = new Set([
  ...['connection', 'content-length', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

function headersOf(outer: Message, number: number): readonly CheckedHeader[] {
  return outer.bytes(number).flatMap((bytes): readonly CheckedHeader[] => {
    const option = parseMessage(bytes);
    const header = inner(option, 1);
    if (header === undefined) return [];
    const [name = ''] = header.bytes(1).map(textOf);
    const value = textOf(header.bytes(2).at(-1) ?? header.bytes(3).at(-1) ?? Buffer.alloc(0));
    const append = (inner(option, 2)?.numbers(1).at(-1) ?? 0) === 1;
    return isHeaderName(name) && isHeaderValue(value) ? [{ name, value, append }] : [];
  });
}

function textOf(bytes: Buffer): string {
  return bytes.toString('utf8');
}

function isHeaderName(name: string): boolean {
  return /^[\w!#$%&'*+\-.^`|~]+$/.test(name) && !NOT_SET.has(name.toLowerCase());
}

function isHeaderValue(value: string): boolean {
  return !/[\r\n\0]/.test(value);
}
