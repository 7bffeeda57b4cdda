import type { Strategy } from '../strategy.ts';
import { customResourceDefinitionStrategy } from './custom-resource-definition.ts';
import { deploymentStrategy } from './deployment.ts';
import { ingressStrategy } from './ingress.ts';
import { namespaceStrategy } from './namespace.ts';
import { podStrategy } from './pod.ts';
import { serviceStrategy } from './service.ts';

/** By `Kind.group`. Kinds without an entry do nothing beyond their schema. */
export function builtInStrategies(): ReadonlyMap<string, Strategy> {
  return new Map<string, Strategy>([
    ['CustomResourceDefinition.apiextensions.k8s.io', customResourceDefinitionStrategy],
    ['Deployment.apps', deploymentStrategy],
    ['Event', { hasGeneration: false, allowsUnconditionalUpdate: true, keepsStatusOnCreate: true }],
    ['Ingress.networking.k8s.io', ingressStrategy],
    ['Lease.coordination.k8s.io', { hasGeneration: false, allowsUnconditionalUpdate: false }],
    ['Namespace', namespaceStrategy],
    ['Node', { hasGeneration: false, allowsUnconditionalUpdate: true, keepsStatusOnCreate: true }],
    ['Pod', podStrategy],
    ['Service', serviceStrategy()],
  ]);
}
