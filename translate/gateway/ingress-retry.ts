import { MAX_ATTEMPTS, type RetryConfig } from '@causeway/apis/gateway/retry';
import type { IngressFeature } from './ingress-feature.ts';

const NAMES = ['proxy-next-upstream', 'proxy-next-upstream-tries', 'proxy-next-upstream-timeout'] as const;

/** Without any of them the Rule inherits what is repeated. Source: spec ALB 5.7, ALB-81. */
export const RETRY_FEATURE: IngressFeature = {
  annotations: NAMES,
  byPath: NAMES,
  translate: (read) => {
    const on = read.value('proxy-next-upstream');
    const tries = read.value('proxy-next-upstream-tries');
    const timeoutMs = read.value('proxy-next-upstream-timeout');
    const retry: RetryConfig = {
      ...(on === undefined ? {} : { on }),
      ...(tries === undefined ? {} : { attempts: tries === 0 ? MAX_ATTEMPTS : tries }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    };
    return Object.keys(retry).length === 0 ? {} : { config: { retry } };
  },
};
