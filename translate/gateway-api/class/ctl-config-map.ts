import { type KubernetesObject, keyOf } from '@causeway/apis/meta/object';
import type { ConfigMap, EnvoyGatewayCtl } from '@causeway/resources/kinds';
import { stringify } from 'yaml';
import { CONTROLLER_NAME } from './class.ts';
import { ownerAnnotation } from './class-owner.ts';
import type { Fields } from './config-fields.ts';

/** As the chart of Envoy Gateway calls it, and its entry. */
export const CONFIG_MAP = 'envoy-gateway-config';
const ENTRY = 'envoy-gateway.yaml';

/**
 * The configuration in force of an EnvoyGatewayCtl, for people and programs to read beside it: what they write there has no effect.
 *
 * Source: GW-02.
 */
export function ctlConfigMap(ctl: EnvoyGatewayCtl, config: Fields): KubernetesObject {
  const { apiVersion, kind, metadata } = ctl;
  const { namespace } = metadata;
  const provider = { type: 'Kubernetes', ...(config['provider'] as object | undefined) };
  const written = {
    ...{ apiVersion: 'gateway.envoyproxy.io/v1alpha1', kind: 'EnvoyGateway' },
    ...{
      ...config,
      gateway: { ...(config['gateway'] as object | undefined), controllerName: CONTROLLER_NAME },
      provider,
    },
  };
  const map: KubernetesObject & Pick<ConfigMap, 'data'> = {
    ...{ apiVersion: 'v1', kind: 'ConfigMap' },
    metadata: {
      ...{ name: CONFIG_MAP, ...(namespace === undefined ? {} : { namespace }) },
      annotations: ownerAnnotation(keyOf(ctl)),
      ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true }],
    },
    data: { [ENTRY]: stringify(written, { sortMapEntries: true }) },
  };
  return map;
}
