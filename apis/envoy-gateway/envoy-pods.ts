import { array, checked, integer, intOrString, map, object, optional, string } from '../meta/schema.ts';
import { ofKubernetes } from './bundle.ts';
import { name, patch } from './workload-patch.ts';

const quantities = map('By resource: cpu, memory.', intOrString('Quantity.'));

const toleration = object('Of a taint.', {
  key: optional(string('Key.')),
  operator: optional(string('Exists or Equal.')),
  value: optional(string('Value.')),
  effect: optional(string('Effect.')),
  tolerationSeconds: optional(integer('How long.', { format: 'int64' })),
});

/** Source: Envoy Gateway v1.7, KubernetesPodSpec. */
const pod = object('Where and how they run.', {
  annotations: optional(map('Annotations.', string('Value.'))),
  labels: optional(map('Labels.', string('Value.'))),
  nodeSelector: optional(map('Labels of nodes.', string('Value.'))),
  tolerations: optional(array('Taints of nodes that they bear.', toleration)),
  affinity: optional(ofKubernetes('Nodes and pods that they keep near or away from.')),
  topologySpreadConstraints: optional(ofKubernetes('How they are spread.')),
  imagePullSecrets: optional(ofKubernetes('With what images are fetched.')),
  volumes: optional(ofKubernetes('Further volumes.')),
  securityContext: optional(ofKubernetes('Who they run as.')),
  priorityClassName: optional(string('Which others they precede.')),
});

/** Source: Envoy Gateway v1.7, KubernetesContainerSpec. */
const container = checked(
  object('The container.', {
    image: optional(
      checked(string('An image of ours.'), {
        message: "Image must include a tag and allowed characters only (e.g., 'repo:tag').",
        rule: "self.matches('^[a-zA-Z0-9._-]+(:[0-9]+)?(/[a-zA-Z0-9._/-]+)?(:[a-zA-Z0-9._-]+)?(@sha256:[a-z0-9]+)?$')",
      }),
    ),
    imageRepository: optional(
      checked(string('The same without tag, which is that of the controllers.'), {
        message: 'ImageRepository must contain only allowed characters and must not include a tag.',
        rule: "self.matches('^[a-zA-Z0-9._-]+(:[0-9]+)?[a-zA-Z0-9._/-]+$')",
      }),
    ),
    resources: optional(
      object(
        'What it may use, instead of what it has otherwise.',
        { limits: optional(quantities), requests: optional(quantities) },
        { preserveUnknown: true },
      ),
    ),
    env: optional(ofKubernetes('Further variables.')),
    volumeMounts: optional(ofKubernetes('Where further volumes are.')),
    securityContext: optional(ofKubernetes('What it may do beside what it needs.')),
  }),
  {
    message: 'Either image or imageRepository can be set.',
    rule: '!has(self.image) || !has(self.imageRepository)',
  },
);

/** Source: Envoy Gateway v1.7, KubernetesDeploymentSpec. */
export const envoyDeployment = object('Its pods.', {
  replicas: optional(integer('How many.', { minimum: 0, format: 'int32' })),
  name: name('Deployment'),
  container: optional(container),
  initContainers: optional(ofKubernetes('What runs before.')),
  pod: optional(pod),
  strategy: optional(ofKubernetes('How they are replaced.')),
  patch: patch('Deployment'),
});

/** Source: Envoy Gateway v1.7, KubernetesDaemonSetSpec. */
export const envoyDaemonSet = object('A pod on each node.', {
  name: name('DaemonSet'),
  container: optional(container),
  initContainers: optional(ofKubernetes('What runs before.')),
  pod: optional(pod),
  strategy: optional(ofKubernetes('How they are replaced.')),
  patch: patch('DaemonSet'),
});
