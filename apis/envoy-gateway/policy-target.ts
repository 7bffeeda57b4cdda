/** What a policy applies to: the same fields for each kind of policy. */
import { GATEWAY_GROUP } from '../gateway-api/bundle.ts';
import { labelSelectorFields } from '../gateway-api/label-selector.ts';
import { groupName, kindName } from '../gateway-api/names.ts';
import { policyTargetWithSection } from '../gateway-api/object-reference.ts';
import { array, checked, object, optional, type ValidationRule } from '../meta/schema.ts';

const selector = checked(
  object('Objects of this namespace, by their labels.', {
    group: optional(groupName('API group.', { default: GATEWAY_GROUP })),
    kind: kindName('Kind.'),
    ...labelSelectorFields,
  }),
  { message: `group must be ${GATEWAY_GROUP}`, rule: `has(self.group) ? self.group == '${GATEWAY_GROUP}' : true` },
);

export const policyTargetFields = {
  targetRef: optional(policyTargetWithSection),
  targetRefs: optional(array('What it applies to, all in this namespace.', policyTargetWithSection)),
  targetSelectors: optional(array('What it applies to besides.', selector)),
};

/** What is said of a policy that names nothing, or something that it cannot apply to. */
export function targetRules(kinds: readonly string[]): readonly ValidationRule[] {
  const list = `[${kinds.map((kind) => `'${kind}'`).join(', ')}]`;
  const rule = (field: string, test: (target: string) => string): string =>
    field === 'targetRef'
      ? `has(self.targetRef) ? ${test('self.targetRef')} : true`
      : `has(self.targetRefs) ? self.targetRefs.all(ref, ${test('ref')}) : true`;
  const fields = [
    ['targetRef', 'targetRef'],
    ['targetRefs', 'targetRefs[*]'],
  ] as const;
  return [
    {
      message: 'either targetRef or targetRefs must be used',
      rule:
        '(has(self.targetRef) && !has(self.targetRefs)) || (!has(self.targetRef) && has(self.targetRefs)) || ' +
        '(has(self.targetSelectors) && self.targetSelectors.size() > 0)',
    },
    ...fields.flatMap(([field, name]) => [
      {
        message: `this policy can only have a ${name}.group of ${GATEWAY_GROUP}`,
        rule: rule(field, (target) => `${target}.group == '${GATEWAY_GROUP}'`),
      },
      {
        message: `this policy can only have a ${name}.kind of ${kinds.join('/')}`,
        rule: rule(field, (target) => `${target}.kind in ${list}`),
      },
    ]),
  ];
}
