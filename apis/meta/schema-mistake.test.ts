import { describe, expect, test } from 'vitest';
import { array, boolean, integer, intOrString, map, object, oneOf, optional, string } from './schema.ts';
import { schemaMistake } from './schema-mistake.ts';

const { json } = object('All there is.', {
  port: integer('Port.', { minimum: 1, maximum: 65_535 }),
  protocol: optional(oneOf('Protocol.', ['http', 'tcp'])),
  rows: optional(array('Rows.', array('Row.', string('Text.')))),
  labels: optional(map('Labels.', string('Value.'))),
  cpu: optional(intOrString('Cores.')),
  name: optional(string('Name.', { minLength: 1 })),
  on: optional(boolean('On.')),
});

const cases: readonly { readonly value: unknown; readonly want: string | undefined }[] = [
  {
    value: { port: 80, protocol: 'http', rows: [['a'], []], labels: { a: 'b' }, cpu: 2, name: 'x', on: true },
    want: undefined,
  },
  { value: { port: 80, more: 1 }, want: undefined },
  { value: { port: 80, cpu: '500m' }, want: undefined },
  { value: {}, want: 'spec.port: Required value' },
  { value: 'x', want: 'spec: Invalid value: must be of type object' },
  { value: null, want: 'spec: Invalid value: must be of type object' },
  { value: [], want: 'spec: Invalid value: must be of type object' },
  { value: { port: '80' }, want: 'spec.port: Invalid value: must be of type integer' },
  { value: { port: 80.5 }, want: 'spec.port: Invalid value: must be of type integer' },
  { value: { port: -80 }, want: 'spec.port: Invalid value: -80: must be at least 1' },
  { value: { port: 70_000 }, want: 'spec.port: Invalid value: 70000: must be at most 65535' },
  {
    value: { port: 80, protocol: 'ftp' },
    want: 'spec.protocol: Unsupported value: "ftp": supported values: "http", "tcp"',
  },
  { value: { port: 80, rows: {} }, want: 'spec.rows: Invalid value: must be of type array' },
  { value: { port: 80, rows: [['a'], [1]] }, want: 'spec.rows[1][0]: Invalid value: must be of type string' },
  { value: { port: 80, rows: [['a', null]] }, want: 'spec.rows[0][1]: Invalid value: must be of type string' },
  { value: { port: 80, labels: { a: 1 } }, want: 'spec.labels.a: Invalid value: must be of type string' },
  { value: { port: 80, cpu: true }, want: 'spec.cpu: must be a number or a text' },
  { value: { port: 80, name: '' }, want: 'spec.name: Invalid value: "": too short' },
  { value: { port: 80, on: 'yes' }, want: 'spec.on: Invalid value: must be of type boolean' },
];

describe('schemaMistake', () => {
  for (const { value, want } of cases) {
    test(JSON.stringify(value), () => expect(schemaMistake(json, value, 'spec')).toBe(want));
  }
});
