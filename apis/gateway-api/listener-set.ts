import type { ObjectOfKind } from '../meta/crd.ts';
import { object, optional } from '../meta/schema.ts';
import { AGE_COLUMN, conditionColumn, GATEWAY_GROUP, gatewayApiKind } from './bundle.ts';
import { conditions, pendingConditions } from './condition.ts';
import { listenerStatuses, listeners } from './listener.ts';
import { groupName, kindName, namespaceName, objectName } from './names.ts';

/** Further listeners of a Gateway, whose owner is somebody else. Source: Gateway API, ListenerSet. */
export type ListenerSet = ObjectOfKind<typeof ListenerSetKind>;

const INITIAL = ['Accepted', 'Programmed'];

const spec = object('Which Gateway, and where it listens too.', {
  parentRef: object('The Gateway, whose allowedListeners must allow it.', {
    group: optional(groupName('API group.', { default: GATEWAY_GROUP })),
    kind: optional(kindName('Kind.', { default: 'Gateway' })),
    name: objectName('Name.'),
    namespace: optional(namespaceName('Its namespace; absent: the one of this object.')),
  }),
  listeners,
});

const status = object(
  'What the controller of the Gateway says.',
  {
    conditions: optional(conditions('Accepted, Programmed and others.', { initial: INITIAL })),
    listeners: optional(listenerStatuses),
  },
  { default: { conditions: pendingConditions(INITIAL) } },
);

export const ListenerSetKind = gatewayApiKind({
  kind: 'ListenerSet',
  plural: 'listenersets',
  shortNames: ['lset'],
  storage: 'v1',
  versions: [
    {
      name: 'v1',
      description: 'Further listeners of a Gateway.',
      spec,
      status,
      columns: [conditionColumn('Accepted'), conditionColumn('Programmed'), AGE_COLUMN],
    },
  ],
});
