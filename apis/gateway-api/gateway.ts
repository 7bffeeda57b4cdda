import type { ObjectOfKind } from '../meta/crd.ts';
import { array, checked, integer, map, object, oneOf, optional, type Schema, string } from '../meta/schema.ts';
import { AGE_COLUMN, conditionColumn, gatewayApiKind } from './bundle.ts';
import { conditions, pendingConditions } from './condition.ts';
import { boundAddress, wantedAddress } from './gateway-address.ts';
import { gatewayTls } from './gateway-tls.ts';
import { labelSelector } from './label-selector.ts';
import { listenerStatuses, listeners } from './listener.ts';
import { objectName, optionValue } from './names.ts';
import { localReference } from './object-reference.ts';

/** Where traffic comes in. Source: Gateway API, Gateway. */
export type Gateway = ObjectOfKind<typeof GatewayKind>;

const INITIAL = ['Accepted', 'Programmed'];
const MOST_ADDRESSES = 16;
const QUALIFIED_NAME =
  '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$';
const PREFIX_LENGTH = 253;

/** Labels or annotations, by whose keys alone something can be wrong. */
function qualifiedKeys<T>(schema: Schema<T>, what: 'Annotation' | 'Label'): Schema<T> {
  return checked(
    schema,
    {
      message: `${what} keys must be in the form of an optional DNS subdomain prefix followed by a required name segment of up to 63 characters.`,
      rule: `self.all(key, key.matches(r"""${QUALIFIED_NAME}"""))`,
    },
    {
      message: `If specified, the ${what.toLowerCase()} key's prefix must be a DNS subdomain not longer than 253 characters in total.`,
      rule: `self.all(key, size(key.split('/')[0]) < ${PREFIX_LENGTH})`,
    },
  );
}

function uniqueAddresses(type: string): { readonly message: string; readonly rule: string } {
  return {
    message: `${type} values must be unique`,
    rule: `self.all(a1, a1.type != '${type}' || !has(a1.value) || self.exists_one(a2, a2.type == a1.type && has(a2.value) && a2.value == a1.value))`,
  };
}

const infrastructure = object('What is made for the Gateway.', {
  labels: optional(
    qualifiedKeys(
      map(
        'Labels of the objects that are made for it.',
        string('Value.', { maxLength: 63, pattern: '^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$' }),
        { maxProperties: 8 },
      ),
      'Label',
    ),
  ),
  annotations: optional(
    qualifiedKeys(
      map('Annotations of the objects that are made for it.', optionValue('Value.'), { maxProperties: 16 }),
      'Annotation',
    ),
  ),
  parametersRef: optional(localReference('Settings for this Gateway, which come before those of the class.')),
});

const allowedListeners = object('Which ListenerSets may attach.', {
  namespaces: optional(
    object(
      'From which namespaces.',
      {
        from: optional(
          oneOf(
            'All, those that selector selects, the one of the Gateway, or none.',
            ['All', 'Selector', 'Same', 'None'],
            { default: 'None' },
          ),
        ),
        selector: optional(labelSelector('Labels of the namespaces; counts with from: Selector only.')),
      },
      { default: { from: 'None' } },
    ),
  ),
});

const spec = object('Where it listens.', {
  gatewayClassName: objectName('The GatewayClass, by which a controller takes it.'),
  listeners,
  addresses: optional(
    checked(
      array('Addresses it wants; absent: the controller chooses.', wantedAddress, {
        maxItems: MOST_ADDRESSES,
        list: 'atomic',
      }),
      uniqueAddresses('IPAddress'),
      uniqueAddresses('Hostname'),
    ),
  ),
  infrastructure: optional(infrastructure),
  allowedListeners: optional(allowedListeners),
  tls: optional(gatewayTls),
  defaultScope: optional(
    oneOf('All: routes that ask for default Gateways attach to it without naming it.', ['All', 'None']),
  ),
});

const status = object(
  'What its controller says.',
  {
    addresses: optional(array('Addresses it listens at.', boundAddress, { maxItems: MOST_ADDRESSES, list: 'atomic' })),
    conditions: optional(conditions('Accepted, Programmed and others.', { initial: INITIAL })),
    listeners: optional(listenerStatuses),
    attachedListenerSets: optional(integer('How many ListenerSets it serves.', { format: 'int32' })),
  },
  { default: { conditions: pendingConditions(INITIAL) } },
);

const version = {
  description: 'Addresses, ports and protocols at which traffic for routes comes in.',
  spec,
  status,
  columns: [
    { name: 'Class', type: 'string', jsonPath: '.spec.gatewayClassName' },
    { name: 'Address', type: 'string', jsonPath: '.status.addresses[*].value' },
    conditionColumn('Programmed'),
    AGE_COLUMN,
  ],
} as const;

export const GatewayKind = gatewayApiKind({
  kind: 'Gateway',
  plural: 'gateways',
  shortNames: ['gtw'],
  storage: 'v1',
  versions: [
    { name: 'v1', ...version },
    { name: 'v1beta1', ...version },
  ],
});
