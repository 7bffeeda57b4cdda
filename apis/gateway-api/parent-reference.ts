/** What a route attaches to, and what a policy reports its status for. */
import { array, checked, object, oneOf, optional, type Schema, type TypeOf } from '../meta/schema.ts';
import { GATEWAY_GROUP } from './bundle.ts';
import { groupName, kindName, namespaceName, objectName, portNumber, sectionName } from './names.ts';

/** Names a Gateway, or a part of it. */
export const parentReference = object('What is attached to; a Gateway unless group and kind say otherwise.', {
  group: optional(groupName('API group, "" for core.', { default: GATEWAY_GROUP })),
  kind: optional(kindName('Kind: Gateway, ListenerSet or Service.', { default: 'Gateway' })),
  namespace: optional(namespaceName('Its namespace; absent: the one of this object.')),
  name: objectName('Its name.'),
  sectionName: optional(
    sectionName('Only this listener (of a Gateway) or port (of a Service); absent: all that allow it.'),
  ),
  port: optional(portNumber('Only listeners with this port; absent: all.')),
});
export type ParentReference = TypeOf<typeof parentReference>;

const SAME_PARENT = ['group', 'kind', 'name']
  .map((field) => `p1.${field} == p2.${field}`)
  .concat(same('__namespace__', "''"))
  .join(' && ');

/** The parents of a route: each at most once, or by different parts of it. */
const parentReferences = checked(
  array('What the route attaches to. Which of them took it is in the status.', parentReference, {
    maxItems: 32,
    list: 'atomic',
  }),
  {
    message: 'sectionName or port must be specified when parentRefs includes 2 or more references to the same parent',
    rule: `self.all(p1, self.all(p2, !(${SAME_PARENT}) || (${bothOrNone('sectionName', "''")} && ${bothOrNone('port', '0')})))`,
  },
  {
    message: 'sectionName or port must be unique when parentRefs includes 2 or more references to the same parent',
    rule: `self.all(p1, self.exists_one(p2, ${SAME_PARENT} && ${same('sectionName', "''")} && ${same('port', '0')}))`,
  },
);

/** Fields that the spec of every route has. */
export const routeParentFields = {
  parentRefs: optional(parentReferences),
  useDefaultGateways: optional(
    oneOf('All: the route attaches to the Gateways that are a default for this, too.', ['All', 'None']),
  ),
};

function fieldOr(object: string, field: string, absent: string): string {
  return `(has(${object}.${field}) ? ${object}.${field} : ${absent})`;
}

function same(field: string, absent: string): string {
  return `${fieldOr('p1', field, absent)} == ${fieldOr('p2', field, absent)}`;
}

function bothOrNone(field: string, absent: string): string {
  return `(${fieldOr('p1', field, absent)} == ${absent}) == (${fieldOr('p2', field, absent)} == ${absent})`;
}

/** Names of rules are optional and unique within their route. */
export function rulesWithUniqueNames<T>(rules: Schema<T>): Schema<T> {
  return checked(rules, {
    message: 'Rule name must be unique within the route',
    rule: 'self.all(r1, !has(r1.name) || self.exists_one(r2, has(r2.name) && r1.name == r2.name))',
  });
}
