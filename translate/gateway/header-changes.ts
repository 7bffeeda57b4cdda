import { type HeaderRule, headerValueMistake, readHeaderRules } from '@causeway/apis/gateway/header-rules';
import { ANNOTATION_PREFIX_ALB_RULE } from '@causeway/apis/gateway/labels';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { FilterIR, HeaderChangeIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';

/** Annotations `alb.rule.cpaas.io/rewrite-request` and `-response` of a Rule. Source: spec ALB-78. */
export function headerChanges(
  rule: Rule,
  object: Problem['object'],
): { readonly filters: readonly FilterIR[]; readonly problems: readonly Problem[] } {
  const filters: FilterIR[] = [];
  const problems: Problem[] = [];
  const prefix = rule.spec.config?.forwardedPrefix ?? '';
  const mistake = headerValueMistake(prefix);
  if (mistake !== undefined) {
    const message = `spec.config.forwardedPrefix: ${mistake}; not sent`;
    problems.push({ object, reason: 'InvalidField', message, severity: 'Warning' });
  } else if (prefix !== '') {
    filters.push({ type: 'requestHeaders', changes: [{ op: 'set', name: 'X-Forwarded-Prefix', value: [prefix] }] });
  }
  for (const direction of ['request', 'response'] as const) {
    const key = `${ANNOTATION_PREFIX_ALB_RULE}rewrite-${direction}`;
    const text = rule.metadata.annotations?.[key]?.trim() ?? '';
    if (text === '') continue;
    const rules = readHeaderRules(text, direction);
    if (typeof rules === 'string') {
      const message = `metadata.annotations[${key}]: ${rules}; headers are passed on unchanged`;
      problems.push({ object, reason: 'InvalidField', message, severity: 'Warning' });
    } else if (rules.length > 0) {
      filters.push({ type: `${direction}Headers`, changes: rules.map(changeOf) });
    }
  }
  return { filters, problems };
}

function changeOf(rule: HeaderRule): HeaderChangeIR {
  switch (rule.op) {
    case 'set':
      return { op: 'set', name: rule.name, value: [rule.value] };
    case 'add':
      return { op: 'add', name: rule.name, value: [rule.value] };
    default:
      return rule;
  }
}
