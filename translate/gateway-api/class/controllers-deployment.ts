import { createHash } from 'node:crypto';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Deployment, EnvoyGatewayCtl } from '@causeway/resources/kinds';
import { ownerAnnotation } from './class-owner.ts';
import { gatewayClassName } from './gateway-class-name.ts';

/** Unless it says how many, and what each may take. Source: GW-02. */
const REPLICAS = 1;
const RESOURCES = { limits: { cpu: '1', memory: '1024Mi' }, requests: { cpu: '100m', memory: '256Mi' } };

/** Fields of `spec.deployment` that have an effect, and of its `pod`. */
export const DEPLOYMENT_FIELDS: readonly string[] = ['pod', 'replicas', 'resources'];
export const POD_FIELDS: readonly string[] = ['affinity', 'nodeSelector', 'tolerations', 'topologySpreadConstraints'];

/**
 * The controllers that an EnvoyGatewayCtl asks for: as many more of those that are installed, with their rights and beside them. All of
 * them elect one leader, so that any can take over.
 *
 * Source: GW-02; docs/adr/0026.
 *
 * @param installed the Deployment of the installation
 */
export function controllersDeployment(installed: Deployment, ctl: EnvoyGatewayCtl): KubernetesObject {
  const { replicas = REPLICAS, resources = RESOURCES, pod = {} } = ctl.spec.deployment ?? {};
  const { namespace, labels: installedLabels } = installed.metadata;
  const name = controllersName(keyOf(ctl));
  const labels = {
    ...installedLabels,
    'app.kubernetes.io/component': 'gateway-controllers',
    'app.kubernetes.io/instance': hash(objectKeyText(keyOf(ctl))),
  };
  const { template } = installed.spec ?? {};
  const [container, ...others] = template?.spec?.containers ?? [];
  // Away from each other, not from the installed ones.
  const { affinity: _, ...installedPod } = template?.spec ?? {};
  const placed = Object.fromEntries(Object.entries(pod).filter(([field]) => POD_FIELDS.includes(field)));
  const made: KubernetesObject & { readonly spec: object } = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...{ name, ...(namespace === undefined ? {} : { namespace }), labels },
      annotations: ownerAnnotation(keyOf(ctl)),
    },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { ...installedPod, ...placed, containers: [{ ...container, resources }, ...others] },
      },
    },
  };
  return made;
}

/** Of their Deployment, in the namespace of those that are installed. */
export function controllersName(ctl: ObjectKey): string {
  return `${gatewayClassName(ctl)}-controllers`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
