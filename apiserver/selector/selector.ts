import type { KindRef } from '@causeway/apis/meta/kind';
import type { KubernetesObject } from '@causeway/apis/meta/object';

/** A list or watch request's `labelSelector` and `fieldSelector`, parsed. */
export interface ObjectSelector {
  /** Both selectors are empty. */
  readonly matchesAll: boolean;
  /** The field selector demands this `metadata.name`: at most one object can match. */
  readonly name: string | undefined;
  /** The field selector demands this `metadata.namespace`. */
  readonly namespace: string | undefined;
  matches(object: KubernetesObject): boolean;
}

/** The text of a selector is wrong: HTTP 400, reason BadRequest, the message as it is. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError';
}

/**
 * @param selectableFields JSON paths a CRD version declares in `selectableFields`, e.g. `.spec.color`
 * @throws SelectorError
 */
export function parseSelectors(
  _kind: KindRef,
  _text: { readonly labelSelector?: string | undefined; readonly fieldSelector?: string | undefined },
  _selectableFields: readonly string[] = [],
): ObjectSelector {
  throw new Error('not written yet');
}
