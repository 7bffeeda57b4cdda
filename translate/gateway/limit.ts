import type { LimitConfig } from '@causeway/apis/gateway/limit';
import type { Rule } from '@causeway/apis/gateway/rule';
import { isNetwork, parseAddress } from '@causeway/apis/meta/address';
import { keyOf } from '@causeway/apis/meta/object';
import type { FilterIR, RequestRateIR } from '@causeway/ir/gateway';
import type { Inherited } from './inheritance.ts';
import type { Problem } from './problem.ts';

const DEFAULT_BURST = 5;
const DEFAULT_STATUS = 503;

/**
 * `config.limit` of a Rule. The Rules of one Ingress count together, on all its ports and paths, as in ingress-nginx.
 *
 * Source: LIM-06, IN-13.
 */
export function limits(
  rule: Rule,
  object: Problem['object'],
): { readonly filters: readonly FilterIR[]; readonly problems: readonly Problem[] } {
  const config = rule.spec.config?.limit;
  if (config === undefined) return { filters: [], problems: [] };
  const filters: FilterIR[] = [];
  const exempt = config.allowlist ?? [];
  const wrong = exempt.filter((text) => !isNetwork(text) && parseAddress(text) === undefined);
  const { connections = 0, responseBytesPerSecond: bytesPerSecond = 0, responseBytesAtOnce = 0 } = config;
  const rates = ratesOf(config);
  if (connections > 0 || rates.length > 0) {
    filters.push({
      type: 'requestLimit',
      scope: scopeOf(rule),
      ...(connections > 0 ? { connections } : {}),
      connectionsStatus: config.connectionsStatus ?? DEFAULT_STATUS,
      rates,
      ratesStatus: config.status ?? DEFAULT_STATUS,
      // One mistake voids the list: who stands in it is not known.
      exempt: wrong.length > 0 ? [] : exempt,
    });
  }
  if (bytesPerSecond > 0) filters.push({ type: 'responseSpeed', bytesPerSecond, bytesAtOnce: responseBytesAtOnce });
  return { filters, problems: wrong.map((text) => exemptProblem(object, text)) };
}

/** What counts together. */
export function scopeOf(rule: Rule): string {
  const { source } = rule.spec;
  if (source?.type === 'ingress') return `ingress ${source.namespace}/${source.name}`;
  const { namespace, name } = keyOf(rule);
  return `rule ${namespace}/${name}`;
}

/** First the slower one, as in ingress-nginx. */
function ratesOf(config: LimitConfig): readonly RequestRateIR[] {
  const { requestsPerMinute = 0, requestsPerSecond = 0, burstMultiplier = DEFAULT_BURST } = config;
  const rate = (count: number, periodMs: number): readonly RequestRateIR[] =>
    count > 0 ? [{ count, periodMs, burst: count * burstMultiplier }] : [];
  return [...rate(requestsPerMinute, 60_000), ...rate(requestsPerSecond, 1000)];
}

function exemptProblem(object: Problem['object'], text: string): Problem {
  const message = `spec.config.limit.allowlist: ${JSON.stringify(text)} is neither an address nor a network; the list is ignored`;
  return { object, reason: 'InvalidField', message, severity: 'Warning' };
}

/** nginx slows only answers down that it buffers. */
export function withBuffering(inherited: Inherited, rule: Rule): Inherited {
  if ((rule.spec.config?.limit?.responseBytesPerSecond ?? 0) === 0) return inherited;
  return { ...inherited, transfer: { ...inherited.transfer, responseBuffering: true } };
}
