import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import { type FieldRequirement, parseFieldSelector } from './field-selector.ts';
import { labelsMatch, parseLabelSelector } from './label-selector.ts';
import { selectableField } from './selectable-field.ts';
import { SelectorError } from './selector-error.ts';

export { SelectorError };

/** A list or watch request's `labelSelector` and `fieldSelector`, parsed. */
export interface ObjectSelector {
  /** Both selectors are empty. */
  readonly matchesAll: boolean;
  /** The field selector demands this `metadata.name`: at most one object of a namespace can match. */
  readonly name: string | undefined;
  /** The field selector demands this `metadata.namespace`. */
  readonly namespace: string | undefined;
  matches(object: KubernetesObject): boolean;
}

/**
 * @param selectableFields JSON paths a CRD version declares in `selectableFields`, e.g. `.spec.color`
 * @param unknownField what to say of a field by which the kind cannot be selected
 * @throws SelectorError
 */
export function parseSelectors(
  kind: KindRef,
  text: { readonly labelSelector?: string | undefined; readonly fieldSelector?: string | undefined },
  selectableFields: readonly string[] = [],
  unknownField: (field: string) => string = (field) => `field label not supported: ${field}`,
): ObjectSelector {
  const labels = parseLabelSelector(text.labelSelector ?? '');
  const fields = parseFieldSelector(text.fieldSelector ?? '');
  const checks = fields.map(({ field, operator, value }) => {
    const read = selectableField(kind, field, selectableFields);
    if (read === undefined) throw new SelectorError(unknownField(field));
    return (object: KubernetesObject) => (read(object) === value) === (operator === '=');
  });
  return {
    matchesAll: labels.length === 0 && checks.length === 0,
    name: demanded(fields, 'metadata.name'),
    namespace: demanded(fields, 'metadata.namespace'),
    matches: (object) => checks.every((check) => check(object)) && labelsMatch(labels, object.metadata.labels),
  };
}

function demanded(fields: readonly FieldRequirement[], field: string): string | undefined {
  return fields.find((each) => each.field === field && each.operator === '=')?.value;
}
