import { type InheritedSettings, inheritedSettings } from '@causeway/apis/gateway/inherited-settings';
import type { OtelConfig } from '@causeway/apis/gateway/otel';
import type { AuthConfig } from '@causeway/apis/gateway/policy-config';

/** The settings in force for one Rule, or for the default service group of a Frontend. */
export type Inherited = InheritedSettings;

const NAMES = Object.keys(inheritedSettings) as readonly (keyof Inherited)[];

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
export function inherit(levels: readonly (InheritedSettings | undefined)[]): Inherited {
  const found: Partial<Record<keyof Inherited, unknown>> = {};
  for (const name of NAMES) {
    const level = levels.find((candidate) => candidate?.[name] !== undefined);
    if (level !== undefined) found[name] = level[name];
  }
  return { ...(found as Inherited), ...mergedOtel(levels.map((level) => level?.otel)) };
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
