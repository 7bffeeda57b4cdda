import type { ClientHeaders, ClientTrafficPolicySpec } from '@causeway/apis/envoy-gateway/client-traffic-policy';
import { headerNameMistake, headerValueMistake } from '@causeway/apis/gateway/header-rules';
import type { ClientKeepaliveIR, FilterIR, HeaderChangeIR, HostTlsIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { parseDuration } from '../duration.ts';
import { clientTlsOf } from './client-tls.ts';
import type { Policy } from './policy-kind.ts';
import { readSettings } from './settings.ts';
import type { Tell } from './tell.ts';
import { unservedSettings } from './unserved.ts';

export interface ClientTrafficTranslation {
  /** For all requests of the listener. */
  readonly filters: readonly FilterIR[];
  readonly keepalive?: ClientKeepaliveIR;
  /** For the hosts of routes at listeners that end TLS. */
  readonly hostTls?: HostTlsIR;
  /** Networks of proxies that are believed, where it is for a whole Gateway. */
  readonly trustedProxies?: readonly string[];
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
  const { spec } = policy;
  const problems: string[] = [...unservedSettings('ClientTrafficPolicy', policy)];
  const tell: Tell = (field, message) => {
    problems.push(`spec.${field}: ${message}`);
  };
  const keepalive = keepaliveOf(spec, tell);
  const hostTls = spec.tls === undefined ? undefined : clientTlsOf(spec.tls, { view, policy, tell });
  const trustedProxies = spec.clientIPDetection?.xForwardedFor?.trustedCIDRs;
  return {
    filters: headerFilters(spec.headers, tell),
    ...(keepalive === undefined ? {} : { keepalive }),
    ...(hostTls === undefined ? {} : { hostTls }),
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
    problems,
    deprecated: spec.settings?.timeout === undefined ? [] : ['spec.settings.timeout: write spec.timeout'],
  };
}

function keepaliveOf(
  { timeout, settings, tcpKeepalive }: ClientTrafficPolicySpec,
  tell: Tell,
): ClientKeepaliveIR | undefined {
  const old = readSettings(settings?.timeout, ['http.idleTimeout'], (field, message) =>
    tell(`settings.timeout.${field}`, message),
  );
  const idle = timeout?.http?.idleTimeout ?? old['http.idleTimeout'];
  const idleMs = idle === undefined ? undefined : parseDuration(idle);
  const tcp = tcpKeepalive === undefined ? undefined : probesOf(tcpKeepalive);
  if (idleMs === undefined && tcp === undefined) return undefined;
  return {
    ...(tcp === undefined ? {} : { tcp }),
    http: { timeoutMs: idleMs === 0 ? NO_LIMIT_MS : (idleMs ?? IDLE_MS), requests: MANY_REQUESTS },
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

function headerFilters(headers: ClientHeaders | undefined, tell: Tell): readonly FilterIR[] {
  const request = changesOf(headers?.earlyRequestHeaders, 'headers.earlyRequestHeaders', tell);
  const response = changesOf(headers?.lateResponseHeaders, 'headers.lateResponseHeaders', tell);
  return [
    ...(request.length === 0 ? [] : [{ type: 'requestHeaders' as const, changes: request }]),
    ...(response.length === 0 ? [] : [{ type: 'responseHeaders' as const, changes: response }]),
  ];
}

function changesOf(
  changes: ClientHeaders['earlyRequestHeaders'],
  field: string,
  tell: Tell,
): readonly HeaderChangeIR[] {
  const { set = [], add = [], remove = [] } = changes ?? {};
  const written: readonly HeaderChangeIR[] = [
    ...set.map(({ name, value }): HeaderChangeIR => ({ op: 'set', name, value: [value] })),
    ...add.map(({ name, value }): HeaderChangeIR => ({ op: 'add', name, value: [value] })),
    ...remove.map((name): HeaderChangeIR => ({ op: 'remove', name })),
  ];
  return written.filter((change) => {
    const value = change.op === 'set' || change.op === 'add' ? change.value.join('') : '';
    const mistake = headerNameMistake(change.name) ?? headerValueMistake(value);
    if (mistake !== undefined) tell(field, mistake);
    return mistake === undefined;
  });
}
