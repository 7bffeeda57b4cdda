import { conditions } from '../gateway-api/condition.ts';
import { defineKind, type ObjectOfKind } from '../meta/crd.ts';
import { integer, object, optional } from '../meta/schema.ts';
import { unserved } from './bundle.ts';

/** A gateway controller that somebody wants, and its GatewayClass. Source: GW-02. */
export type EnvoyGatewayCtl = ObjectOfKind<typeof EnvoyGatewayCtlKind>;

export const EnvoyGatewayCtlKind = defineKind({
  names: {
    group: 'envoy-gateway.alauda.io',
    version: 'v1',
    kind: 'EnvoyGatewayCtl',
    plural: 'envoygatewayctls',
    singular: 'envoygatewayctl',
    shortNames: [],
    categories: [],
    namespaced: true,
    statusSubresource: true,
  },
  versions: [
    {
      name: 'v1',
      description: 'A GatewayClass, named by the namespace and the name of this object.',
      spec: object(
        'What the controller is told, as the chart of Envoy Gateway has it.',
        {
          config: optional(object('Its configuration.', {}, { preserveUnknown: true })),
          deployment: optional(
            object(
              'Its pods.',
              { replicas: optional(integer('How many.', { minimum: 0 })), pod: optional(unserved('Where they run.')) },
              { preserveUnknown: true },
            ),
          ),
        },
        { preserveUnknown: true },
      ),
      status: object('What became of it.', { conditions: optional(conditions('Accepted.')) }),
      columns: [
        { name: 'Accepted', type: 'string', jsonPath: '.status.conditions[?(@.type=="Accepted")].status' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
  ],
});
