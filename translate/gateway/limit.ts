import type { Frontend } from '@causeway/apis/gateway/frontend';
import { LABEL_ALB } from '@causeway/apis/gateway/labels';
import type { LimitConfig } from '@causeway/apis/gateway/limit';
import type { Rule } from '@causeway/apis/gateway/rule';
import { isNetwork, parseAddress } from '@causeway/apis/meta/address';
import { keyOf, objectKeyText } from '@causeway/apis/meta/object';
import type { FilterIR, RequestRateIR } from '@causeway/ir/gateway';
import type { Inherited } from './inheritance.ts';
import type { Problem } from './problem.ts';

const DEFAULT_BURST = 5;
const DEFAULT_STATUS = 503;

/**
 * limit in force. The Rules of one Ingress count together, on all its ports and paths, as in ingress-nginx; those that inherit a limit
 * count together too.
 *
 * Source: LIM-06, IN-13.
 */
export function limits(config: LimitConfig | undefined, subject: LimitSubject): LimitTranslation {
  if (config === undefined) return { filters: [], problems: [] };
  const filters: FilterIR[] = [];
  const { connections = 0, responseBytesPerSecond: bytesPerSecond = 0, responseBytesAtOnce = 0 } = config;
  const rates = ratesOf(config);
  const { exempt, problems } = readAllowlist(config.allowlist, 'limit', subject.object);
  if (connections > 0 || rates.length > 0) {
    filters.push({
      type: 'requestLimit',
      scope: scopeOf('limit', subject),
      ...(connections > 0 ? { connections } : {}),
      connectionsStatus: config.connectionsStatus ?? DEFAULT_STATUS,
      rates,
      ratesStatus: config.status ?? DEFAULT_STATUS,
      exempt,
    });
  }
  if (bytesPerSecond > 0) filters.push({ type: 'responseSpeed', bytesPerSecond, bytesAtOnce: responseBytesAtOnce });
  return { filters, problems };
}

/** Whose requests are limited. */
export interface LimitSubject {
  readonly object: Problem['object'];
  readonly rule?: Rule;
  readonly frontend: Frontend;
}

export interface LimitTranslation {
  readonly filters: readonly FilterIR[];
  readonly problems: readonly Problem[];
}

/** What counts together: requests of the object that the setting is of. */
export function scopeOf(setting: 'globalLimit' | 'limit', { rule, frontend }: LimitSubject): string {
  if (rule?.spec.config?.[setting] !== undefined) {
    const { source } = rule.spec;
    return source?.type === 'ingress'
      ? `ingress ${source.namespace}/${source.name}`
      : `rule ${objectKeyText(keyOf(rule))}`;
  }
  const { namespace, name } = keyOf(frontend);
  return frontend.spec.config?.[setting] === undefined
    ? `alb ${namespace}/${frontend.metadata.labels?.[LABEL_ALB] ?? ''}`
    : `frontend ${namespace}/${name}`;
}

/** One mistake voids the list: who stands in it is not known. */
export function readAllowlist(
  list: readonly string[] | undefined,
  setting: 'globalLimit' | 'limit',
  object: Problem['object'],
): { readonly exempt: readonly string[]; readonly problems: readonly Problem[] } {
  const exempt = list ?? [];
  const wrong = exempt.filter((text) => !isNetwork(text) && parseAddress(text) === undefined);
  return {
    exempt: wrong.length > 0 ? [] : exempt,
    problems: wrong.map((text) => {
      const message = `spec.config.${setting}.allowlist: ${JSON.stringify(text)} is neither an address nor a network; the list is ignored`;
      return { object, reason: 'InvalidField', message, severity: 'Warning' };
    }),
  };
}

/** First the slower one, as in ingress-nginx. */
function ratesOf(config: LimitConfig): readonly RequestRateIR[] {
  const { requestsPerMinute = 0, requestsPerSecond = 0, burstMultiplier = DEFAULT_BURST } = config;
  const rate = (count: number, periodMs: number): readonly RequestRateIR[] =>
    count > 0 ? [{ count, periodMs, burst: count * burstMultiplier }] : [];
  return [...rate(requestsPerMinute, 60_000), ...rate(requestsPerSecond, 1000)];
}

/** nginx slows only answers down that it buffers. */
export function withBuffering(inherited: Inherited): Inherited {
  if ((inherited.limit?.responseBytesPerSecond ?? 0) === 0) return inherited;
  return { ...inherited, transfer: { ...inherited.transfer, responseBuffering: true } };
}
