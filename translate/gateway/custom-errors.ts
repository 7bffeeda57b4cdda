import type { Frontend } from '@causeway/apis/gateway/frontend';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { ErrorOriginIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { defaultBackendGroup } from './default-backend.ts';
import type { Inherited } from './inheritance.ts';
import { type Problem, uniqueNeeds } from './problem.ts';
import { type ServiceGroupTranslation, translateServiceGroup } from './service-group.ts';

/** nginx's own, which no backend answers and no client sees. */
const INTERNAL = { first: 494, last: 499 };

export interface CustomErrorsSubject {
  readonly rule?: Rule;
  readonly frontend: Frontend;
}

/**
 * Adds customErrors in force to what a Rule or default service group does.
 *
 * Source: spec ALB 5.7, custom-http-errors; ingress-nginx, "Custom HTTP Errors".
 */
export function withCustomErrors(
  view: View,
  own: ServiceGroupTranslation,
  inherited: Inherited,
  { rule, frontend }: CustomErrorsSubject,
  options: Omit<Parameters<typeof translateServiceGroup>[0], 'group'>,
): ServiceGroupTranslation {
  const { customErrors, defaultBackend } = inherited;
  const { action } = own;
  const statuses = [...new Set(customErrors?.statuses)]
    .filter((status) => status < INTERNAL.first || status > INTERNAL.last)
    .sort((a, b) => a - b);
  if (customErrors === undefined || statuses.length === 0 || action.type !== 'forward') return own;
  const told = (message: string, reason: Problem['reason'] = 'InvalidField'): ServiceGroupTranslation => ({
    ...own,
    problems: [
      ...own.problems,
      { object: options.object, reason, message: `spec.config.customErrors: ${message}`, severity: 'Warning' },
    ],
  });
  if (action.backends.some(({ protocol }) => protocol.startsWith('grpc')))
    return told('errors of gRPC are passed on as they are', 'UnsupportedFeature');
  const group =
    defaultBackend === undefined ? rule && frontend.spec.serviceGroup : defaultBackendGroup(view, defaultBackend);
  // That a defaultBackend is not there is told where it stands.
  if (group === undefined && defaultBackend !== undefined) return own;
  if (group === undefined || (group.services ?? []).length === 0)
    return told('there is no defaultBackend, and the Frontend has no default service group; errors stay as they are');
  const pages = translateServiceGroup({ ...options, backendProtocol: 'http', group });
  if (pages.action.type !== 'forward') return { ...own, problems: [...own.problems, ...pages.problems] };
  const { backends } = pages.action;
  return {
    action: { ...action, customErrors: { statuses, intercept: customErrors.intercept !== false, backends } },
    needs: uniqueNeeds([...own.needs, ...pages.needs]),
    problems: own.problems,
  };
}

/** Tells backends that stand in for others whom they stand in for. */
export function withErrorOrigin(
  own: ServiceGroupTranslation,
  { rule, frontend }: CustomErrorsSubject,
): ServiceGroupTranslation {
  const { action } = own;
  if (action.type !== 'forward' || (action.spareBackends === undefined && action.customErrors === undefined))
    return own;
  return { ...own, action: { ...action, errorOrigin: originOf(rule, frontend) } };
}

function originOf(rule: Rule | undefined, frontend: Frontend): ErrorOriginIR {
  const { metadata, spec } = rule ?? frontend;
  const [service] = spec.serviceGroup?.services ?? [];
  const { source } = spec;
  const made = source?.type === 'ingress' && rule !== undefined ? source : undefined;
  return {
    namespace: made?.namespace ?? metadata.namespace ?? '',
    name: made?.name ?? metadata.name,
    service: service?.name ?? '',
    servicePort: service === undefined ? '' : String(service.port),
  };
}
