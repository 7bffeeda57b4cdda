/** How an object names another one. */
import { checked, integer, object, optional, type Schema, type TypeOf } from '../meta/schema.ts';
import { groupName, kindName, namespaceName, objectName, portNumber, sectionName } from './names.ts';

const MOST_WEIGHT = 1_000_000;

const CORE = { default: '' } as const;

/** Another object of the same namespace. */
export function localReference(description: string): Schema<LocalObjectReference> {
  return object(description, {
    group: groupName('API group, "" for core.'),
    kind: kindName('Kind.'),
    name: objectName('Name.'),
  });
}
export interface LocalObjectReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** Another object; in another namespace only with a ReferenceGrant. */
export function objectReference(description: string): Schema<ObjectReference> {
  return object(description, {
    group: groupName('API group, "" for core.'),
    kind: kindName('Kind.'),
    name: objectName('Name.'),
    namespace: optional(namespaceName('Its namespace; absent: the one of this object.')),
  });
}
export interface ObjectReference extends LocalObjectReference {
  readonly namespace?: string;
}

/** A part of an object of the same namespace, to which a policy applies. */
export const policyTargetWithSection = object('What the policy applies to.', {
  group: groupName('API group, "" for core.'),
  kind: kindName('Kind.'),
  name: objectName('Name.'),
  sectionName: optional(
    sectionName('A part: a listener of a Gateway, a rule of a route, a port of a Service; absent: all of it.'),
  ),
});
export type PolicyTarget = TypeOf<typeof policyTargetWithSection>;

/** A Secret, as a rule with a key and a certificate. */
export function secretReference(description: string): Schema<SecretObjectReference> {
  return object(description, {
    group: optional(groupName('API group, "" for core.', CORE)),
    kind: optional(kindName('Kind.', { default: 'Secret' })),
    name: objectName('Name.'),
    namespace: optional(
      namespaceName('Its namespace, which must allow it by a ReferenceGrant; absent: the one of this object.'),
    ),
  });
}
export interface SecretObjectReference {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
}

const backendFields = {
  group: optional(groupName('API group, "" for core.', CORE)),
  kind: optional(kindName('Kind.', { default: 'Service' })),
  name: objectName('Name.'),
  namespace: optional(
    namespaceName('Its namespace, which must allow it by a ReferenceGrant; absent: the one of the route.'),
  ),
  port: optional(portNumber('Port of the Service (not of its endpoints).')),
};

/** Fields of a backend that takes its share of the requests. */
export const weightedBackendFields = {
  ...backendFields,
  weight: optional(
    integer('Share of the requests, relative to the sum of the weights of all backends beside it; 0: none.', {
      default: 1,
      format: 'int32',
      minimum: 0,
      maximum: MOST_WEIGHT,
    }),
  ),
};

/** A Service needs a port; other kinds may know theirs. */
export function backend<T extends BackendObjectReference>(schema: Schema<T>): Schema<T> {
  return checked(schema, {
    message: 'Must have port for Service reference',
    rule: "self.group != '' || self.kind != 'Service' || has(self.port)",
  });
}

const backendReferenceSchema = object('Where requests go.', backendFields);
export type BackendObjectReference = TypeOf<typeof backendReferenceSchema>;

/** One backend, without weight. */
export const backendReference: Schema<BackendObjectReference> = backend(backendReferenceSchema);

const weightedBackend = object('A backend and its share.', weightedBackendFields);
export type BackendRef = TypeOf<typeof weightedBackend>;

/** One of several backends. */
export const backendRef: Schema<BackendRef> = backend(weightedBackend);
