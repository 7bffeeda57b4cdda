/** What operators of Envoy (`%REQ(X-A)%`) say of a request, the same in headers, bodies and lines of the log. */
import { byteAt, indexOf, lowerCase, slice } from '#platform';
import { type TimePart, timeOfCertificate, timeText } from './time-text.ts';

/** A part of a text. */
export interface Operator {
  /** The first that there is counts. */
  readonly values: readonly string[];
  /** Bytes at most. */
  readonly length?: number;
  readonly time?: readonly TimePart[];
  readonly absent?: string;
}

/** What is known under a name, as it was sent, or as nginx says it; `''`: nothing. */
export type ReadValue = (this: void, name: string) => string | number | undefined;

/** @returns undefined when there is none */
export function operatorValue(operator: Operator, read: ReadValue): string | number | undefined {
  const { length } = operator;
  for (const name of operator.values) {
    const value = requestValue(name, operator.time, read);
    if (value !== undefined) return length === undefined ? value : slice(`${value}`, 0, length);
  }
  return undefined;
}

/** For a header or a body: control characters are blanks. */
export function operatorText(operator: Operator, read: ReadValue): string {
  const value = operatorValue(operator, read);
  return value === undefined ? (operator.absent ?? '') : withoutControls(`${value}`);
}

/** A value by its name, or what follows from others. @returns undefined when there is none */
export function requestValue(
  name: string,
  time: readonly TimePart[] | undefined,
  read: ReadValue,
): string | number | undefined {
  if (name === 'time') return toldTime(read('time'), time);
  if (name === 'client') return endpoint(read('clientAddress'), clientPort(read));
  if (name === 'clientPort') return clientPort(read);
  if (name === 'peer') return endpoint(read('peerAddress'), read('peerPort'));
  if (name === 'local') return endpoint(read('localAddress'), read('localPort'));
  if (name === 'details') return detailsOf(read);
  if (name === 'flags') return flagsOf(read);
  const value = read(name);
  if (value === undefined || value === '') return undefined;
  if (name === 'protocol' && value === 'HTTP/2.0') return 'HTTP/2';
  if (name === 'certificateStart' || name === 'certificateEnd') {
    const ms = timeOfCertificate(`${value}`);
    return ms === undefined ? undefined : timeText(ms, time);
  }
  return name === 'certificateSerial' || name === 'certificateSha1' ? lowerCase(`${value}`) : value;
}

function toldTime(ms: string | number | undefined, time: readonly TimePart[] | undefined): string | undefined {
  return ms === undefined ? undefined : timeText(toldNumber(ms), time);
}

/** Whole milliseconds are numbers wherever they come from. */
function toldNumber(value: string | number | undefined): number {
  return typeof value === 'number' ? value : 0;
}

/** Of a client behind a proxy nobody knows the port. */
function clientPort(read: ReadValue): string | number | undefined {
  return read('clientAddress') === read('peerAddress') ? read('peerPort') : 0;
}

function endpoint(address: string | number | undefined, port: string | number | undefined): string | undefined {
  if (address === undefined || address === '') return undefined;
  const text = `${address}`;
  return indexOf(text, ':', 0) < 0 ? `${text}:${port ?? 0}` : `[${text}]:${port ?? 0}`;
}

function detailsOf(read: ReadValue): string {
  const reason = read('reason');
  if (reason !== undefined && reason !== '') return `${reason}`;
  return read('upstream') === undefined ? 'direct_response' : 'via_upstream';
}

/** Source: Envoy v1.37, %RESPONSE_FLAGS%: those that have a meaning here. */
function flagsOf(read: ReadValue): string | undefined {
  const reason = `${read('reason') ?? ''}`;
  const end = indexOf(reason, ' : ', 0);
  const kind = end < 0 ? reason : slice(reason, 0, end);
  const status = read('status');
  if (status === 499) return 'DC';
  if (kind === 'TimeoutViaBackend') return 'UT';
  if (kind === 'InvalidUpstream') return 'NR';
  if (kind === 'InvalidBalancer') return 'UH';
  if (kind === 'TooManyRequests') return 'RL';
  if (kind === 'CircuitBreaker') return 'UO';
  if (kind === 'FaultInjection') return 'FI';
  if (kind === 'AuthFail' || kind === 'AccessDenied') return 'UAEX';
  return kind !== '' && read('upstream') !== undefined && toldNumber(status) >= 500 ? 'UF' : undefined;
}

/** A text for a header: control characters become blanks. */
export function withoutControls(text: string): string {
  let clean = '';
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const byte = byteAt(text, i) ?? 0;
    if ((byte >= 32 || byte === 9) && byte !== 127) continue;
    clean = `${clean}${slice(text, start, i)} `;
    start = i + 1;
  }
  return start === 0 ? text : clean + slice(text, start, text.length);
}
