import { conditions } from '../gateway-api/condition.ts';
import { defineKind, type ObjectOfKind } from '../meta/crd.ts';
import { integer, object, oneOf, optional } from '../meta/schema.ts';

/** A gateway controller that somebody wants, and its GatewayClass. Source: GW-02. */
export type EnvoyGatewayCtl = ObjectOfKind<typeof EnvoyGatewayCtlKind>;

const open = { preserveUnknown: true };

/** Source: Envoy Gateway v1.7, EnvoyGateway and KubernetesDeployMode. */
const deploy = object(
  'Where the objects of data planes are.',
  {
    type: optional(
      oneOf('In the namespace of this object, or in that of each Gateway; absent: the former.', [
        'ControllerNamespace',
        'GatewayNamespace',
      ]),
    ),
  },
  open,
);
const kubernetes = object('On a cluster.', { deploy: optional(deploy) }, open);
const provider = object('On what data planes run.', { kubernetes: optional(kubernetes) }, open);
const envoyGateway = object('That of Envoy Gateway.', { provider: optional(provider) }, open);

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
          config: optional(
            object('Its configuration.', { envoyGateway: optional(envoyGateway) }, { preserveUnknown: true }),
          ),
          deployment: optional(
            object(
              'Its pods.',
              {
                replicas: optional(integer('How many; absent: 1.', { minimum: 0 })),
                resources: optional(object('What each may take.', {}, open)),
                pod: optional(object('Where they run.', {}, open)),
              },
              open,
            ),
          ),
        },
        { preserveUnknown: true },
      ),
      status: object('What became of it.', {
        conditions: optional(conditions('Accepted.')),
        config: optional(
          object(
            'The configuration in force: the last of `spec.config.envoyGateway` that was good.',
            {},
            { preserveUnknown: true },
          ),
        ),
      }),
      columns: [
        { name: 'Accepted', type: 'string', jsonPath: '.status.conditions[?(@.type=="Accepted")].status' },
        { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
      ],
    },
  ],
});
