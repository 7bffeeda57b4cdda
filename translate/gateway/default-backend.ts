import type { DefaultBackendConfig } from '@causeway/apis/gateway/default-backend';
import type { View } from '@causeway/resources/view';
import type { Need, Problem } from './problem.ts';
import { type ServiceGroupTranslation, translateServiceGroup } from './service-group.ts';

/**
 * Adds `config.defaultBackend` of a Rule to what the Rule does.
 *
 * Source: spec ALB 5.7, default-backend.
 */
export function withDefaultBackend(
  view: View,
  rule: ServiceGroupTranslation,
  config: DefaultBackendConfig | undefined,
  options: Omit<Parameters<typeof translateServiceGroup>[0], 'group'>,
): ServiceGroupTranslation {
  const { action } = rule;
  if (config === undefined || action.type !== 'forward') return rule;
  const { namespace, name } = config;
  const port = config.port ?? firstPort(view, namespace, name);
  if (port === undefined) {
    const problem: Problem = {
      object: options.object,
      reason: 'RefNotFound',
      message: `spec.config.defaultBackend: Service ${namespace}/${name} not found, or without port; it gets no requests`,
      severity: 'Warning',
    };
    return { ...rule, problems: [...rule.problems, problem] };
  }
  const spare = translateServiceGroup({ ...options, group: { services: [{ namespace, name, port, weight: 100 }] } });
  if (spare.action.type !== 'forward') return { ...rule, problems: [...rule.problems, ...spare.problems] };
  return {
    action: { ...action, spareBackends: spare.action.backends },
    needs: unique([...rule.needs, ...spare.needs]),
    problems: rule.problems,
  };
}

function firstPort(view: View, namespace: string, name: string): number | undefined {
  const ports = view.get('Service', { namespace, name })?.spec?.ports ?? [];
  return ports.find(({ protocol }) => (protocol ?? 'TCP') === 'TCP')?.port;
}

function unique(needs: readonly Need[]): readonly Need[] {
  return [...new Map(needs.map((need) => [`${need.kind} ${need.id}`, need])).values()];
}
