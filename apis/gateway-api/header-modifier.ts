import { array, object, optional, type Schema, string } from '../meta/schema.ts';
import { headerName, headerValue } from './names.ts';

const MOST_HEADERS = 16;

/** Changes of headers; names are compared without case. */
export interface HeaderModifier {
  readonly set?: readonly HeaderField[];
  readonly add?: readonly HeaderField[];
  readonly remove?: readonly string[];
}
export interface HeaderField {
  readonly name: string;
  readonly value: string;
}

/** A header with a value. */
export const httpHeader: Schema<HeaderField> = object('A header.', {
  name: headerName('Name.'),
  value: headerValue('Value.'),
});

export function headerModifier(description: string): Schema<HeaderModifier> {
  return object(description, {
    set: optional(array('In place of what is there.', httpHeader, { maxItems: MOST_HEADERS, list: ['name'] })),
    add: optional(array('Beside what is there.', httpHeader, { maxItems: MOST_HEADERS, list: ['name'] })),
    remove: optional(array('Names of headers that go.', string('Name.'), { maxItems: MOST_HEADERS, list: 'set' })),
  });
}
