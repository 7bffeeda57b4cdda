import type { Facts } from './facts.ts';

/** Descriptions that no package tells, in our words: of later fields that hold an object. */
export const TEXTS: Facts = {
  'authorization.v1.ResourceAttributes/fieldSelector': text(
    'Narrows the question to objects that this field selector selects. An authorizer may ignore it, and answer for all objects.',
  ),
  'authorization.v1.ResourceAttributes/labelSelector': text(
    'Narrows the question to objects that this label selector selects. An authorizer may ignore it, and answer for all objects.',
  ),
  'autoscaling.v2.HPAScalingRules/tolerance': text(
    'How far the metric may be from its target before anything is scaled, as a share of the target; the default is that of the cluster (0.1).',
  ),
  'core.v1.ContainerStatus/user': text('As whom the first process of the container was started.'),
  'core.v1.NodeStatus/features': text('What the container runtime of the node can do.'),
  'core.v1.NodeSystemInfo/swap': text('What the node reports of its swap space.'),
  'core.v1.PodSpec/resources': text(
    'CPU, memory and huge pages that all containers of the pod together ask for and may use at most.',
  ),
  'core.v1.Volume/image': text(
    'The content of an OCI image or artifact, mounted read-only. A tag is resolved when the pod starts; pullPolicy says when it is fetched.',
  ),
};

function text(description: string): { readonly description: string } {
  return { description };
}
