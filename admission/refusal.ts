import { groupKindText } from '@causeway/apis/meta/kind';

/** One thing that is wrong. `field` absent: with the object as a whole. */
interface RefusalCause {
  readonly field?: string;
  readonly message: string;
}

/**
 * What a client is told whose object was refused, in the words that Kubernetes has for objects that do not validate.
 *
 * Source: apimachinery pkg/api/errors, NewInvalid.
 */
export function refusalText(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  causes: readonly RefusalCause[],
): string {
  const texts = causes.map(({ field, message }) => (field === undefined ? message : `${field}: ${message}`));
  const detail = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return `${groupKindText(kind)} ${JSON.stringify(name)} is invalid: ${detail}`;
}
