/** Lines of nginx.conf for what users may tune; every one is a number or a switch (design D7). Pure. */
import type { PoolIR, TuningIR } from '@causeway/ir/gateway';
import { onOff, optional, size, time, whole } from './directive.ts';

/** Limits and times of clients. */
export function clientLines(tuning: TuningIR): string {
  const headers = tuning.requestHeaderBuffers ?? { count: 4, bytes: 16 * 1024 };
  return [
    `underscores_in_headers ${onOff(tuning.underscoresInHeaders ?? true)};`,
    `client_max_body_size ${size(tuning.maxRequestBodyBytes ?? 0)};`,
    `large_client_header_buffers ${whole(headers.count)} ${size(headers.bytes)};`,
    `keepalive_timeout ${time(tuning.clientIdleMs ?? 75_000)};`,
    `keepalive_requests ${whole(tuning.clientRequestsPerConnection ?? 1_000_000)};`,
    `http2_max_concurrent_streams ${whole(tuning.http2Streams ?? 128)};`,
    ...optional(tuning.requestBodyBufferBytes, (value) => `client_body_buffer_size ${size(value)};`),
    ...optional(tuning.requestHeaderMs, (value) => `client_header_timeout ${time(value)};`),
    ...optional(tuning.requestBodyMs, (value) => `client_body_timeout ${time(value)};`),
    ...optional(tuning.answerMs, (value) => `send_timeout ${time(value)};`),
    ...optional(tuning.ignoreInvalidHeaders, (value) => `ignore_invalid_headers ${onOff(value)};`),
  ].join('\n');
}

/** The size of the first part of an answer, with its header. nginx wants its other buffers to be as large, though none is used. */
export function backendBufferLines({ backendHeaderBytes }: TuningIR): string {
  if (backendHeaderBytes === undefined) return 'proxy_buffer_size 4k;';
  const bytes = size(backendHeaderBytes);
  return `proxy_buffer_size ${bytes};\nproxy_buffers 8 ${bytes};\ngrpc_buffer_size ${bytes};`;
}

/** The pool of connections of one way to speak to backends. */
export function poolLines(tuning: TuningIR, own: PoolIR = {}): readonly string[] {
  return [
    `keepalive ${whole(tuning.backendIdleConnections ?? 320)};`,
    `keepalive_requests ${whole(own.requests ?? tuning.backendRequestsPerConnection ?? 100_000_000)};`,
    ...optional(own.idleMs ?? tuning.backendIdleMs, (value) => `keepalive_timeout ${time(value)};`),
    ...optional(own.lifetimeMs, (value) => `keepalive_time ${time(value)};`),
  ];
}
