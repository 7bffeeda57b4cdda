/**
 * Location profiles as text of nginx.conf. Every value is a number, a switch, a word of a list here, or a path of ours (design D7);
 * combinations that nginx refuses cannot come out, since one of them would stop all changes of an instance.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { BackendTlsIR, TransferIR, TuningIR } from '@causeway/ir/gateway';
import { PLACEHOLDER } from '../placeholder.ts';
import type { Profile } from '../profile.ts';
import { systemTrustPem } from '../system-trust.ts';
import { indent, oneOf, onOff, optional, size, whole } from './directive.ts';
import { errorPageLines } from './error-page.ts';
import { compressionLines } from './gzip.ts';
import { poolLines } from './tuning.ts';

/** Idle connections are kept for so many ways to use them; others open one for each request (design D4). */
const POOLED_PROFILES = 64;

const RETRY_WORDS: ReadonlySet<string> = new Set([
  ...['error', 'timeout', 'invalid_header', 'non_idempotent'],
  ...['http_403', 'http_404', 'http_429', 'http_500', 'http_502', 'http_503', 'http_504'],
]);
const TLS_WORDS: ReadonlySet<string> = new Set(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']);

/** Lines of the location of a profile, `grpc_pass` or `proxy_pass` last. */
export function profileLines(profile: Profile, tuning: TuningIR, tlsDirectory: string): readonly string[] {
  const { protocol, bodyLimitBytes, transfer = {}, retryOn, retryWithinMs, tls, hop } = profile;
  const prefix = protocol.startsWith('grpc') ? 'grpc' : 'proxy';
  return [
    ...optional(bodyLimitBytes, (bytes) => `client_max_body_size ${size(bytes)};`),
    ...optional(transfer.requestBufferBytes, (bytes) => `client_body_buffer_size ${size(bytes)};`),
    ...(prefix === 'proxy' ? transferLines(transfer, tuning) : grpcTransferLines(transfer)),
    ...(transfer.compression === undefined ? [] : compressionLines(transfer.compression, tuning)),
    ...optional(
      retryOn,
      (words) => `${prefix}_next_upstream ${words.map((word) => oneOf(RETRY_WORDS, word)).join(' ') || 'off'};`,
    ),
    ...(transfer.probesConnections === true ? [`${prefix}_socket_keepalive on;`] : []),
    ...optional(retryWithinMs, (ms) => `${prefix}_next_upstream_timeout ${whole(ms)}ms;`),
    ...errorPageLines(profile),
    ...(profile.unlogged === true ? ['access_log off;'] : []),
    ...(tls === undefined ? [] : tlsLines(prefix, tls, tlsDirectory)),
    ...(hop === true ? hopLines(prefix) : []),
    `${prefix}_pass ${protocol}://${hasOwnUpstream(profile) ? ownUpstreamName(profile) : `causeway_${protocol}`};`,
  ];
}

/**
 * One upstream block for each way to speak TLS: connections and sessions that were made with one identity, or not verified, are
 * never used with another. And one for each profile whose connections are used for another time than all others.
 */
export function ownUpstreams(profiles: readonly Profile[], tuning: TuningIR): readonly string[] {
  return profiles.filter(hasOwnUpstream).map(
    (profile, index) => `upstream ${ownUpstreamName(profile)} {
  server 0.0.0.1:1;
  balancer_by_lua_block { causeway.balance() }
${index < POOLED_PROFILES ? `${indent(poolLines(tuning, profile.transfer?.connections).join('\n'))}\n` : ''}}`,
  );
}

export interface TlsFile {
  /** In the folder for them. */
  readonly name: string;
  readonly text: string;
}

/** What the profiles read: certificates to verify with, certificates to show and their keys. */
export function tlsFiles(profiles: readonly Profile[]): readonly TlsFile[] {
  const texts = profiles.flatMap(({ tls }) =>
    [tls && trustOf(tls), tls?.certificate?.chainPem, tls?.certificate?.keyPem].flatMap((text) => text ?? []),
  );
  return [...new Set(texts)].map((text) => ({ name: fileName(text), text }));
}

function transferLines(transfer: TransferIR, tuning: TuningIR): readonly string[] {
  return [
    ...optional(transfer.requestBuffering, (on) => `proxy_request_buffering ${onOff(on)};`),
    ...optional(transfer.responseBuffering, (on) => `proxy_buffering ${onOff(on)};`),
    ...optional(transfer.httpVersion, (version) => `proxy_http_version ${version === '1.0' ? '1.0' : '1.1'};`),
    ...bufferLines(transfer, tuning),
  ];
}

/**
 * All of them as soon as one is wanted, as nginx checks them against each other.
 *
 * Source: nginx 1.22, ngx_http_proxy_merge_loc_conf: busy from the largest buffer to all but one; a file holds none, or at
 * least the largest buffer.
 */
function bufferLines(transfer: TransferIR, tuning: TuningIR): readonly string[] {
  const { responseBuffering, responseBuffers, responseBufferBytes, responseBusyBytes, responseFileBytes } = transfer;
  const wanted = [responseBuffering, responseBuffers, responseBufferBytes, responseBusyBytes, responseFileBytes];
  if (wanted.every((value) => value === undefined)) return [];
  const count = Math.max(2, responseBuffers ?? 4);
  const header = responseBufferBytes ?? tuning.backendHeaderBytes ?? 4 * 1024;
  const bytes = responseBufferBytes ?? Math.max(header, 32 * 1024);
  const largest = Math.max(header, bytes);
  const busy = Math.min(Math.max(responseBusyBytes ?? 2 * largest, largest), (count - 1) * bytes);
  return [
    `proxy_buffer_size ${size(header)};`,
    `proxy_buffers ${whole(count)} ${size(bytes)};`,
    `proxy_busy_buffers_size ${size(busy)};`,
    `proxy_temp_file_write_size ${size(largest)};`,
    ...optional(
      responseFileBytes,
      (file) => `proxy_max_temp_file_size ${size(file === 0 ? 0 : Math.max(file, largest))};`,
    ),
  ];
}

/** gRPC is never buffered; only the limit of the headers of an answer is there. */
function grpcTransferLines({ responseBufferBytes }: TransferIR): readonly string[] {
  return optional(responseBufferBytes, (bytes) => `grpc_buffer_size ${size(bytes)};`);
}

function tlsLines(prefix: 'grpc' | 'proxy', tls: BackendTlsIR, directory: string): readonly string[] {
  const line = (name: string, value: string): string => `${prefix}_ssl_${name} ${value};`;
  const file = (text: string): string => `${directory}/${fileName(text)}`;
  const trust = trustOf(tls);
  return [
    line('server_name', onOff(tls.sendName)),
    ...(tls.name === '' ? [] : [line('name', '$causeway_backend_name')]),
    ...(trust === undefined
      ? []
      : [
          line('verify', 'on'),
          line('verify_depth', whole(tls.verifyDepth ?? 1)),
          line('trusted_certificate', file(trust)),
        ]),
    ...(tls.certificate === undefined
      ? []
      : [line('certificate', file(tls.certificate.chainPem)), line('certificate_key', file(tls.certificate.keyPem))]),
    ...optional(tls.protocols, (words) => line('protocols', words.map((word) => oneOf(TLS_WORDS, word)).join(' '))),
    ...optional(tls.ciphers, (ciphers) => line('ciphers', cipherList(ciphers))),
  ];
}

/** The balancer says which peer is asked for, by its name. What the hop shows is all that is trusted: nobody else is sent anything. */
function hopLines(prefix: 'grpc' | 'proxy'): readonly string[] {
  return [
    `${prefix}_ssl_server_name on;`,
    `${prefix}_ssl_name $causeway_backend_name;`,
    `${prefix}_ssl_verify on;`,
    `${prefix}_ssl_trusted_certificate ${PLACEHOLDER.certificate};`,
    `${prefix}_ssl_session_reuse off;`,
  ];
}

function trustOf({ trustPem, trustsSystem }: BackendTlsIR): string | undefined {
  return trustsSystem === true ? systemTrustPem() : trustPem;
}

function hasOwnUpstream({ tls, hop, transfer }: Profile): boolean {
  return tls !== undefined || hop === true || transfer?.connections !== undefined;
}

function ownUpstreamName({ id }: Profile): string {
  return `causeway_${id}`;
}

function fileName(text: string): string {
  return `${hash('sha256', text).slice(0, 32)}.pem`;
}

/** Whoever made it has seen that OpenSSL takes it (apis/gateway/cipher-list.ts); here, that nginx reads one word. */
function cipherList(text: string): string {
  assert(/^[A-Za-z0-9!+@=_-]+(:[A-Za-z0-9!+@=_-]+)*$/.test(text), 'a cipher list');
  return text;
}
