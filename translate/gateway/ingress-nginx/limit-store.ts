import { AnnotationMistake, type AnnotationType, integer } from '@causeway/apis/gateway/annotation/annotation-type';
import type { GlobalLimitStoreConfig } from '@causeway/apis/gateway/global-limit';

const HOST = 'global-rate-limit-memcached-host';
const DAY_MS = 86_400_000;

/** Fields of the store by the option that gives them. */
const NUMBERS: Readonly<
  Record<string, readonly [Exclude<keyof GlobalLimitStoreConfig, 'host'>, AnnotationType<number>]>
> = {
  'global-rate-limit-memcached-port': ['port', integer(1, 65_535)],
  'global-rate-limit-memcached-connect-timeout': ['timeoutMs', integer(1, 10_000)],
  'global-rate-limit-memcached-max-idle-timeout': ['idleMs', integer(1, DAY_MS)],
  'global-rate-limit-memcached-pool-size': ['poolSize', integer(1, 10_000)],
};

/** Names of the options that say where requests are counted. */
export const LIMIT_STORE_OPTIONS: ReadonlySet<string> = new Set([HOST, ...Object.keys(NUMBERS)]);

/**
 * The store of global limits as the ConfigMap of ingress-nginx names it; undefined: none.
 *
 * Source: ingress-nginx, ConfigMaps, global-rate-limit-memcached-*.
 */
export function readLimitStore(
  options: ReadonlyMap<string, string>,
  mistakes: string[],
): GlobalLimitStoreConfig | undefined {
  const fields: { -readonly [K in keyof GlobalLimitStoreConfig]?: GlobalLimitStoreConfig[K] } = {};
  for (const [name, [field, type]] of Object.entries(NUMBERS)) {
    const text = options.get(name) ?? '';
    const value = text === '' ? undefined : type.read(text);
    if (value instanceof AnnotationMistake) {
      mistakes.push(`spec.controller.config.${name}: ${value.message}; the default is used`);
    } else if (value !== undefined) {
      fields[field] = value;
    }
  }
  const host = options.get(HOST) ?? '';
  return host === '' ? undefined : { ...fields, host };
}
