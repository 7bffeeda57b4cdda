import { checked, integer, intOrString, object, optional } from '../meta/schema.ts';
import { ofKubernetes } from './bundle.ts';
import { name, patch } from './workload-patch.ts';

/** Source: Envoy Gateway v1.7, KubernetesHorizontalPodAutoscalerSpec. */
export const envoyHpa = checked(
  object('As many pods as are needed.', {
    minReplicas: optional(
      checked(integer('At least; absent: 1.', { format: 'int32' }), {
        message: 'minReplicas must be greater than 0',
        rule: 'self > 0',
      }),
    ),
    maxReplicas: checked(integer('At most.', { format: 'int32' }), {
      message: 'maxReplicas must be greater than 0',
      rule: 'self > 0',
    }),
    metrics: optional(ofKubernetes('What tells how many; absent: the processor.')),
    behavior: optional(ofKubernetes('How quickly.')),
    name: name('HorizontalPodAutoscaler'),
    patch: patch('HorizontalPodAutoscaler'),
  }),
  {
    message: 'maxReplicas cannot be less than minReplicas',
    rule: '!has(self.minReplicas) || self.maxReplicas >= self.minReplicas',
  },
);

/** Source: Envoy Gateway v1.7, KubernetesPodDisruptionBudgetSpec. */
export const envoyPDB = checked(
  object('How many pods are left when nodes are emptied.', {
    minAvailable: optional(intOrString('At least.')),
    maxUnavailable: optional(intOrString('All but so many.')),
    name: name('PodDisruptionBudget'),
    patch: patch('PodDisruptionBudget'),
  }),
  {
    message: 'only one of minAvailable or maxUnavailable can be specified',
    rule: '!has(self.minAvailable) || !has(self.maxUnavailable)',
  },
);
