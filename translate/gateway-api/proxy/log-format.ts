/**
 * Format strings of Envoy for lines of the access log: texts with operators between `%`.
 *
 * Source: Envoy v1.37, "Access log format"; Envoy Gateway v1.7, ProxyAccessLogFormat.
 */
import type { LogOperatorIR, LogTextIR, LogValueIR } from '@causeway/ir/gateway';

const VALUES: Readonly<Record<string, LogValueIR>> = {
  BYTES_RECEIVED: 'bytesReceived',
  BYTES_SENT: 'bytesSent',
  CONNECTION_ID: 'connection',
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS: 'peer',
  DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT: 'peerAddress',
  DOWNSTREAM_LOCAL_ADDRESS: 'local',
  DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT: 'localAddress',
  DOWNSTREAM_LOCAL_PORT: 'localPort',
  DOWNSTREAM_REMOTE_ADDRESS: 'client',
  DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT: 'clientAddress',
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
const PSEUDO: Readonly<Record<string, LogValueIR>> = {
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

const OPERATOR = /%(?:%|([A-Z][A-Z0-9_]*)(?:\(([^()]*)\))?(?::(\d+))?%)/y;

/** What a format says; a text: why it says nothing. */
export function parseLogText(format: string): LogTextIR | string {
  const parts: (string | LogOperatorIR)[] = [];
  let text = '';
  let at = 0;
  while (at < format.length) {
    if (format[at] !== '%') {
      text += format[at];
      at += 1;
      continue;
    }
    OPERATOR.lastIndex = at;
    const found = OPERATOR.exec(format);
    if (found === null) return `no operator begins with ${JSON.stringify(format.slice(at, at + 30))}`;
    const [whole, name, argument, length] = found;
    at += whole.length;
    if (name === undefined) {
      text += '%';
      continue;
    }
    const values = valuesOf(name, argument);
    if (typeof values === 'string') return `${whole}: ${values}`;
    if (text !== '') parts.push(text);
    text = '';
    parts.push({ values, ...(length === undefined ? {} : { length: Number(length) }) });
  }
  return text === '' ? parts : [...parts, text];
}

function valuesOf(name: string, argument: string | undefined): readonly LogValueIR[] | string {
  if (name === 'REQ' || name === 'RESP') return headersOf(name, argument ?? '');
  const value = VALUES[name];
  if (value === undefined) return EMPTY.has(name) ? [] : 'the operator is not known';
  return argument === undefined ? [value] : 'only without an argument';
}

/** `X?Y`: X, or Y where there is none. */
function headersOf(operator: 'REQ' | 'RESP', argument: string): readonly LogValueIR[] | string {
  const names = argument.toLowerCase().split('?');
  const secret = names.find(isSecretHeader);
  if (secret !== undefined) return `header ${secret} is told to nobody`;
  const values = names.map((name): LogValueIR | undefined => {
    if (operator === 'REQ' && PSEUDO[name] !== undefined) return PSEUDO[name];
    if (!/^[a-z0-9_-]+$/.test(name)) return undefined;
    return operator === 'REQ' ? `request:${name}` : `response:${name}`;
  });
  const known = values.flatMap((value) => value ?? []);
  return known.length === values.length && names.length <= 2 ? known : 'no name of a header';
}
