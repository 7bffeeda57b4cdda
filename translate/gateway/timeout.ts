import type { TimeoutConfig } from '@causeway/apis/gateway/policy-config';
import type { TimeoutsIR } from '@causeway/ir/gateway';

/** Spec ALB-80. */
const DEFAULT_TIMEOUTS: TimeoutsIR = { connectMs: 5000, sendMs: 120_000, readMs: 120_000 };

/** Unset and 0 mean the default. */
export function translateTimeout(timeout: TimeoutConfig | undefined): TimeoutsIR {
  return {
    connectMs: timeout?.proxy_connect_timeout_ms || DEFAULT_TIMEOUTS.connectMs,
    sendMs: timeout?.proxy_send_timeout_ms || DEFAULT_TIMEOUTS.sendMs,
    readMs: timeout?.proxy_read_timeout_ms || DEFAULT_TIMEOUTS.readMs,
  };
}
