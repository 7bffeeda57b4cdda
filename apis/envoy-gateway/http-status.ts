import { integer, type Schema } from '../meta/schema.ts';

/** Status of an answer. */
export function httpStatus(description: string): Schema<number> {
  return integer(description, { minimum: 100, maximum: 599 });
}
