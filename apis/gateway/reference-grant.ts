import { defineKind, type ObjectOfKind } from '../meta/crd.ts';
import { array, object, optional, string } from '../meta/schema.ts';

/**
 * Consent of the owner of a namespace: objects of other namespaces may name some of this one. Without it nobody there may.
 *
 * Source: Gateway API v1, ReferenceGrant; design D12.
 */
export type ReferenceGrant = ObjectOfKind<typeof ReferenceGrantKind>;

const MOST_ENTRIES = 16;
const GROUP = { maxLength: 253 } as const;
const NAME = { minLength: 1, maxLength: 253 } as const;
const KIND = { minLength: 1, maxLength: 63 } as const;

const spec = object('Who may name what.', {
  from: array(
    'Who may; one of them suffices.',
    object('Objects of a kind in a namespace.', {
      group: string('API group, "" for core.', GROUP),
      kind: string('Kind, e.g. Ingress.', KIND),
      namespace: string('Namespace.', { minLength: 1, maxLength: 63 }),
    }),
    { minItems: 1, maxItems: MOST_ENTRIES },
  ),
  to: array(
    'What of this namespace; one of them suffices.',
    object('Objects of a kind.', {
      group: string('API group, "" for core.', GROUP),
      kind: string('Kind, e.g. Secret.', KIND),
      name: optional(string('Only the one of this name; absent: all.', NAME)),
    }),
    { minItems: 1, maxItems: MOST_ENTRIES },
  ),
});

const columns = [{ name: 'age', type: 'date', jsonPath: '.metadata.creationTimestamp' }] as const;
const description = 'Lets objects of other namespaces name objects of this one.';

/** v1beta1 is what every release of the Gateway API has; v1 is the same. */
export const ReferenceGrantKind = defineKind({
  names: {
    group: 'gateway.networking.k8s.io',
    version: 'v1beta1',
    kind: 'ReferenceGrant',
    plural: 'referencegrants',
    singular: 'referencegrant',
    shortNames: ['refgrant'],
    categories: ['gateway-api'],
    namespaced: true,
    statusSubresource: false,
  },
  versions: [
    { name: 'v1', description, columns, spec },
    { name: 'v1beta1', description, columns, spec },
  ],
  approval: 'https://github.com/kubernetes-sigs/gateway-api/pull/1538',
});
