import { type JsonObject, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { AGE, NAME, text, wide } from '../column.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

export const nodeColumns = [
  NAME,
  text('Status', 'The status of the node', statusOf),
  text('Roles', 'The roles of the node', rolesOf),
  AGE,
  text('Version', 'Kubelet Version reported by the node.', (node) => infoOf(node, 'kubeletVersion')),
  wide(text('Internal-IP', 'The internal address.', (node) => addressOf(node, 'InternalIP'))),
  wide(text('External-IP', 'The external address.', (node) => addressOf(node, 'ExternalIP'))),
  wide(text('OS-Image', 'OS Image reported by the node.', (node) => infoOf(node, 'osImage') || '<unknown>')),
  wide(text('Kernel-Version', 'Kernel reported by the node.', (node) => infoOf(node, 'kernelVersion') || '<unknown>')),
  wide(
    text(
      'Container-Runtime',
      'Runtime reported by the node.',
      (node) => infoOf(node, 'containerRuntimeVersion') || '<unknown>',
    ),
  ),
];

function statusOf(node: JsonObject): string {
  const ready = objectsAt(objectAt(node, 'status'), 'conditions').find((each) => textAt(each, 'type') === 'Ready');
  const words = [ready === undefined ? 'Unknown' : textAt(ready, 'status') === 'True' ? 'Ready' : 'NotReady'];
  if (objectAt(node, 'spec')?.['unschedulable'] === true) words.push('SchedulingDisabled');
  return words.join(',');
}

function rolesOf(node: JsonObject): string {
  const labels = objectAt(objectAt(node, 'metadata'), 'labels') ?? {};
  const roles = Object.keys(labels)
    .filter((key) => key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length)
    .map((key) => key.slice(ROLE_PREFIX.length));
  return roles.length === 0 ? '<none>' : roles.sort().join(',');
}

function infoOf(node: JsonObject, key: string): string {
  return textAt(objectAt(objectAt(node, 'status'), 'nodeInfo'), key);
}

function addressOf(node: JsonObject, type: string): string {
  const addresses = objectsAt(objectAt(node, 'status'), 'addresses');
  return (
    textAt(
      addresses.find((each) => textAt(each, 'type') === type),
      'address',
    ) || '<none>'
  );
}
