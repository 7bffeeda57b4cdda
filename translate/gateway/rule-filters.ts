import { isHostHeader } from '@causeway/apis/gateway/host';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { FilterIR } from '@causeway/ir/gateway';
import { type AccessSubject, accessFilters } from './access.ts';
import { translateBackendAnswer } from './backend-answer.ts';
import { translateCors } from './cors.ts';
import { translateCustomHeaders } from './custom-headers.ts';
import { translateGlobalLimit } from './global-limit.ts';
import { headerChanges } from './header-changes.ts';
import type { Inherited } from './inheritance.ts';
import { type LimitTranslation, limits } from './limit.ts';
import { translateMirror } from './mirror.ts';
import { translatePathRewrite } from './path-rewrite.ts';
import type { Need, Problem } from './problem.ts';
import { translateTracing } from './tracing.ts';
import { bodyLimit } from './transfer.ts';

export interface RuleFilters {
  readonly filters: readonly FilterIR[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/**
 * What a Rule does with requests and answers, in the order in which it is done. Source: spec ALB 7.1.
 *
 * @param inherited the settings in force for it, its own included
 * @param redirects every request is sent elsewhere, which needs no permission
 */
export function ruleFilters(rule: Rule, inherited: Inherited, subject: AccessSubject, redirects: boolean): RuleFilters {
  const vhost = rule.spec.vhost ?? '';
  const cors = translateCors(rule, subject.object);
  const limited = limitFilters(inherited, subject);
  const mirrored = redirects ? NOTHING : translateMirror(inherited.mirror, subject.object);
  const rewrite = translatePathRewrite(rule, subject.object);
  const headers = headerChanges(rule, subject.object);
  const others = redirects ? NOTHING : accessAndTracing(inherited, subject);
  const answer = translateBackendAnswer(rule, subject.object);
  const custom = translateCustomHeaders(subject);
  return {
    filters: [
      ...cors.filters,
      ...limited.filters,
      ...(isHostHeader(vhost) ? [{ type: 'hostRewrite', host: vhost } as const] : []),
      ...rewrite.filters,
      ...headers.filters,
      ...answer.filters,
      ...custom.filters,
      ...others.filters,
      ...mirrored.filters,
    ],
    needs: others.needs,
    problems: [
      ...cors.problems,
      ...rewrite.problems,
      ...headers.problems,
      ...limited.problems,
      ...mirrored.problems,
      ...answer.problems,
      ...custom.problems,
      ...others.problems,
    ],
  };
}

const NOTHING: RuleFilters = { filters: [], needs: [], problems: [] };

/** The part of it that a default service group has too: it behaves as a Rule without settings of its own. */
export function inheritedFilters(inherited: Inherited, subject: AccessSubject): RuleFilters {
  const limited = limitFilters(inherited, subject);
  const others = accessAndTracing(inherited, subject);
  const mirrored = translateMirror(inherited.mirror, subject.object);
  return {
    filters: [...limited.filters, ...others.filters, ...mirrored.filters],
    needs: others.needs,
    problems: [...limited.problems, ...others.problems, ...mirrored.problems],
  };
}

function limitFilters(inherited: Inherited, subject: AccessSubject): LimitTranslation {
  const own = limits(inherited.limit, subject);
  const global = translateGlobalLimit(inherited.globalLimit, subject.settings.config.globalLimitStore, subject);
  return { filters: [...own.filters, ...global.filters], problems: [...own.problems, ...global.problems] };
}

function accessAndTracing(inherited: Inherited, subject: AccessSubject): RuleFilters {
  const access = accessFilters(inherited, subject);
  const tracing = translateTracing(inherited.otel, subject.rule?.spec.config ?? {}, subject.object);
  return {
    filters: [...bodyLimit(inherited.transfer), ...access.filters, ...tracing.filters],
    needs: [],
    problems: [...access.problems, ...tracing.problems],
  };
}
