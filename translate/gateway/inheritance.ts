import type { Satisfy, SourceRangeConfig } from '@causeway/apis/gateway/access-config';
import type { ALB2Config } from '@causeway/apis/gateway/alb2';
import type { FrontendSpec } from '@causeway/apis/gateway/frontend';
import type { AuthConfig, ModsecurityConfig, OtelConfig, TimeoutConfig } from '@causeway/apis/gateway/policy-config';
import type { RuleSpec } from '@causeway/apis/gateway/rule';

/** The settings in force for one Rule, or for the default service group of a Frontend. */
export interface Inherited {
  readonly timeout?: TimeoutConfig;
  readonly auth?: AuthConfig;
  readonly sourceRange?: SourceRangeConfig;
  readonly satisfy?: Satisfy;
  readonly modsecurity?: ModsecurityConfig;
  readonly otel?: OtelConfig;
}

/**
 * Whole objects are inherited, fields are never mixed: the Rule's if present, else the Frontend's, else the ALB2's. An
 * object that is present but empty or disabled stops the search.
 *
 * Source: spec ALB 7.1. (otel is merged field by field there; until it is served only its presence matters.)
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
    ...first('otel'),
  };
}

/** Whether requests must authenticate; `auth: {}` switches it off. */
export function requiresAuth(auth: AuthConfig | undefined): boolean {
  return auth?.basic !== undefined || auth?.forward !== undefined;
}
