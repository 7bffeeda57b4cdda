import { isHostHeader } from '@causeway/apis/gateway/host';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { FilterIR } from '@causeway/ir/gateway';
import { translateCors } from './cors.ts';
import { headerChanges } from './header-changes.ts';
import type { Inherited } from './inheritance.ts';
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
 */
export function ruleFilters(rule: Rule, inherited: Inherited, object: Problem['object']): RuleFilters {
  const vhost = rule.spec.vhost ?? '';
  const cors = translateCors(rule, object);
  const rewrite = translatePathRewrite(rule, object);
  const headers = headerChanges(rule, object);
  const others = inheritedFilters(inherited, object, rule.spec.config);
  return {
    filters: [
      ...cors.filters,
      ...(isHostHeader(vhost) ? [{ type: 'hostRewrite', host: vhost } as const] : []),
      ...rewrite.filters,
      ...headers.filters,
      ...others.filters,
    ],
    needs: others.needs,
    problems: [...cors.problems, ...rewrite.problems, ...headers.problems, ...others.problems],
  };
}

/**
 * The part of it that a default service group has too: it behaves as a Rule without settings of its own.
 *
 * @param own settings that are not inherited
 */
export function inheritedFilters(
  inherited: Inherited,
  object: Problem['object'],
  own: Rule['spec']['config'] = {},
): RuleFilters {
  const tracing = translateTracing(inherited.otel, own, object);
  return { filters: [...bodyLimit(inherited.transfer), ...tracing.filters], needs: [], problems: tracing.problems };
}
