import type { ObjectOfKind } from '../meta/crd.ts';
import { array, checked, map, object, optional } from '../meta/schema.ts';
import { backendValidation } from './backend-validation.ts';
import { AGE_COLUMN, deprecation, gatewayApiKind } from './bundle.ts';
import { optionValue } from './names.ts';
import { policyTargetWithSection } from './object-reference.ts';
import { policyStatus } from './policy-status.ts';

/** TLS towards backends, as their owner wants it. Source: Gateway API, BackendTLSPolicy. */
export type BackendTLSPolicy = ObjectOfKind<typeof BackendTLSPolicyKind>;

const SAME_TARGET = 'p1.group == p2.group && p1.kind == p2.kind && p1.name == p2.name';

function section(target: string): string {
  return `(has(${target}.sectionName) ? ${target}.sectionName : '')`;
}

const spec = object('Which backends, and what their certificates must be.', {
  targetRefs: checked(
    array('Services, each at most once, or by different ports of it.', policyTargetWithSection, {
      minItems: 1,
      maxItems: 16,
      list: 'atomic',
    }),
    {
      message: 'sectionName must be specified when targetRefs includes 2 or more references to the same target',
      rule: `self.all(p1, self.all(p2, !(${SAME_TARGET}) || (${section('p1')} == '') == (${section('p2')} == '')))`,
    },
    {
      message: 'sectionName must be unique when targetRefs includes 2 or more references to the same target',
      rule: `self.all(p1, self.exists_one(p2, ${SAME_TARGET} && ${section('p1')} == ${section('p2')}))`,
    },
  ),
  validation: backendValidation,
  options: optional(
    map('Settings that implementations understand, by domain-prefixed name.', optionValue('Value.'), {
      maxProperties: 16,
    }),
  ),
});

const described = {
  description: 'How connections to backends are encrypted, and verified.',
  spec,
  status: policyStatus,
};

export const BackendTLSPolicyKind = gatewayApiKind({
  kind: 'BackendTLSPolicy',
  plural: 'backendtlspolicies',
  shortNames: ['btlspolicy'],
  policy: 'Direct',
  storage: 'v1',
  versions: [
    { name: 'v1', ...described, columns: [AGE_COLUMN] },
    {
      name: 'v1alpha3',
      deprecationWarning: deprecation('BackendTLSPolicy', 'v1alpha3'),
      ...described,
      columns: [],
    },
  ],
});
