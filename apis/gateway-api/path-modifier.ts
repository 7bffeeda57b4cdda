import { checked, object, oneOf, optional, type Schema, string, type TypeOf } from '../meta/schema.ts';

const MOST_PATH = 1024;
const FIELDS = { ReplaceFullPath: 'replaceFullPath', ReplacePrefixMatch: 'replacePrefixMatch' };

const fields = object('Another path.', {
  type: oneOf('What is replaced.', ['ReplaceFullPath', 'ReplacePrefixMatch']),
  replaceFullPath: optional(string('In place of the whole path.', { maxLength: MOST_PATH })),
  replacePrefixMatch: optional(
    string('In place of the prefix that the rule matched, element by element.', { maxLength: MOST_PATH }),
  ),
});
export type PathModifier = TypeOf<typeof fields>;

/** Another path, for redirects and rewrites. */
export const pathModifier: Schema<PathModifier> = checked(
  fields,
  ...Object.entries(FIELDS).flatMap(([type, field]) => [
    {
      message: `${field} must be specified when type is set to '${type}'`,
      rule: `self.type != '${type}' || has(self.${field})`,
    },
    {
      message: `type must be '${type}' when ${field} is set`,
      rule: `!has(self.${field}) || self.type == '${type}'`,
    },
  ]),
);
