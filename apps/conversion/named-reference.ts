import type { ObjectKey } from '@causeway/apis/meta/object';
import { InvalidArgumentError } from 'commander';

const NAME = '[a-z0-9]([-a-z0-9.]*[a-z0-9])?';

/** `namespace/name` of an option. */
export function parseReference(text: string): ObjectKey {
  if (!new RegExp(`^${NAME}/${NAME}$`).test(text)) throw new InvalidArgumentError('must be namespace/name');
  const [namespace = '', name = ''] = text.split('/');
  return { namespace, name };
}

/** `name`, or `namespace/name`. */
export function parseGateway(text: string): { readonly name: string; readonly namespace?: string } {
  if (new RegExp(`^${NAME}$`).test(text)) return { name: text };
  return parseReference(text);
}

/** A name that may stand in an object. */
export function parseName(text: string): string {
  if (!new RegExp(`^${NAME}$`).test(text)) throw new InvalidArgumentError('must be a name: a-z, 0-9, - and .');
  return text;
}
