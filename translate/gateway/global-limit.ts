import type { GlobalLimitConfig, GlobalLimitStoreConfig } from '@causeway/apis/gateway/global-limit';
import { isHost } from '@causeway/apis/gateway/host';
import { readTemplate } from '@causeway/apis/gateway/template';
import type { LimitStoreIR } from '@causeway/ir/gateway';
import { type LimitSubject, type LimitTranslation, readAllowlist, scopeOf } from './limit.ts';
import type { Problem } from './problem.ts';

const DEFAULT_KEY = '$remote_addr';
const DEFAULT_STATUS = 429;
const MEMCACHED_PORT = 11_211;

/**
 * globalLimit in force. Without a store, or with a key that cannot be read, there is still a limit: it is counted by each instance, or
 * by the address of the client.
 *
 * Source: LIM-06; ADR 0011.
 */
export function translateGlobalLimit(
  config: GlobalLimitConfig | undefined,
  store: GlobalLimitStoreConfig | undefined,
  subject: LimitSubject,
): LimitTranslation {
  if (config === undefined || config.requests === 0) return { filters: [], problems: [] };
  const { object } = subject;
  const problems: Problem[] = [];
  const warn = (message: string): void => {
    problems.push({
      object,
      reason: 'InvalidField',
      message: `spec.config.globalLimit${message}`,
      severity: 'Warning',
    });
  };
  let key = readTemplate(config.key ?? DEFAULT_KEY);
  if (typeof key === 'string' || key.length === 0) {
    warn(`.key: ${typeof key === 'string' ? key : 'is empty'}; requests are counted by ${DEFAULT_KEY}`);
    key = [{ variable: 'remote_addr' }];
  }
  const { exempt, problems: ofList } = readAllowlist(config.allowlist, 'globalLimit', object);
  if (store === undefined) warn(': the ALB has no globalLimitStore; each instance counts alone');
  else if (!isHost(store.host))
    warn(`Store.host of the ALB: ${JSON.stringify(store.host)} is no host; each instance counts alone`);
  return {
    filters: [
      {
        type: 'globalLimit',
        scope: scopeOf('globalLimit', subject),
        requests: config.requests,
        windowMs: config.windowSeconds * 1000,
        key,
        exempt,
        status: config.status ?? DEFAULT_STATUS,
        ...(store === undefined || !isHost(store.host) ? {} : { store: storeOf(store) }),
      },
    ],
    problems: [...problems, ...ofList],
  };
}

function storeOf({ host, port, timeoutMs, idleMs, poolSize }: GlobalLimitStoreConfig): LimitStoreIR {
  return {
    protocol: 'memcached',
    host,
    port: port ?? MEMCACHED_PORT,
    timeoutMs: timeoutMs ?? 50,
    idleMs: idleMs ?? 10_000,
    poolSize: poolSize ?? 50,
  };
}
