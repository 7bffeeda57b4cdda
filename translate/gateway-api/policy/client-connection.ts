import type { ClientTls, ClientTrafficPolicySpec } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import {
  type ClientConnectionsIR,
  type ClientLimitsIR,
  type ListenerTlsIR,
  TLS_SIGNATURES,
  type TlsCurveIR,
  type TlsProtocolIR,
} from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';
import { bytesOf } from './byte-size.ts';
import type { Tell } from './tell.ts';

/** nginx knows no time without end. */
const NO_LIMIT_MS = 86_400_000;

/** What clients may do with a connection. Source: GW-41, GW-42. @returns undefined when nothing is said */
export function clientLimitsOf(
  { timeout, connection, http2, headers, path }: ClientTrafficPolicySpec,
  tell: Tell,
): ClientLimitsIR | undefined {
  const requestMs = limitOf(timeout?.http?.requestReceivedTimeout);
  const limit = connection?.connectionLimit;
  const connectionMs = limitOf(limit?.maxConnectionDuration);
  const streams = http2?.maxConcurrentStreams;
  const action = headers?.withUnderscoresAction;
  const streamIdleMs = limitOf(timeout?.http?.streamIdleTimeout);
  const bodyBufferBytes = sizeOf('connection.bufferLimit', connection?.bufferLimit, tell);
  const http2WindowBytes = sizeOf('http2.initialStreamWindowSize', http2?.initialStreamWindowSize, tell);
  const limits: ClientLimitsIR = {
    ...(requestMs === undefined ? {} : { requestMs }),
    ...(connectionMs === undefined ? {} : { connectionMs }),
    ...(streams === undefined ? {} : { http2Streams: streams }),
    ...(action === undefined ? {} : { underscoresInHeaders: action !== 'DropHeader' }),
    ...(streamIdleMs === undefined ? {} : { streamIdleMs }),
    ...(path?.disableMergeSlashes === true ? { mergesSlashes: false } : {}),
    ...(bodyBufferBytes === undefined ? {} : { bodyBufferBytes }),
    ...(http2WindowBytes === undefined ? {} : { http2WindowBytes }),
  };
  return Object.keys(limits).length === 0 ? undefined : limits;
}

/** How many connections clients may have at once. */
export type ConnectionLimit = Pick<ClientConnectionsIR, 'connections' | 'closeDelayMs'>;

/** Source: GW-42. */
export function connectionLimitOf({ connection }: ClientTrafficPolicySpec): ConnectionLimit | undefined {
  const { value, closeDelay } = connection?.connectionLimit ?? {};
  if (value === undefined) return undefined;
  const delayMs = closeDelay === undefined ? 0 : (parseDuration(closeDelay) ?? 0);
  return { connections: value, ...(delayMs > 0 ? { closeDelayMs: delayMs } : {}) };
}

/** Each request may take so much memory. */
const MOST_BYTES = 16_777_216;
const FEWEST_BYTES = 1024;

function sizeOf(field: string, size: number | string | undefined, tell: Tell): number | undefined {
  const bytes = size === undefined ? undefined : bytesOf(size);
  if (bytes === undefined || (bytes >= FEWEST_BYTES && bytes <= MOST_BYTES)) return bytes;
  const nearest = Math.min(MOST_BYTES, Math.max(FEWEST_BYTES, bytes));
  tell(field, `${size} is not between 1Ki and 16Mi: it is ${nearest} bytes`);
  return nearest;
}

function limitOf(duration: string | undefined): number | undefined {
  const ms = duration === undefined ? undefined : parseDuration(duration);
  return ms === 0 ? NO_LIMIT_MS : ms;
}

const CURVES: Readonly<Record<string, TlsCurveIR>> = {
  X25519: 'X25519',
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
};

/** What a listener offers at the beginning of a connection. Source: GW-42. */
export function handshakeOf(
  { minVersion = 'Auto', maxVersion = 'Auto', ecdhCurves = [], signatureAlgorithms = [], alpnProtocols }: ClientTls,
  tell: Tell,
): Pick<ListenerTlsIR, 'protocols' | 'curves' | 'signatures' | 'withoutHttp2'> {
  const protocols = protocolsOf(minVersion, maxVersion, tell);
  const curves: TlsCurveIR[] = [];
  for (const name of ecdhCurves) {
    const known = CURVES[name];
    if (known === undefined) tell('tls.ecdhCurves', `${name} is not among ${Object.keys(CURVES).join(', ')}`);
    else curves.push(known);
  }
  const signatures = TLS_SIGNATURES.filter((name) => signatureAlgorithms.includes(name));
  for (const name of signatureAlgorithms) {
    if (TLS_SIGNATURES.some((known) => known === name)) continue;
    tell('tls.signatureAlgorithms', `${name} is not among ${TLS_SIGNATURES.join(', ')}`);
  }
  if (alpnProtocols !== undefined && !alpnProtocols.includes('http/1.1')) {
    tell('tls.alpnProtocols', 'http/1.1 is always offered');
  }
  return {
    ...(protocols === undefined ? {} : { protocols }),
    ...(curves.length === 0 ? {} : { curves }),
    ...(signatures.length === 0 ? {} : { signatures }),
    ...(alpnProtocols === undefined || alpnProtocols.includes('h2') ? {} : { withoutHttp2: true }),
  };
}

/** Older ones than 1.2 are not served. */
export function protocolsOf(min: string, max: string, tell: Tell): readonly TlsProtocolIR[] | undefined {
  const old = ['1.0', '1.1'];
  if (old.includes(min)) tell('tls.minVersion', `${min} is not served: it is 1.2`);
  if (old.includes(max)) tell('tls.maxVersion', `${max} is not served: it is 1.2`);
  if (min === '1.3') return ['TLSv1.3'];
  return max !== 'Auto' && max !== '1.3' ? ['TLSv1.2'] : undefined;
}
