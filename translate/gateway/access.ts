import type { Frontend } from '@causeway/apis/gateway/frontend';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { FilterIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { AlbSettings } from './alb-settings.ts';
import { translateAuth } from './auth.ts';
import { type Inherited, requiresAuth } from './inheritance.ts';
import type { Problem } from './problem.ts';
import { settingReferrer } from './reference.ts';
import { translateSourceRange } from './source-range.ts';

/** Whose requests are to be judged: those of a Rule, or of the default service group of a Frontend. */
export interface AccessSubject {
  readonly view: View;
  readonly object: Problem['object'];
  readonly rule?: Rule;
  readonly frontend: Frontend;
  readonly settings: AlbSettings;
}

/**
 * sourceRange, auth and satisfy in force -> filters that let requests through or end them. Where one of both suffices, an address
 * that is named needs no authentication.
 *
 * Source: spec LIM-08, 5.7 (satisfy), 7.6.
 */
export function accessFilters(
  { sourceRange, auth, satisfy }: Inherited,
  subject: AccessSubject,
): { readonly filters: readonly FilterIR[]; readonly problems: readonly Problem[] } {
  const { view, object, rule, settings } = subject;
  const refused = rule?.spec.config?.refused ?? '';
  if (refused !== '') return refusal(object, refused);
  const ranges = translateSourceRange(sourceRange);
  if (typeof ranges === 'string') return refusal(object, `spec.config.${ranges}`);
  const oneSuffices = satisfy === 'any' && ranges !== undefined && requiresAuth(auth);
  const { filters, problems } = translateAuth(auth, {
    view,
    object,
    referrer: settingReferrer('auth', subject),
    withoutConsent: settings.allowCrossNamespaceReferences,
    exempt: oneSuffices ? ranges : undefined,
  });
  return {
    filters: ranges === undefined || oneSuffices ? filters : [{ type: 'sourceRange', ranges }, ...filters],
    problems,
  };
}

function refusal(
  object: Problem['object'],
  why: string,
): { readonly filters: readonly FilterIR[]; readonly problems: readonly Problem[] } {
  const message = `${why}; requests are answered 500`;
  return {
    filters: [{ type: 'refuse', status: 500, reason: 'AccessDenied : invalid cfg' }],
    problems: [{ object, reason: 'InvalidField', message, severity: 'Warning' }],
  };
}
