/** A part of a configuration of which the schema says nothing. */
export type Fields = Readonly<Record<string, unknown>>;

export function objectAt(fields: Fields | undefined, name: string): Fields | undefined {
  const value = fields?.[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
