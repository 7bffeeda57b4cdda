import type { CanaryConfig } from '@causeway/apis/gateway/canary';
import { checkRegex } from '@causeway/apis/gateway/regex';
import type { CanaryHeaderIR, ForwardIR } from '@causeway/ir/gateway';
import { translateAffinity } from './affinity.ts';
import type { Need, Problem } from './problem.ts';
import { type ServiceGroupTranslation, translateServiceGroup } from './service-group.ts';

const DEFAULT_TOTAL = 100;

/**
 * Adds `config.canary` of a Rule to what the Rule does. A canary that cannot be is left out: its requests stay with the Rule.
 *
 * Source: LIM-05; ingress-nginx, "Canary".
 */
export function withCanary(
  rule: ServiceGroupTranslation,
  config: CanaryConfig | undefined,
  options: Omit<Parameters<typeof translateServiceGroup>[0], 'group'>,
): ServiceGroupTranslation {
  const { action } = rule;
  if (config === undefined || action.type !== 'forward') return rule;
  const problem = (message: string): Problem => ({
    object: options.object,
    reason: 'InvalidField',
    message: `spec.config.canary${message}; no request goes to the canary`,
    severity: 'Warning',
  });
  const without = (message: string): ServiceGroupTranslation => ({
    ...rule,
    problems: [...rule.problems, problem(message)],
  });
  const affinity = translateAffinity(config.serviceGroup);
  if (typeof affinity === 'string') return without(`.serviceGroup.${affinity}`);
  const pattern = config.headerPattern === undefined ? undefined : checkRegex(config.headerPattern);
  if (pattern?.dialect === 'invalid') return without(`.headerPattern: ${pattern.error}`);
  const canary = translateServiceGroup({ ...options, group: config.serviceGroup });
  if (canary.action.type !== 'forward') return without('.serviceGroup: no Service with a weight above 0');
  return {
    action: withBackends(action, canary.action, config),
    needs: unique([...rule.needs, ...canary.needs]),
    problems: [...rule.problems, ...canary.problems],
  };
}

function withBackends(rule: ForwardIR, { backends, affinity }: ForwardIR, config: CanaryConfig): ForwardIR {
  const header = headerOf(config);
  const cookie = config.cookie ?? '';
  const sticky = config.affinity !== 'legacy';
  return {
    ...rule,
    canary: {
      backends,
      affinity: sticky && rule.affinity.type === 'session' ? { ...rule.affinity, ofCanary: true } : affinity,
      ...(header === undefined ? {} : { header }),
      ...(cookie === '' ? {} : { cookie }),
      weight: config.weight ?? 0,
      total: config.weightTotal ?? DEFAULT_TOTAL,
      sticky,
    },
  };
}

function headerOf({ header = '', headerValue = '', headerPattern = '' }: CanaryConfig): CanaryHeaderIR | undefined {
  if (header === '') return undefined;
  const name = header.toLowerCase();
  if (headerValue !== '') return { name, value: headerValue };
  return headerPattern === '' ? { name } : { name, pattern: headerPattern };
}

function unique(needs: readonly Need[]): readonly Need[] {
  return [...new Map(needs.map((need) => [`${need.kind} ${need.id}`, need])).values()];
}
