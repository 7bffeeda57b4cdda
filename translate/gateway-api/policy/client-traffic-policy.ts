import type { ClientHeaders, ClientTrafficPolicySpec } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import { headerNameMistake, headerValueMistake } from '@causeway/apis/gateway/header-rules';
import type { HeaderField } from '@causeway/apis/gateway-api/header-modifier';
import type {
  CertificateHeaderIR,
  ClientFromHeaderIR,
  ClientKeepaliveIR,
  ClientLimitsIR,
  FilterIR,
  HeaderChangeIR,
  HostTlsIR,
  ListenerTlsIR,
  RemoveHeadersIR,
  RequestDeadlineIR,
  RequestFormIR,
} from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { parseDuration } from '../duration.ts';
import { parseOperators } from '../operator-text.ts';
import { type ConnectionLimit, clientLimitsOf, connectionLimitOf, handshakeOf } from './client-connection.ts';
import { clientTlsOf } from './client-tls.ts';
import { durationLimit } from './duration-limit.ts';
import { certificateHeaderOf } from './forwarded-certificate.ts';
import type { Policy } from './policy-kind.ts';
import { readSettings } from './settings.ts';
import type { Tell } from './tell.ts';
import { textTestOf } from './text-test.ts';
import { unservedSettings } from './unserved.ts';

export interface ClientTrafficTranslation {
  /** For all requests of the listener. */
  readonly filters: readonly FilterIR[];
  /** The same, before anybody asks who the client is. */
  readonly client?: ClientFromHeaderIR;
  readonly certificateHeader?: CertificateHeaderIR;
  /** Between two parts of a request or an answer. */
  readonly streamIdleMs?: number;
  readonly keepalive?: ClientKeepaliveIR;
  readonly limits?: ClientLimitsIR;
  readonly connectionLimit?: ConnectionLimit;
  /** Connections begin with a header of the PROXY protocol, or some of them do; it is believed. */
  readonly proxyProtocol?: 'required' | 'optional';
  /** Connections of layer 4 end when nothing was sent for so long. */
  readonly idleMs?: number;
  /** For listeners that end TLS. */
  readonly handshake?: Pick<ListenerTlsIR, 'protocols' | 'curves' | 'signatures' | 'withoutHttp2'>;
  /** Requests for it are answered here. */
  readonly healthPath?: string;
  /** For the hosts of routes at listeners that end TLS. */
  readonly hostTls?: HostTlsIR;
  /** Networks of proxies that are believed, where it is for a whole Gateway. */
  readonly trustedProxies?: readonly string[];
  /** The same, by their number. */
  readonly trustedHops?: number;
  /** Settings that have no effect, with the path of the field. */
  readonly problems: readonly string[];
  /** Settings that stand where they stood once. */
  readonly deprecated: readonly string[];
}

/** Between requests, unless something else is said (GW-41). */
const IDLE_MS = 3_600_000;
/** nginx knows no time without end. */
const NO_LIMIT_MS = 86_400_000;
const MANY_REQUESTS = 1e9;

/** How clients connect to a listener. Source: GW-41, GW-42. */
export function translateClientTrafficPolicy(
  view: View,
  policy: Policy<'ClientTrafficPolicy'>,
): ClientTrafficTranslation {
  const problems: string[] = [...unservedSettings('ClientTrafficPolicy', policy)];
  const tell: Tell = (field, message) => {
    problems.push(`spec.${field}: ${message}`);
  };
  const spec = withOldTimeouts(policy.spec, tell);
  const keepalive = keepaliveOf(spec);
  const hostTls = spec.tls === undefined ? undefined : clientTlsOf(spec.tls, { view, policy, tell });
  const { xForwardedFor, customHeader } = spec.clientIPDetection ?? {};
  const { trustedCIDRs: trustedProxies, numTrustedHops: trustedHops } = xForwardedFor ?? {};
  const limits = clientLimitsOf(spec, tell);
  const connectionLimit = connectionLimitOf(spec);
  const forwarded = spec.headers?.xForwardedClientCert;
  const certificateHeader = forwarded && certificateHeaderOf(forwarded);
  const idle = spec.timeout?.tcp?.idleTimeout;
  const idleMs = idle === undefined ? undefined : parseDuration(idle);
  tellOthers(spec, tell);
  return {
    filters: [
      ...durationLimit(spec.connection?.connectionLimit?.maxStreamDuration),
      ...formOf(spec),
      ...deadlineOf(limits?.requestMs),
      ...headerFilters(spec.headers, tell),
    ],
    ...(certificateHeader === undefined ? {} : { certificateHeader }),
    ...(customHeader === undefined ? {} : { client: fromHeader(customHeader) }),
    ...(limits?.streamIdleMs === undefined ? {} : { streamIdleMs: limits.streamIdleMs }),
    ...(keepalive === undefined ? {} : { keepalive }),
    ...(hostTls === undefined ? {} : { hostTls }),
    ...(spec.tls === undefined ? {} : { handshake: handshakeOf(spec.tls, tell) }),
    ...(limits === undefined ? {} : { limits }),
    ...(connectionLimit === undefined ? {} : { connectionLimit }),
    ...proxyProtocolOf(spec),
    ...(idleMs === undefined ? {} : { idleMs: idleMs === 0 ? NO_LIMIT_MS : idleMs }),
    ...(spec.healthCheck === undefined ? {} : { healthPath: spec.healthCheck.path }),
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
    ...(trustedHops === undefined ? {} : { trustedHops }),
    problems,
    deprecated: spec.settings?.timeout === undefined ? [] : ['spec.settings.timeout: write spec.timeout'],
  };
}

/** Fields below `settings.timeout` that have an effect. */
const OLD_TIMEOUTS = [
  'tcp.idleTimeout',
  'http.requestReceivedTimeout',
  'http.idleTimeout',
  'http.streamIdleTimeout',
] as const;

/** What stands in `settings` counts where `timeout` says nothing of it. Source: GW-41. */
function withOldTimeouts(spec: ClientTrafficPolicySpec, tell: Tell): ClientTrafficPolicySpec {
  const { timeout, settings } = spec;
  if (settings?.timeout === undefined) return spec;
  const old = readSettings(settings.timeout, OLD_TIMEOUTS, (field, message) =>
    tell(`settings.timeout.${field}`, message),
  );
  const ofConnection = old['tcp.idleTimeout'];
  const received = old['http.requestReceivedTimeout'];
  const idle = old['http.idleTimeout'];
  const streamIdle = old['http.streamIdleTimeout'];
  return {
    ...spec,
    timeout: {
      tcp: { ...(ofConnection === undefined ? {} : { idleTimeout: ofConnection }), ...timeout?.tcp },
      http: {
        ...(received === undefined ? {} : { requestReceivedTimeout: received }),
        ...(idle === undefined ? {} : { idleTimeout: idle }),
        ...(streamIdle === undefined ? {} : { streamIdleTimeout: streamIdle }),
        ...timeout?.http,
      },
    },
  };
}

/** Values that are not served, of fields of which others are. */
function tellOthers({ headers, http1, scheme }: ClientTrafficPolicySpec, tell: Tell): void {
  if (scheme === 'Preserve') tell('scheme', 'Preserve is not served: backends are told that of their own connection');
  if (headers?.enableEnvoyHeaders === true) tell('headers.enableEnvoyHeaders', 'true is not served');
  if (http1?.http10?.useDefaultHost === true) tell('http1.http10.useDefaultHost', 'true is not served');
}

function proxyProtocolOf({
  proxyProtocol,
  enableProxyProtocol,
}: ClientTrafficPolicySpec): Pick<ClientTrafficTranslation, 'proxyProtocol'> {
  if (proxyProtocol?.optional === true) return { proxyProtocol: 'optional' };
  return proxyProtocol === undefined && enableProxyProtocol !== true ? {} : { proxyProtocol: 'required' };
}

const SLASHES = {
  KeepUnchanged: undefined,
  RejectRequest: 'reject',
  UnescapeAndForward: 'replace',
  UnescapeAndRedirect: 'redirect',
} as const;

/** GW-42. Without a word about paths they are passed on as they are; names with `_` are refused unless it says otherwise. */
function formOf({ path, headers }: ClientTrafficPolicySpec): readonly RequestFormIR[] {
  const slashes = path === undefined ? undefined : SLASHES[path.escapedSlashesAction ?? 'UnescapeAndRedirect'];
  const rejects = (headers?.withUnderscoresAction ?? 'RejectRequest') === 'RejectRequest';
  if (slashes === undefined && !rejects) return [];
  return [
    {
      type: 'requestForm',
      ...(slashes === undefined ? {} : { slashes }),
      ...(rejects ? { rejectsUnderscores: true } : {}),
    },
  ];
}

/** nginx itself closes connections of which a part of the body does not come, and answers nothing. */
function deadlineOf(ms: number | undefined): readonly RequestDeadlineIR[] {
  return ms === undefined || ms === NO_LIMIT_MS ? [] : [{ type: 'requestDeadline', ms }];
}

function fromHeader({
  name,
  failClosed = false,
}: NonNullable<NonNullable<ClientTrafficPolicySpec['clientIPDetection']>['customHeader']>): ClientFromHeaderIR {
  return { type: 'clientFromHeader', name: name.toLowerCase(), required: failClosed };
}

function keepaliveOf({ timeout, tcpKeepalive, connection }: ClientTrafficPolicySpec): ClientKeepaliveIR | undefined {
  const idle = timeout?.http?.idleTimeout;
  const idleMs = idle === undefined ? undefined : parseDuration(idle);
  const tcp = tcpKeepalive === undefined ? undefined : probesOf(tcpKeepalive);
  const requests = connection?.connectionLimit?.maxRequestsPerConnection;
  if (idleMs === undefined && tcp === undefined && requests === undefined) return undefined;
  return {
    ...(tcp === undefined ? {} : { tcp }),
    http: { timeoutMs: idleMs === 0 ? NO_LIMIT_MS : (idleMs ?? IDLE_MS), requests: requests ?? MANY_REQUESTS },
  };
}

function probesOf({
  probes = 9,
  idleTime = '7200s',
  interval = '75s',
}: NonNullable<ClientTrafficPolicySpec['tcpKeepalive']>): NonNullable<ClientKeepaliveIR['tcp']> {
  return {
    probes,
    idleMs: Math.max(1000, parseDuration(idleTime) ?? 0),
    intervalMs: Math.max(1000, parseDuration(interval) ?? 0),
  };
}

const EARLY = 'headers.earlyRequestHeaders';

function headerFilters(headers: ClientHeaders | undefined, tell: Tell): readonly FilterIR[] {
  const request = [...numberOf(headers), ...changesOf(headers?.earlyRequestHeaders, EARLY, tell)];
  const response = changesOf(headers?.lateResponseHeaders, 'headers.lateResponseHeaders', tell);
  return [
    ...(request.length === 0 ? [] : [{ type: 'requestHeaders' as const, changes: request }]),
    ...(response.length === 0 ? [] : [{ type: 'responseHeaders' as const, changes: response, late: true as const }]),
    ...removedOf('request', headers?.earlyRequestHeaders, EARLY, tell),
    ...removedOf('answer', headers?.lateResponseHeaders, 'headers.lateResponseHeaders', tell),
  ];
}

function removedOf(
  of: RemoveHeadersIR['of'],
  changes: ClientHeaders['earlyRequestHeaders'],
  field: string,
  tell: Tell,
): readonly RemoveHeadersIR[] {
  const names = (changes?.removeOnMatch ?? []).flatMap(
    (match, index) => textTestOf(match, `${field}.removeOnMatch[${index}]`, tell) ?? [],
  );
  return names.length === 0 ? [] : [{ type: 'removeHeaders', of, names }];
}

/** GW-42: what X-Request-ID says. Without a word about it backends get it as the client sends it. */
function numberOf(headers: ClientHeaders | undefined): readonly HeaderChangeIR[] {
  const kept = headers?.preserveXRequestID === true ? 'PreserveOrGenerate' : undefined;
  const name = 'X-Request-ID';
  switch (headers?.requestID ?? kept) {
    case 'Generate':
      return [{ op: 'set', name, value: [{ variable: 'request_id' }] }];
    case 'PreserveOrGenerate':
      return [{ op: 'default', name, value: [{ variable: 'request_id' }] }];
    default:
      return [];
  }
}

function changesOf(
  changes: ClientHeaders['earlyRequestHeaders'],
  field: string,
  tell: Tell,
): readonly HeaderChangeIR[] {
  const { set = [], add = [], addIfAbsent = [], remove = [] } = changes ?? {};
  const ofRequest = field === EARLY;
  const written: readonly (readonly ['set' | 'add' | 'default', HeaderField])[] = [
    ...set.map((header) => ['set', header] as const),
    ...add.map((header) => ['add', header] as const),
    ...addIfAbsent.map((header) => ['default', header] as const),
  ];
  return [
    ...written.flatMap(([op, { name, value }]): readonly HeaderChangeIR[] => {
      const mistake = headerNameMistake(name) ?? headerValueMistake(value);
      const parsed = parseOperators(value, ofRequest ? 'request' : 'answer');
      if (mistake === undefined && typeof parsed !== 'string') return [{ op, name, value: parsed }];
      tell(field, mistake ?? `${name}: ${parsed}`);
      // What the client says of it is not what was meant, either.
      return mistake === undefined && op === 'set' && ofRequest ? [{ op: 'remove', name }] : [];
    }),
    ...remove.flatMap((name): readonly HeaderChangeIR[] => {
      const mistake = headerNameMistake(name);
      if (mistake !== undefined) tell(field, mistake);
      return mistake === undefined ? [{ op: 'remove', name }] : [];
    }),
  ];
}
