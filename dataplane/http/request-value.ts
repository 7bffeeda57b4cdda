/**
 * What operators ask for (../policy/operator.ts), as nginx knows it at that moment. What follows from others is made of these by whoever
 * asked: in headers and bodies a worker, in lines of the log the agent.
 */
import type { RequestView } from '../policy/request-view.ts';
import { isTraceparent, traceIdOf } from '../policy/tracing.ts';
import { certificateFacts, certificateHash } from './certificate-facts.ts';
import { currentExchange, type Exchange } from './exchange.ts';
import { nginxVariable, readCount, readText } from './nginx-variable.ts';
import { connectionOfRequest } from './openssl.ts';

const REQUEST = 'request:';
const RESPONSE = 'response:';

export type ValueReader = (
  this: void,
  request: RequestView,
  exchange: Exchange | undefined,
) => string | number | undefined;

const variable = (name: string): ValueReader => {
  const known = nginxVariable(name);
  return () => readText(known);
};
const counted = (name: string): ValueReader => {
  const known = nginxVariable(name);
  return () => readCount(known);
};
const REQUEST_ID = nginxVariable('request_id');
const VERIFIED = nginxVariable('ssl_client_verify');

/** Of a certificate that an authority has not signed nothing is believed. */
const verified = (name: string): ValueReader => {
  const known = nginxVariable(name);
  return () => (isVerified() ? readText(known) : undefined);
};
const alternative =
  (kind: string): ValueReader =>
  () =>
    isVerified() ? namesOf(kind) : undefined;

function isVerified(): boolean {
  return readText(VERIFIED) === 'SUCCESS';
}

const READERS: Readonly<Record<string, ValueReader>> = {
  attempts: (_, exchange) => (exchange === undefined ? undefined : Math.abs(exchange.attempts)),
  bytesReceived: counted('request_length'),
  bytesSent: counted('body_bytes_sent'),
  certificate: verified('ssl_client_escaped_cert'),
  certificateAddresses: alternative('ip'),
  certificateEmails: alternative('email'),
  certificateEnd: verified('ssl_client_v_end'),
  certificateHash: () => {
    const connection = isVerified() ? connectionOfRequest() : undefined;
    return connection === undefined ? undefined : certificateHash(connection);
  },
  certificateIssuer: verified('ssl_client_i_dn'),
  certificateNames: alternative('dns'),
  certificateSerial: verified('ssl_client_serial'),
  certificateSha1: verified('ssl_client_fingerprint'),
  certificateStart: verified('ssl_client_v_start'),
  certificateSubject: verified('ssl_client_s_dn'),
  certificateUris: alternative('uri'),
  clientAddress: (request) => request.sourceAddress(),
  connection: variable('connection'),
  durationMs: () => Math.floor((ngx.now() - ngx.req.start_time()) * 1000 + 0.5),
  host: variable('http_host'),
  hostname: variable('hostname'),
  localAddress: variable('server_addr'),
  localPort: counted('server_port'),
  method: () => ngx.req.get_method(),
  path: (request) => request.path(),
  peerAddress: variable('remote_addr'),
  peerPort: counted('remote_port'),
  protocol: variable('server_protocol'),
  reason: variable('causeway_reason'),
  requestId: variable('request_id'),
  scheme: variable('scheme'),
  serverName: variable('ssl_server_name'),
  status: () => ngx.status,
  target: variable('request_uri'),
  time: () => Math.floor(ngx.req.start_time() * 1000 + 0.5),
  tlsCipher: variable('ssl_cipher'),
  tlsVersion: variable('ssl_protocol'),
  traceId: (request) => {
    const parent = request.header('traceparent');
    return parent !== undefined && isTraceparent(parent) ? traceIdOf(parent) : undefined;
  },
  uniqueId: () => {
    const id = readText(REQUEST_ID) ?? '';
    const [text] = string.gsub(id, '^(........)(....)(....)(....)(............)$', '%1-%2-%3-%4-%5');
    return text;
  },
  upstream: (_, exchange) => {
    if (exchange === undefined || exchange.attempts === 0 || exchange.group === undefined) return undefined;
    const found = exchange.group.ring.peers[exchange.peer];
    return found === undefined ? undefined : `${found.address}:${found.port}`;
  },
};

/** By name: as many as users wrote. */
const readers = new LuaTable<string, ValueReader>();

/** @returns undefined when there is no such value */
export function readerOf(name: string): ValueReader | undefined {
  const known = readers.get(name) ?? newReader(name);
  if (known !== undefined) readers.set(name, known);
  return known;
}

function newReader(name: string): ValueReader | undefined {
  if (string.sub(name, 1, REQUEST.length) === REQUEST) {
    const header = string.sub(name, REQUEST.length + 1);
    return (request) => request.header(header);
  }
  if (string.sub(name, 1, RESPONSE.length) === RESPONSE) {
    const header = string.sub(name, RESPONSE.length + 1);
    return () => joined(ngx.resp.get_headers(0)[header]);
  }
  return READERS[name];
}

/** For the request in whose phase this is. */
export function toldValue(name: string, request: RequestView): string | number | undefined {
  return readerOf(name)?.(request, currentExchange());
}

function joined(value: string | readonly string[] | boolean | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return typeof value === 'object' ? table.concat(value as string[], ', ') : '';
}

/** Of the certificate of the client, with commas between them. */
function namesOf(kind: string): string | undefined {
  const connection = connectionOfRequest();
  const facts = connection === undefined ? undefined : certificateFacts(connection);
  if (facts === undefined) return undefined;
  const names: string[] = [];
  for (const { of, value } of facts.names) if (of === kind) names.push(value);
  return table.concat(names, ',');
}
