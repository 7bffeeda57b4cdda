import type { ObjectOfKind } from '../meta/crd.ts';
import { array, checked, object, optional, string } from '../meta/schema.ts';
import { AGE_COLUMN, conditionColumn, gatewayApiKind } from './bundle.ts';
import { conditions, pendingConditions } from './condition.ts';
import { controllerName, groupName, kindName, namespaceName, objectName } from './names.ts';

/** A choice of Gateways: who makes them work. Source: Gateway API, GatewayClass. */
export type GatewayClass = ObjectOfKind<typeof GatewayClassKind>;

const INITIAL = ['Accepted'];

const spec = object('Who makes its Gateways work, and how.', {
  controllerName: checked(controllerName('Who makes Gateways of the class work; cannot change.'), {
    message: 'Value is immutable',
    rule: 'self == oldSelf',
  }),
  parametersRef: optional(
    object('Settings for all Gateways of the class.', {
      group: groupName('API group, "" for core.'),
      kind: kindName('Kind.'),
      name: objectName('Name.'),
      namespace: optional(namespaceName('For kinds that have one.')),
    }),
  ),
  description: optional(string('For people.', { maxLength: 64 })),
});

const status = object(
  'What its controller says.',
  {
    conditions: optional(conditions('Accepted, SupportedVersion and others.', { initial: INITIAL })),
    supportedFeatures: optional(
      array(
        'What its Gateways can do beyond the core, sorted by name.',
        object('A feature.', { name: string('As the conformance suite names it.') }),
        { maxItems: 64, list: ['name'] },
      ),
    ),
  },
  { default: { conditions: pendingConditions(INITIAL) } },
);

const version = {
  description: 'A choice of Gateways that share a controller and settings.',
  spec,
  status,
  columns: [
    { name: 'Controller', type: 'string', jsonPath: '.spec.controllerName' },
    conditionColumn('Accepted'),
    AGE_COLUMN,
    { name: 'Description', type: 'string', jsonPath: '.spec.description', priority: 1 },
  ],
} as const;

export const GatewayClassKind = gatewayApiKind({
  kind: 'GatewayClass',
  plural: 'gatewayclasses',
  shortNames: ['gc'],
  clusterWide: true,
  storage: 'v1',
  versions: [
    { name: 'v1', ...version },
    { name: 'v1beta1', ...version },
  ],
});
