import type { GlobalLimitConfig } from '@causeway/apis/gateway/global-limit';
import type { LimitConfig } from '@causeway/apis/gateway/limit';
import type { IngressFeature } from './ingress-feature.ts';

const KIB = 1024;

/** Source: LIM-06, IN-13. */
export const LIMIT_FEATURE: IngressFeature = {
  annotations: [
    'limit-connections',
    'limit-rps',
    'limit-rpm',
    'limit-burst-multiplier',
    'limit-rate',
    'limit-rate-after',
    'limit-whitelist',
    'limit-allowlist',
    'limit-req-status-code',
    'limit-conn-status-code',
  ],
  byPath: [],
  translate: (read) => {
    const kib = (value: number | undefined): number | undefined => value && value * KIB;
    const allowlist = read.value('limit-allowlist') ?? read.value('limit-whitelist');
    const fields: { readonly [K in keyof LimitConfig]-?: LimitConfig[K] | undefined } = {
      connections: read.value('limit-connections'),
      requestsPerSecond: read.value('limit-rps'),
      requestsPerMinute: read.value('limit-rpm'),
      burstMultiplier: read.value('limit-burst-multiplier'),
      allowlist,
      status: read.value('limit-req-status-code'),
      connectionsStatus: read.value('limit-conn-status-code'),
      responseBytesPerSecond: kib(read.value('limit-rate')),
      responseBytesAtOnce: kib(read.value('limit-rate-after')),
    };
    const limit = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as LimitConfig;
    return Object.keys(limit).length === 0 ? {} : { config: { limit } };
  },
};

/** Both the number and the window are needed, as in ingress-nginx. Source: LIM-06, spec ALB 5.7. */
export const GLOBAL_LIMIT_FEATURE: IngressFeature = {
  annotations: [
    'global-rate-limit',
    'global-rate-limit-window',
    'global-rate-limit-key',
    'global-rate-limit-ignored-cidrs',
    'global-rate-limit-status-code',
  ],
  byPath: [],
  translate: (read) => {
    const requests = read.value('global-rate-limit') ?? 0;
    const windowSeconds = read.value('global-rate-limit-window');
    if (requests === 0 || windowSeconds === undefined) return {};
    const fields: { readonly [K in keyof GlobalLimitConfig]-?: GlobalLimitConfig[K] | undefined } = {
      requests,
      windowSeconds,
      key: read.value('global-rate-limit-key'),
      allowlist: read.value('global-rate-limit-ignored-cidrs'),
      status: read.value('global-rate-limit-status-code'),
    };
    const globalLimit = Object.fromEntries(
      Object.entries(fields).filter(([, value]) => value !== undefined),
    ) as unknown as GlobalLimitConfig;
    return { config: { globalLimit } };
  },
};
