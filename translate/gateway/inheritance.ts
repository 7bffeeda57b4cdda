import type { Satisfy, SourceRangeConfig } from '@causeway/apis/gateway/access-config';
import type { ALB2Config } from '@causeway/apis/gateway/alb2';
import type { BackendTlsConfig } from '@causeway/apis/gateway/backend-tls';
import type { FrontendSpec } from '@causeway/apis/gateway/frontend';
import type { HstsConfig } from '@causeway/apis/gateway/hsts';
import type { OtelConfig } from '@causeway/apis/gateway/otel';
import type { AuthConfig, ModsecurityConfig, TimeoutConfig } from '@causeway/apis/gateway/policy-config';
import type { RetryConfig } from '@causeway/apis/gateway/retry';
import type { RuleSpec } from '@causeway/apis/gateway/rule';
import type { TransferConfig } from '@causeway/apis/gateway/transfer';

/** The settings in force for one Rule, or for the default service group of a Frontend. */
export interface Inherited {
  readonly timeout?: TimeoutConfig;
  readonly auth?: AuthConfig;
  readonly sourceRange?: SourceRangeConfig;
  readonly satisfy?: Satisfy;
  readonly modsecurity?: ModsecurityConfig;
  readonly otel?: OtelConfig;
  readonly transfer?: TransferConfig;
  readonly retry?: RetryConfig;
  readonly backendTLS?: BackendTlsConfig;
  readonly disableAccessLog?: boolean;
  readonly hsts?: HstsConfig;
  readonly serviceUpstream?: boolean;
}

/**
 * Whole objects are inherited, fields are never mixed: the Rule's if present, else the Frontend's, else the ALB2's. An
 * object that is present but empty or disabled stops the search.
 *
 * otel is merged field by field instead, its flags as a whole; the lowest one present says whether requests are traced.
 *
 * Source: spec ALB 7.1.
 *
 * @param levels from the innermost outwards
 */
export function inherit(
  levels: readonly (Pick<ALB2Config, keyof Inherited> | FrontendSpec['config'] | RuleSpec['config'])[],
): Inherited {
  const first = <K extends keyof Inherited>(name: K): Pick<Inherited, K> | undefined => {
    for (const level of levels) {
      const value = level?.[name];
      if (value !== undefined) return { [name]: value } as unknown as Pick<Inherited, K>;
    }
    return undefined;
  };
  return {
    ...first('timeout'),
    ...first('auth'),
    ...first('sourceRange'),
    ...first('satisfy'),
    ...first('modsecurity'),
    ...first('hsts'),
    ...mergedOtel(levels.map((level) => level?.otel)),
    ...first('transfer'),
    ...first('retry'),
    ...first('backendTLS'),
    ...first('disableAccessLog'),
    ...first('serviceUpstream'),
  };
}

function mergedOtel(levels: readonly (OtelConfig | undefined)[]): { readonly otel?: OtelConfig } {
  const found = levels.filter((level) => level !== undefined);
  const [lowest] = found;
  if (lowest === undefined) return {};
  let merged: OtelConfig = lowest;
  for (const outer of found.slice(1)) {
    const { flags: outerFlags, ...rest } = outer;
    const flags = merged.flags ?? outerFlags;
    merged = { ...(mergePatch(rest, merged) as OtelConfig), ...(flags === undefined ? {} : { flags }) };
  }
  return { otel: merged };
}

/** RFC 7396, without its null: fields of our kinds are absent or have a value. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(target) || !isObject(patch)) return patch ?? target;
  const merged: Record<string, unknown> = { ...target };
  for (const [name, value] of Object.entries(patch)) merged[name] = mergePatch(target[name], value);
  return merged;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether requests must authenticate; `auth: {}` switches it off. */
export function requiresAuth(auth: AuthConfig | undefined): boolean {
  return auth?.basic !== undefined || auth?.forward !== undefined;
}
