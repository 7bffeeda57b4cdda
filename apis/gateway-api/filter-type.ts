/** Rules of filters, of which each is an object with a type and one field of that type. */
import { checked, type Schema, type ValidationRule } from '../meta/schema.ts';

/** @param fields by type: `{ URLRewrite: 'urlRewrite' }` */
export function filterOfType<T>(schema: Schema<T>, fields: Readonly<Record<string, string>>): Schema<T> {
  const rules = Object.entries(fields).flatMap(([type, field]): readonly ValidationRule[] => [
    {
      message: `filter.${field} must be nil if the filter.type is not ${type}`,
      rule: `self.type == '${type}' || !has(self.${field})`,
    },
    {
      message: `filter.${field} must be specified for ${type} filter.type`,
      rule: `self.type != '${type}' || has(self.${field})`,
    },
  ]);
  return checked(schema, ...rules);
}

/** A list in which filters of these types stand at most once. */
export function atMostOneOf<T>(filters: Schema<T>, types: readonly string[]): Schema<T> {
  return checked(
    filters,
    ...types.map((type) => ({
      message: `${type} filter cannot be repeated`,
      rule: `size(self.filter(f, f.type == '${type}')) <= 1`,
    })),
  );
}
