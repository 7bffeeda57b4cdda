import { array, boolean, checked, map, object, oneOf, optional, string } from '../meta/schema.ts';
import { name, patch } from './workload-patch.ts';

const OCTET = '(25[0-5]|2[0-4][0-9]|[01]?[0-9][0-9]?)';

/** Fields of a Service that only a load balancer has. */
const OF_LOAD_BALANCERS = [
  'loadBalancerIP',
  'loadBalancerSourceRanges',
  'loadBalancerClass',
  'allocateLoadBalancerNodePorts',
] as const;

/** Source: Envoy Gateway v1.7, KubernetesServiceSpec. */
export const envoyService = checked(
  object('How it is reached.', {
    type: optional(oneOf('How.', ['ClusterIP', 'LoadBalancer', 'NodePort'], { default: 'LoadBalancer' })),
    annotations: optional(map('Annotations of the Service.', string('Value.'))),
    labels: optional(map('Labels of the Service.', string('Value.'))),
    loadBalancerIP: optional(
      checked(string('Its address.'), {
        message: 'loadBalancerIP must be a valid IPv4 address',
        rule: `self.matches('^(${OCTET}[.]){3}${OCTET}$')`,
      }),
    ),
    loadBalancerSourceRanges: optional(array('Networks of clients.', string('CIDR.'))),
    loadBalancerClass: optional(string('Who makes its address.')),
    allocateLoadBalancerNodePorts: optional(boolean('Whether it has ports of nodes.')),
    externalTrafficPolicy: optional(oneOf('Which nodes take traffic.', ['Local', 'Cluster'], { default: 'Local' })),
    name: name('Service'),
    patch: patch('Service'),
  }),
  ...OF_LOAD_BALANCERS.map((field) => ({
    message: `${field} can only be set for LoadBalancer type`,
    rule: `!has(self.${field}) || !has(self.type) || self.type == 'LoadBalancer'`,
  })),
);
