import { object, oneOf, optional, string, type TypeOf } from '../meta/schema.ts';

/** How a text must be. Source: Envoy Gateway v1.7, StringMatch. */
export function stringMatch(description: string) {
  return object(description, stringMatchFields);
}

export const stringMatchFields = {
  type: optional(
    oneOf('How they are compared.', ['Exact', 'Prefix', 'Suffix', 'RegularExpression'], { default: 'Exact' }),
  ),
  value: string('What they are, or begin or end with; an expression (RE2) is for all of them.', {
    minLength: 1,
    maxLength: 1024,
  }),
};
export type StringMatch = TypeOf<ReturnType<typeof stringMatch>>;
