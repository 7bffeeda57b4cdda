import { isRulesMistake, readFirewallRules } from '@causeway/apis/gateway/firewall/rules';
import { ANNOTATION_FIREWALL_RULES, ANNOTATION_PREFIX_NGINX } from '@causeway/apis/gateway/labels';
import type { ModsecurityConfig } from '@causeway/apis/gateway/policy-config';
import { keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { IngressFeature } from './ingress-feature.ts';
import type { Problem } from './problem.ts';

const NAMES = [
  'enable-modsecurity',
  'enable-owasp-core-rules',
  'modsecurity-transaction-id',
  'modsecurity-snippet',
  'alb.modsecurity/use-recommend',
  'alb.modsecurity/cmref',
] as const;

/** What nobody can read in a Rule either, so that its requests are refused. */
const UNREADABLE = 'unreadable annotation';

/**
 * All of them need enable-modsecurity, which "false" switches an inherited firewall off. What cannot be read and would protect closes
 * the Rule. Source: spec ALB-96.
 */
export const FIREWALL_FEATURE: IngressFeature = {
  annotations: NAMES,
  byPath: [],
  translate: (read) => {
    const unreadable = read.mistake(['enable-modsecurity']) !== undefined;
    const enable = read.value('enable-modsecurity');
    if (enable === undefined && !unreadable) return {};
    if (enable === false && !unreadable) return { config: { modsecurity: { enable: false } } };
    const isBroken = unreadable || read.mistake(['enable-owasp-core-rules', 'alb.modsecurity/cmref']) !== undefined;
    const transactionId = read.value('modsecurity-transaction-id');
    const useRecommend = read.value('alb.modsecurity/use-recommend');
    const cmRef = read.value('alb.modsecurity/cmref');
    const modsecurity: ModsecurityConfig = {
      enable: true,
      ...(read.value('enable-owasp-core-rules') === true ? { useCoreRules: true } : {}),
      ...(useRecommend === true ? { useRecommend } : {}),
      ...(transactionId === undefined ? {} : { transactionId }),
      ...(cmRef === undefined ? {} : { cmRef }),
    };
    const rules = isBroken ? UNREADABLE : read.value('modsecurity-snippet');
    return {
      config: { modsecurity },
      ...(rules === undefined ? {} : { annotations: { [ANNOTATION_FIREWALL_RULES]: rules } }),
    };
  },
};

/** What is wrong with the rules, told where they were written, and annotations that miss the one which switches them on. */
export function firewallProblems(ingress: Ingress): readonly Problem[] {
  const { annotations = {} } = ingress.metadata;
  const text = annotations[ANNOTATION_FIREWALL_RULES] ?? '';
  const warn = (reason: Problem['reason'], message: string): readonly Problem[] => [
    { object: { kind: 'Ingress', key: keyOf(ingress) }, reason, message, severity: 'Warning' },
  ];
  if (text === '') return [];
  const where = `metadata.annotations[${ANNOTATION_FIREWALL_RULES}]`;
  if ((annotations[`${ANNOTATION_PREFIX_NGINX}enable-modsecurity`] ?? '') === '') {
    return warn('InvalidField', `${where}: without effect, since enable-modsecurity is missing`);
  }
  const rules = readFirewallRules(text);
  return isRulesMistake(rules)
    ? warn('InvalidField', `${where}: line ${rules.line}: ${rules.message}; requests are answered 503`)
    : [];
}
