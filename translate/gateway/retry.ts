import type { RetryConfig } from '@causeway/apis/gateway/retry';
import type { RetryIR } from '@causeway/ir/gateway';

/** All attempts together (spec ALB-81). */
const ATTEMPTS = 5;
const CONDITIONS = ['error', 'timeout'];

export function translateRetry(config: RetryConfig | undefined): RetryIR {
  const { attempts = ATTEMPTS, on, timeoutMs = 0 } = config ?? {};
  if (on?.length === 0) return { attempts: 1 };
  const sorted = on === undefined ? undefined : [...new Set(on)].sort();
  return {
    attempts,
    ...(sorted === undefined || sorted.join() === CONDITIONS.join() ? {} : { on: sorted }),
    ...(timeoutMs === 0 ? {} : { withinMs: timeoutMs }),
  };
}
