import type { ObjectOfKind } from '../meta/crd.ts';
import { array, object, optional } from '../meta/schema.ts';
import { AGE_COLUMN, gatewayApiKind } from './bundle.ts';
import { groupName, kindName, namespaceName, objectName } from './names.ts';

/**
 * Consent of the owner of a namespace: objects of other namespaces may name some of this one. Without it nobody there may.
 *
 * Source: Gateway API, ReferenceGrant; design D12.
 */
export type ReferenceGrant = ObjectOfKind<typeof ReferenceGrantKind>;

const LIST = { minItems: 1, maxItems: 16, list: 'atomic' } as const;

const spec = object('Who may name what.', {
  from: array(
    'Who may; one of them suffices.',
    object('Objects of a kind in a namespace.', {
      group: groupName('API group, "" for core.'),
      kind: kindName('Kind, e.g. Ingress.'),
      namespace: namespaceName('Namespace.'),
    }),
    LIST,
  ),
  to: array(
    'What of this namespace; one of them suffices.',
    object('Objects of a kind.', {
      group: groupName('API group, "" for core.'),
      kind: kindName('Kind, e.g. Secret.'),
      name: optional(objectName('Only the one of this name; absent: all.')),
    }),
    LIST,
  ),
});

const version = {
  description: 'Lets objects of other namespaces name objects of this one.',
  spec,
  columns: [AGE_COLUMN],
};

/** v1beta1 is what every release of the Gateway API has; v1 is the same. */
export const ReferenceGrantKind = gatewayApiKind({
  kind: 'ReferenceGrant',
  plural: 'referencegrants',
  shortNames: ['refgrant'],
  withoutStatus: true,
  storage: 'v1beta1',
  versions: [
    { name: 'v1', ...version },
    { name: 'v1beta1', ...version },
  ],
});
