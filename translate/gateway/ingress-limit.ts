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
