/**
 * Location profiles: nginx settings for which nginx takes no variables (design D4). Routes with equal settings share one; its id is
 * a hash of them, so that what a route needs can be looked up in a configuration, and a profile never changes.
 *
 * What can be said per request stays in the record of the route: timeouts and the number of attempts; the name of a backend
 * is a variable, so that no text of a user is in nginx.conf.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import type { BackendTlsIR, FilterIR, ForwardIR, InstanceIR, RouteActionIR, TransferIR } from '@causeway/ir/gateway';
import { backendClasses } from './backend-class.ts';
import { takesHop, towardsHop } from './backend-hop.ts';
import { clientWays } from './client-protocol.ts';

/** Towards backends; grpcs and https are with TLS. */
export const PROTOCOLS = ['http', 'https', 'grpc', 'grpcs'] as const;
type ForwardProtocol = (typeof PROTOCOLS)[number];

export interface Profile extends ProfileSettings {
  /** `p_` and 16 hexadecimal digits; of a protocol without further settings its name. */
  readonly id: string;
}

interface ProfileSettings {
  readonly protocol: ForwardProtocol;
  /** For requests that do not say how large they are; 0: no limit. */
  readonly bodyLimitBytes?: number;
  readonly transfer?: TransferIR;
  readonly retryOn?: NonNullable<ForwardIR['retry']['on']>;
  readonly retryWithinMs?: number;
  /** Of answers that do not reach the client, since another attempt follows; not empty. */
  readonly repeatedStatuses?: readonly number[];
  readonly unlogged?: true;
  readonly tls?: BackendTlsIR;
  /** Instead of {@link tls}: the layer 4 process reaches the backends. */
  readonly hop?: true;
  /** That other backends answer. */
  readonly errors?: { readonly statuses: readonly number[]; readonly intercept: boolean };
}

/** What answers to calls that are taken back get as status: nobody else has it. */
const CALL_TAKEN_BACK = 598;

/** Reports whether requests are sent as gRPC is. All backends are reached in the same way. */
export function isOfCalls(backends: ForwardIR['backends']): boolean {
  return backends.find(({ weight }) => weight > 0)?.protocol.startsWith('grpc') === true;
}

/** Reports whether attempts are repeated by the data plane; by nginx, if not. All backends are reached in the same way. */
export function repeatsItself({ backends, retry, transfer, customErrors }: ForwardIR): boolean {
  if (retry.attempts < 2) return false;
  const isWanted = isOfCalls(backends)
    ? retry.calls
    : (retry.statuses ?? retry.backoff ?? retry.parallel ?? retry.bounded);
  return (
    isWanted !== undefined &&
    transfer?.requestBuffering !== false &&
    (customErrors === undefined || customErrors.answers !== undefined)
  );
}

/**
 * @param attempt `last`: no other may follow it
 * @returns undefined when the action needs none of its own: that of its protocol will do
 */
export function profileOf(
  action: RouteActionIR | undefined,
  filters: readonly FilterIR[],
  attempt: 'any' | 'last' = 'any',
): Profile | undefined {
  if (action?.type !== 'forward') return undefined;
  const backend = action.backends.find(({ weight }) => weight > 0);
  const { transfer, unlogged, customErrors } = action;
  const protocol = backend?.protocol;
  if (protocol === undefined || protocol === 'tcp' || protocol === 'udp') return undefined;
  const limit = [...filters, ...(backend?.filters ?? [])].findLast((filter) => filter.type === 'bodyLimit');
  const hops = backend !== undefined && takesHop(backend, action);
  const settings: ProfileSettings = {
    protocol: hops ? towardsHop(protocol) : protocol,
    ...(limit === undefined ? {} : { bodyLimitBytes: limit.bytes }),
    ...(transfer === undefined ? {} : { transfer }),
    ...retrySettings(action, attempt),
    ...(unlogged === undefined ? {} : { unlogged }),
    ...(hops ? { hop: true } : backend?.tls === undefined ? {} : { tls: backend.tls }),
    ...(customErrors === undefined
      ? {}
      : { errors: { statuses: customErrors.statuses, intercept: customErrors.intercept } }),
  };
  return Object.keys(settings).length === 1 ? undefined : profile(settings);
}

function retrySettings(
  action: ForwardIR,
  attempt: 'any' | 'last',
): Pick<ProfileSettings, 'retryOn' | 'retryWithinMs' | 'repeatedStatuses'> {
  const { on, withinMs, statuses = [] } = action.retry;
  const isOurs = repeatsItself(action);
  if (isOurs && attempt === 'last') return {};
  const repeated = isOfCalls(action.backends) ? [...statuses, CALL_TAKEN_BACK] : statuses;
  return {
    ...(on === undefined ? {} : { retryOn: on }),
    ...(withinMs === undefined || isOurs ? {} : { retryWithinMs: withinMs }),
    ...(isOurs && repeated.length > 0 ? { repeatedStatuses: repeated } : {}),
  };
}

/** The same for an action whose backends may be reached in different ways. */
export function profilesOf(action: RouteActionIR | undefined, filters: readonly FilterIR[]): readonly Profile[] {
  if (action?.type !== 'forward') return [];
  const ways = clientWays(action);
  if (ways !== undefined) return [...profilesOf(ways.http1, filters), ...profilesOf(ways.http2, filters)];
  const profiles = backendClasses(action.backends).flatMap((backends) => {
    const own = { ...action, backends };
    return [
      profileOf(own, filters) ?? [],
      ...(repeatsItself(own) ? [profileOf(own, filters, 'last') ?? []] : []),
    ].flat();
  });
  return [...new Map(profiles.map((profile) => [profile.id, profile])).values()];
}

const MIB = 1024 * 1024;

/** What is used most is there before it is asked for. */
export const PREBUILT: readonly Profile[] = [
  { protocol: 'http', transfer: { responseBuffering: true } } as const,
  { protocol: 'http', transfer: { requestBuffering: false } } as const,
  ...[1, 8, 10, 50, 100].map((mib) => ({ protocol: 'http', bodyLimitBytes: mib * MIB }) as const),
].map(profile);

/** What most routes of an instance will use. */
export function usualProfiles({ usualRetry }: Pick<InstanceIR, 'usualRetry'>): readonly Profile[] {
  if (usualRetry === undefined) return [];
  return (['http', 'grpc'] as const).map((protocol) => profile({ protocol, retryOn: usualRetry }));
}

const PREBUILT_IDS: ReadonlySet<string> = new Set(PREBUILT.map(({ id }) => id));

export function isPrebuilt({ id }: Profile): boolean {
  return PREBUILT_IDS.has(id);
}

function profile(settings: ProfileSettings): Profile {
  const id = `p_${hash('sha256', canonical(settings)).slice(0, 16)}`;
  assert(/^p_[0-9a-f]{16}$/.test(id), id);
  return { id, ...settings };
}

/** JSON with sorted keys: equal settings give equal text. */
function canonical(settings: ProfileSettings): string {
  return JSON.stringify(settings, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
