import { array, map, object, optional, type Schema, string } from '../meta/schema.ts';

/** meta/v1 LabelSelector. */
export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

export const labelSelectorFields = {
  matchLabels: optional(map('Labels that must be there.', string('Value.'))),
  matchExpressions: optional(
    array(
      'Conditions, all of which must hold.',
      object('A condition on one label.', {
        key: string('Of the label.'),
        operator: string('In, NotIn, Exists or DoesNotExist.'),
        values: optional(array('For In and NotIn.', string('Value.'), { list: 'atomic' })),
      }),
      { list: 'atomic' },
    ),
  ),
};

/** What is empty selects everything. */
export function labelSelector(description: string): Schema<LabelSelector> {
  return object(description, labelSelectorFields, { atomic: true });
}
