import { isHostHeader } from '@causeway/apis/gateway/host';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { FilterIR } from '@causeway/ir/gateway';
import { headerChanges } from './header-changes.ts';
import type { Need, Problem } from './problem.ts';

export interface RuleFilters {
  readonly filters: readonly FilterIR[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/** What a Rule does with requests and answers, in the order in which it is done. Source: spec ALB 7.1. */
export function ruleFilters(rule: Rule, object: Problem['object']): RuleFilters {
  const vhost = rule.spec.vhost ?? '';
  const headers = headerChanges(rule, object);
  return {
    filters: [...(isHostHeader(vhost) ? [{ type: 'hostRewrite', host: vhost } as const] : []), ...headers.filters],
    needs: [],
    problems: headers.problems,
  };
}
