import type { TimeoutConfig } from '@causeway/apis/gateway/policy-config';
import type { IngressFeature } from './ingress-feature.ts';

const FIELDS = {
  'proxy-connect-timeout': 'proxy_connect_timeout_ms',
  'proxy-send-timeout': 'proxy_send_timeout_ms',
  'proxy-read-timeout': 'proxy_read_timeout_ms',
} as const satisfies Readonly<Record<string, keyof TimeoutConfig>>;

const NAMES = ['proxy-connect-timeout', 'proxy-send-timeout', 'proxy-read-timeout'] as const;

/** Without any of them the Rule inherits its timeouts. Source: spec ALB-80. */
export const TIMEOUT_FEATURE: IngressFeature = {
  annotations: NAMES,
  byPath: NAMES,
  translate: (read) => {
    const timeout: { -readonly [K in keyof TimeoutConfig]: TimeoutConfig[K] } = {};
    for (const name of NAMES) {
      const ms = read.value(name);
      if (ms !== undefined) timeout[FIELDS[name]] = ms;
    }
    return Object.keys(timeout).length === 0 ? {} : { config: { timeout } };
  },
};
