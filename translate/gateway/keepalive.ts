import type { FrontendSpec } from '@causeway/apis/gateway/frontend';
import type { ClientKeepaliveIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';

type KeepaliveConfig = NonNullable<NonNullable<FrontendSpec['config']>['keepalive']>;

/** With any field of tcp set (spec ALB-105). */
const TCP_IDLE_MS = 30 * 60_000;
const TCP_PROBES = 10;
const HTTP_TIMEOUT_MS = 75_000;
const HTTP_REQUESTS = 1000;

/** What the kernel takes: seconds up to 32767, up to 127 probes. */
const MAX_TCP_MS = 32_767_000;
const MAX_PROBES = 127;
const MAX_HTTP_MS = 31_536_000_000;
const MAX_REQUESTS = 1_000_000_000;

export interface KeepaliveTranslation {
  readonly keepalive?: ClientKeepaliveIR;
  readonly problems: readonly Problem[];
}

/**
 * Keepalive of a Frontend. A field that cannot be read counts as unset.
 *
 * Source: spec ALB-105.
 *
 * @param http whether the port speaks HTTP
 */
export function translateKeepalive(
  config: KeepaliveConfig | undefined,
  http: boolean,
  object: Problem['object'],
): KeepaliveTranslation {
  const problems: Problem[] = [];
  const within = (field: string, value: number | undefined, min: number, max: number): number | undefined => {
    if (value === undefined || (value >= min && value <= max)) return value;
    const message = `spec.config.keepalive.${field}: must be from ${min} to ${max}; ignored`;
    problems.push({ object, reason: 'InvalidField', message, severity: 'Warning' });
    return undefined;
  };
  const time = (field: string, text: string | undefined, minMs: number, maxMs: number): number | undefined => {
    if (text === undefined || text === '') return undefined;
    const ms = nginxTimeMs(text);
    if (ms !== undefined && ms >= minMs && ms <= maxMs) return ms;
    const message = `spec.config.keepalive.${field}: ${JSON.stringify(text)} must be a time like 60m or 30s; ignored`;
    problems.push({ object, reason: 'InvalidField', message, severity: 'Warning' });
    return undefined;
  };
  if (config === undefined) return { problems };
  const { tcp } = config;
  const web = http ? config.http : undefined;
  const intervalMs = tcp && time('tcp.interval', tcp.interval, 1000, MAX_TCP_MS);
  const count = tcp && within('tcp.count', tcp.count, 1, MAX_PROBES);
  const idleMs = tcp && time('tcp.idle', tcp.idle, 1000, MAX_TCP_MS);
  if (!http && (intervalMs !== undefined || count !== undefined)) {
    const message =
      'spec.config.keepalive.tcp: interval and count of tcp ports are 1s and 10; what is written has no effect';
    problems.push({ object, reason: 'UnsupportedFeature', message, severity: 'Warning' });
  }
  const isSet = [idleMs, intervalMs, count].some((value) => value !== undefined);
  const headerMs = web && time('http.header_timeout', web.header_timeout, 1000, MAX_HTTP_MS);
  const keepalive: ClientKeepaliveIR = {
    ...(tcp === undefined
      ? {}
      : {
          tcp: {
            ...(isSet ? { idleMs: idleMs ?? TCP_IDLE_MS, probes: count ?? TCP_PROBES } : {}),
            ...(intervalMs === undefined ? {} : { intervalMs }),
          },
        }),
    ...(web === undefined
      ? {}
      : {
          http: {
            timeoutMs: time('http.timeout', web.timeout, 0, MAX_HTTP_MS) ?? HTTP_TIMEOUT_MS,
            ...(headerMs === undefined ? {} : { headerMs }),
            requests: within('http.requests', web.requests, 1, MAX_REQUESTS) ?? HTTP_REQUESTS,
          },
        }),
  };
  return Object.keys(keepalive).length === 0 ? { problems } : { keepalive, problems };
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, '': 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1h30m`, `75`, `500ms`; undefined for anything else. Source: nginx, "Configuration file measurement units". */
function nginxTimeMs(text: string): number | undefined {
  const parts = [...text.trim().matchAll(/([0-9]{1,12})(ms|[smhd]?) ?/gy)];
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text.trim()) return undefined;
  return parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (UNIT_MS[unit] ?? Number.NaN), 0);
}
