/**
 * Texts with operators of Envoy between `%`: formats of lines of the log, values of headers, bodies of answers.
 *
 * Envoy Gateway hands such texts on to Envoy as they are, and Envoy takes nothing of a configuration with one that it does not know. Here a text that
 * merely has a `%` in it (`50% off`, `a%20b`) stays what it is, but for formats of the log.
 *
 * Source: Envoy v1.37, "Substitution Formatter"; Envoy Gateway v1.7, buildXdsAddedHeaders and buildResponseAction.
 */
import type { OperatorIR, OperatorTextIR, RequestValueIR } from '@causeway/ir/gateway';
import { parseTimeFormat } from './time-format.ts';

/** Where a text is put together: when a request comes, when its answer is known, as an answer, or afterwards. */
export type OperatorPlace = 'request' | 'answer' | 'body' | 'log';

const VALUES: Readonly<Record<string, RequestValueIR>> = {
  BYTES_RECEIVED: 'bytesReceived',
  BYTES_SENT: 'bytesSent',
  CONNECTION_ID: 'connection',
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: 'peer',
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: 'peerAddress',
  DOWNSTREAM_DIRECT_REMOTE_PORT: 'peerPort',
  DOWNSTREAM_LOCAL_ADDRESS: 'local',
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: 'localAddress',
  DOWNSTREAM_LOCAL_PORT: 'localPort',
  DOWNSTREAM_PEER_CERT: 'certificate',
  DOWNSTREAM_PEER_CERT_V_END: 'certificateEnd',
  DOWNSTREAM_PEER_CERT_V_START: 'certificateStart',
  DOWNSTREAM_PEER_DNS_SAN: 'certificateNames',
  DOWNSTREAM_PEER_EMAIL_SAN: 'certificateEmails',
  DOWNSTREAM_PEER_FINGERPRINT_1: 'certificateSha1',
  DOWNSTREAM_PEER_FINGERPRINT_256: 'certificateHash',
  DOWNSTREAM_PEER_IP_SAN: 'certificateAddresses',
  DOWNSTREAM_PEER_ISSUER: 'certificateIssuer',
  DOWNSTREAM_PEER_SERIAL: 'certificateSerial',
  DOWNSTREAM_PEER_SUBJECT: 'certificateSubject',
  DOWNSTREAM_PEER_URI_SAN: 'certificateUris',
  DOWNSTREAM_REMOTE_ADDRESS: 'client',
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: 'clientAddress',
  DOWNSTREAM_REMOTE_PORT: 'clientPort',
  DOWNSTREAM_TLS_CIPHER: 'tlsCipher',
  DOWNSTREAM_TLS_VERSION: 'tlsVersion',
  DURATION: 'durationMs',
  HOSTNAME: 'hostname',
  PROTOCOL: 'protocol',
  REQUESTED_SERVER_NAME: 'serverName',
  RESPONSE_CODE: 'status',
  RESPONSE_CODE_DETAILS: 'details',
  RESPONSE_FLAGS: 'flags',
  ROUTE_NAME: 'routeName',
  START_TIME: 'time',
  STREAM_ID: 'requestId',
  TRACE_ID: 'traceId',
  UNIQUE_ID: 'uniqueId',
  UPSTREAM_HOST: 'upstream',
  UPSTREAM_REQUEST_ATTEMPT_COUNT: 'attempts',
};
/** Of what there is nothing here; formats that are written for Envoy have them. */
const EMPTY: ReadonlySet<string> = new Set([
  'CONNECTION_TERMINATION_DETAILS',
  'UPSTREAM_CLUSTER',
  'UPSTREAM_LOCAL_ADDRESS',
  'UPSTREAM_TRANSPORT_FAILURE_REASON',
]);
/** Of Envoy, and why they are not here. */
const UNSERVED: Readonly<Record<string, string>> = {
  CEL: 'expressions are not served',
  CLUSTER_METADATA: 'there is no such metadata',
  DYNAMIC_METADATA: 'there is no such metadata',
  ENVIRONMENT: 'the environment of a data plane is told to nobody',
  FILTER_STATE: 'there is no such state',
  TLS_JA3_FINGERPRINT: 'fingerprints of TLS are not served',
  TLS_JA4_FINGERPRINT: 'fingerprints of TLS are not served',
  UPSTREAM_FILTER_STATE: 'there is no such state',
  UPSTREAM_METADATA: 'there is no such metadata',
};
const TIMES: ReadonlySet<RequestValueIR> = new Set(['time', 'certificateStart', 'certificateEnd']);
/** Of the answer: nothing, while a request is on its way there. */
const OF_ANSWER: ReadonlySet<RequestValueIR> = new Set([
  ...(['attempts', 'bytesSent', 'details', 'durationMs', 'flags', 'status', 'upstream'] as const),
]);
const PSEUDO: Readonly<Record<string, RequestValueIR>> = {
  ':authority': 'host',
  ':method': 'method',
  ':path': 'target',
  ':scheme': 'scheme',
};
/** They say who somebody is, and go to no log (design D12). */
const SECRET: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);

/** @param name in lower case */
export function isSecretHeader(name: string): boolean {
  return SECRET.has(name);
}

const OPERATOR = /%(?:%|([A-Z][A-Z0-9_]+)(?:\(([^()]*)\))?(?::(\d+))?%)/y;
/** What somebody meant to be one. */
const BEGINNING = /%([A-Z][A-Z0-9_]+)(?:\(|:\d)/y;
/** Letters of `a%C3%A4`, which is no operator. */
const ENCODED = /^[0-9A-F]{2}/;

/** What a text says; a text: what is wrong with it. */
export function parseOperators(written: string, place: OperatorPlace): OperatorTextIR | string {
  const parts: (string | OperatorIR)[] = [];
  let text = '';
  let at = 0;
  while (at < written.length) {
    OPERATOR.lastIndex = at;
    const found = written[at] === '%' ? OPERATOR.exec(written) : undefined;
    if (!found || isEncoded(found[1], place)) {
      if (written[at] === '%' && (place === 'log' || isBeginning(written, at))) {
        return `no operator begins with ${JSON.stringify(written.slice(at, at + 30))}`;
      }
      text += written[at];
      at += 1;
      continue;
    }
    const [whole, name, argument, length] = found;
    at += whole.length;
    if (name === undefined) {
      text += '%';
      continue;
    }
    const operator = operatorOf(name, argument, place);
    if (typeof operator === 'string') return `${whole}: ${operator}`;
    if (text !== '') parts.push(text);
    text = '';
    parts.push({ ...operator, ...(length === undefined ? {} : { length: Number(length) }) });
  }
  return text === '' && parts.length > 0 ? parts : [...parts, text];
}

function isEncoded(name: string | undefined, place: OperatorPlace): boolean {
  return place !== 'log' && name !== undefined && ENCODED.test(name) && !isKnown(name);
}

function isBeginning(written: string, at: number): boolean {
  BEGINNING.lastIndex = at;
  const name = BEGINNING.exec(written)?.[1];
  return name !== undefined && isKnown(name);
}

function isKnown(name: string): boolean {
  return name === 'REQ' || name === 'RESP' || name in VALUES || EMPTY.has(name) || name in UNSERVED;
}

function operatorOf(name: string, argument: string | undefined, place: OperatorPlace): OperatorIR | string {
  const absent = place === 'body' ? { absent: '-' } : {};
  if (name === 'REQ' || name === 'RESP') {
    const values = headersOf(name, argument ?? '', place);
    return typeof values === 'string' ? values : { values: known(values, place), ...absent };
  }
  const value = VALUES[name];
  if (value === undefined)
    return EMPTY.has(name) ? { values: [], ...absent } : (UNSERVED[name] ?? 'the operator is not known');
  const values = known([value], place);
  if (argument === undefined || (argument === '' && TIMES.has(value))) return { values, ...absent };
  if (!TIMES.has(value)) return 'only without an argument';
  const time = parseTimeFormat(argument);
  return typeof time === 'string' ? time : { values, time, ...absent };
}

function known(values: readonly RequestValueIR[], place: OperatorPlace): readonly RequestValueIR[] {
  if (place !== 'request') return values;
  return values.filter((value) => !OF_ANSWER.has(value) && !value.startsWith('response:'));
}

/** `X?Y`: X, or Y where there is none. */
function headersOf(
  operator: 'REQ' | 'RESP',
  argument: string,
  place: OperatorPlace,
): readonly RequestValueIR[] | string {
  const names = argument.toLowerCase().split('?');
  const secret = place === 'log' ? names.find(isSecretHeader) : undefined;
  if (secret !== undefined) return `header ${secret} is told to nobody`;
  const values = names.map((name): RequestValueIR | undefined => {
    if (operator === 'REQ' && PSEUDO[name] !== undefined) return PSEUDO[name];
    if (operator === 'RESP' && name === ':status') return 'status';
    if (!/^[a-z0-9_-]+$/.test(name)) return undefined;
    return operator === 'REQ' ? `request:${name}` : `response:${name}`;
  });
  const all = values.flatMap((value) => value ?? []);
  return all.length === values.length && names.length <= 2 ? all : 'no name of a header';
}
