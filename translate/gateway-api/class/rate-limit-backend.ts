/**
 * The store in which all data planes of a class of Gateways count together what global limits are about, as the EnvoyGatewayCtl of the
 * class names it.
 *
 * Source: GW-44; Envoy Gateway v1.7, EnvoyGateway, RateLimit.
 */
import { isHost } from '@causeway/apis/gateway/host';
import type { LimitStoreIR } from '@causeway/ir/gateway';
import { parseDuration } from '../duration.ts';
import { type Fields, objectAt } from './config-fields.ts';

const REDIS_PORT = 6379;
/** As long as upstream gives its own service. */
const DEFAULT_TIMEOUT_MS = 20;
const MOST_TIMEOUT_MS = 10_000;
/** Idle connections that a worker keeps, and how long. */
const POOL = { idleMs: 10_000, poolSize: 50 };
const FIELD = 'spec.config.envoyGateway.rateLimit';

export interface RateLimitBackend {
  /** Absent: none, or none that can be used. */
  readonly store?: LimitStoreIR;
  /** What is wrong, with the path of the field. */
  readonly mistakes: readonly string[];
}

/** What the configuration of an Envoy Gateway says of the store. */
export function readRateLimitBackend(config: Fields): RateLimitBackend {
  const rateLimit = objectAt(config, 'rateLimit');
  if (rateLimit === undefined) return { mistakes: [] };
  const mistakes: string[] = [];
  const tell = (field: string, message: string): void => {
    mistakes.push(`${FIELD}.${field}: ${message}`);
  };
  const address = addressOf(objectAt(rateLimit, 'backend'), tell);
  const timeoutMs = timeoutOf(rateLimit['timeout'], tell);
  const { failClosed } = rateLimit;
  if (failClosed !== undefined && typeof failClosed !== 'boolean') tell('failClosed', 'is not true or false');
  if (address === undefined) return { mistakes };
  return {
    store: { protocol: 'redis', ...address, timeoutMs, ...POOL, ...(failClosed === true ? { failClosed } : {}) },
    mistakes,
  };
}

type Tell = (field: string, message: string) => void;

function addressOf(backend: Fields | undefined, tell: Tell): Pick<LimitStoreIR, 'host' | 'port'> | undefined {
  if (backend === undefined) {
    tell('backend', 'Required value');
    return undefined;
  }
  const redis = objectAt(backend, 'redis');
  if (backend['type'] !== 'Redis') tell('backend.type', `${JSON.stringify(backend['type'])} is not Redis`);
  else if (redis === undefined) tell('backend.redis', 'Required value');
  else if (redis['tls'] !== undefined) tell('backend.redis.tls', 'TLS to the store is not served');
  else return hostAndPort(redis['url'], tell);
  return undefined;
}

function hostAndPort(url: unknown, tell: Tell): Pick<LimitStoreIR, 'host' | 'port'> | undefined {
  const [, host = '', port] = (typeof url === 'string' && /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(url)) || [];
  const number = port === undefined ? REDIS_PORT : Number(port);
  if (isHost(host) && number >= 1 && number <= 65_535) return { host, port: number };
  tell('backend.redis.url', `${JSON.stringify(url)} is not host:port of one server`);
  return undefined;
}

function timeoutOf(timeout: unknown, tell: Tell): number {
  if (timeout === undefined) return DEFAULT_TIMEOUT_MS;
  const ms = typeof timeout === 'string' ? parseDuration(timeout) : undefined;
  if (ms !== undefined && ms >= 1 && ms <= MOST_TIMEOUT_MS) return ms;
  tell('timeout', `${JSON.stringify(timeout)} is not between 1ms and 10s; ${DEFAULT_TIMEOUT_MS}ms is used`);
  return DEFAULT_TIMEOUT_MS;
}
