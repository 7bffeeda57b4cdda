import { type ObjectKey, parseObjectKey } from '@causeway/apis/meta/object';
import { InvalidArgumentError } from 'commander';

/**
 * The value of an option that names an object.
 *
 * @throws InvalidArgumentError
 */
export function parseNamespaced(text: string): ObjectKey {
  if (!/^[^/]+\/[^/]+$/.test(text)) throw new InvalidArgumentError('write namespace/name.');
  return parseObjectKey(text);
}
