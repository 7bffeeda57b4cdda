import { GatewayClassKind } from '@causeway/apis/gateway-api/gateway-class';
import { apiVersionOf } from '@causeway/apis/meta/kind';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { EnvoyGatewayCtl } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Verdict, verdict } from '../condition.ts';
import { CONTROLLER_NAME } from './class.ts';
import { isMadeFor, ownerAnnotation } from './class-owner.ts';
import type { Fields } from './config-fields.ts';
import { controllersDeployment, DEPLOYMENT_FIELDS, POD_FIELDS } from './controllers-deployment.ts';
import { readCtlConfig } from './ctl-config.ts';
import { CONFIG_MAP, ctlConfigMap } from './ctl-config-map.ts';
import { gatewayClassName } from './gateway-class-name.ts';

export interface CtlTranslation {
  /** Absent: there must be none. */
  readonly gatewayClass?: KubernetesObject;
  readonly configMap?: KubernetesObject;
  readonly deployment?: KubernetesObject;
  /** Absent: there is no such object. */
  readonly accepted?: Verdict;
  /** The configuration in force. */
  readonly config?: Fields;
}

/**
 * An EnvoyGatewayCtl -> its GatewayClass, whose Gateways the installed controllers serve, its configuration to be read, and on a cluster more
 * controllers. What it says of how Envoy Gateway works has no effect, and is told. Of several in a namespace the oldest counts.
 *
 * Source: GW-02, GW-44.
 *
 * @param installed the Deployment of the controllers of this cluster; absent: they are no Pods
 */
export function translateCtl(view: View, key: ObjectKey, installed?: ObjectKey): CtlTranslation {
  const ctl = view.get('EnvoyGatewayCtl', key);
  if (ctl === undefined || ctl.metadata.deletionTimestamp !== undefined) return {};
  const first = view
    .all('EnvoyGatewayCtl')
    .filter(({ metadata }) => metadata.namespace === key.namespace)
    .reduce((oldest, each) => (ageText(each) < ageText(oldest) ? each : oldest), ctl);
  if (first !== ctl && keyOf(first).name !== key.name) {
    const message = `EnvoyGatewayCtl ${objectKeyText(keyOf(first))} is there already: one in a namespace`;
    return { accepted: verdict('Accepted', false, 'Conflicted', message) };
  }
  const gatewayClass: KubernetesObject & { readonly spec: object } = {
    apiVersion: apiVersionOf(GatewayClassKind.names),
    kind: GatewayClassKind.names.kind,
    metadata: { name: gatewayClassName(key), annotations: ownerAnnotation(key) },
    spec: { controllerName: CONTROLLER_NAME },
  };
  const { mistakes, inForce } = readCtlConfig(ctl);
  const map = view.get('ConfigMap', { namespace: key.namespace, name: CONFIG_MAP });
  const isTaken = map !== undefined && !isMadeFor(map, key);
  const running = installed && view.get('Deployment', installed);
  const deployment = running && controllersDeployment(running, ctl);
  const said = [
    `GatewayClass ${gatewayClassName(key)}`,
    ...(deployment === undefined ? [] : [`controllers in Deployment ${objectKeyText(keyOf(deployment))}`]),
    ...(isTaken ? [`ConfigMap ${CONFIG_MAP} is somebody else's`] : []),
    ...ineffectiveOf(ctl, deployment !== undefined),
  ];
  return {
    gatewayClass,
    ...(isTaken ? {} : { configMap: ctlConfigMap(ctl, inForce) }),
    ...(deployment === undefined ? {} : { deployment }),
    config: inForce,
    accepted:
      mistakes.length === 0
        ? verdict('Accepted', true, 'Accepted', said.join('; '))
        : verdict('Accepted', false, 'InvalidParameters', mistakes.join('; ')),
  };
}

/** What is served of an EnvoyGatewayCtl, or says what it is. */
const WITH_EFFECT: readonly string[] = ['apiVersion', 'deploy', 'kind', 'rateLimit', 'type'];

/** Settings of the controllers where they are no Pods, and of an Envoy Gateway. */
function ineffectiveOf({ spec }: EnvoyGatewayCtl, hasPods: boolean): readonly string[] {
  const { config, deployment = {}, ...others } = spec;
  const { provider = {}, ...settings } = config?.envoyGateway ?? {};
  const { kubernetes = {}, ...ofProvider } = provider;
  const under = (path: string, fields: object, effective = WITH_EFFECT) =>
    Object.keys(fields).flatMap((name) => (effective.includes(name) ? [] : `${path}.${name}`));
  const paths = [
    ...under('spec', others),
    ...under('spec.deployment', deployment, hasPods ? DEPLOYMENT_FIELDS : []),
    ...(hasPods ? under('spec.deployment.pod', deployment.pod ?? {}, POD_FIELDS) : []),
    ...under('spec.config.envoyGateway', settings),
    ...under('spec.config.envoyGateway.provider', ofProvider),
    ...under('spec.config.envoyGateway.provider.kubernetes', kubernetes),
  ];
  return paths.length === 0 ? [] : [`without effect are ${paths.sort().join(', ')}`];
}

function ageText(object: KubernetesObject): string {
  return `${object.metadata.creationTimestamp ?? '9'} ${objectKeyText(keyOf(object))}`;
}
