import type { DefaultBackendConfig } from '@causeway/apis/gateway/default-backend';
import type { ServiceGroup } from '@causeway/apis/gateway/service-group';
import type { View } from '@causeway/resources/view';
import { type Problem, uniqueNeeds } from './problem.ts';
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
  const group = defaultBackendGroup(view, config);
  if (group === undefined) {
    const problem: Problem = {
      object: options.object,
      reason: 'RefNotFound',
      message: `spec.config.defaultBackend: Service ${namespace}/${name} not found, or without port; it gets no requests`,
      severity: 'Warning',
    };
    return { ...rule, problems: [...rule.problems, problem] };
  }
  const spare = translateServiceGroup({ ...options, group });
  if (spare.action.type !== 'forward') return { ...rule, problems: [...rule.problems, ...spare.problems] };
  return {
    action: { ...action, spareBackends: spare.action.backends },
    needs: uniqueNeeds([...rule.needs, ...spare.needs]),
    problems: rule.problems,
  };
}

/** @returns undefined when there is no such Service, or it has no port */
export function defaultBackendGroup(view: View, config: DefaultBackendConfig): ServiceGroup | undefined {
  const { namespace, name } = config;
  const port = config.port ?? firstPort(view, namespace, name);
  return port === undefined ? undefined : { services: [{ namespace, name, port, weight: 100 }] };
}

function firstPort(view: View, namespace: string, name: string): number | undefined {
  const ports = view.get('Service', { namespace, name })?.spec?.ports ?? [];
  return ports.find(({ protocol }) => (protocol ?? 'TCP') === 'TCP')?.port;
}
