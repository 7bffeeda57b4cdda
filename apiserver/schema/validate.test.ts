import { describe, expect, test } from 'vitest';
import { fieldErrorText } from './field-error.ts';
import type { JsonValue } from './json.ts';
import type { StructuralSchema } from './structural.ts';
import { validateValue } from './validate.ts';

const cases: readonly { name: string; schema: StructuralSchema; value: JsonValue; want: readonly string[] }[] = [
  { name: 'fits', schema: { type: 'string' }, value: 'x', want: [] },
  {
    name: 'wrong type',
    schema: { type: 'integer' },
    value: 'x',
    want: ['spec: Invalid value: "string": spec in body must be of type integer: "string"'],
  },
  {
    name: 'whole numbers only',
    schema: { type: 'integer' },
    value: 1.5,
    want: ['spec: Invalid value: "number": spec in body must be of type integer: "number"'],
  },
  {
    name: 'null',
    schema: { type: 'string' },
    value: null,
    want: ['spec: Invalid value: "null": spec in body must be of type string: "null"'],
  },
  { name: 'null where allowed', schema: { type: 'string', nullable: true, minLength: 1 }, value: null, want: [] },
  { name: 'required', schema: { type: 'object', required: ['a'] }, value: {}, want: ['spec.a: Required value'] },
  {
    name: 'enum',
    schema: { type: 'string', enum: ['a', 'b'] },
    value: 'x',
    want: ['spec: Unsupported value: "x": supported values: "a", "b"'],
  },
  {
    name: 'maximum',
    schema: { type: 'object', properties: { port: { type: 'integer', maximum: 65_535 } } },
    value: { port: 70_000 },
    want: ['spec.port: Invalid value: 70000: spec.port in body should be less than or equal to 65535'],
  },
  {
    name: 'exclusive minimum',
    schema: { type: 'number', minimum: 0, exclusiveMinimum: true },
    value: 0,
    want: ['spec: Invalid value: 0: spec in body should be greater than 0'],
  },
  {
    name: 'pattern',
    schema: { type: 'string', pattern: '^a+$' },
    value: 'b',
    want: ['spec: Invalid value: "b": spec in body should match \'^a+$\''],
  },
  { name: 'pattern in a part', schema: { type: 'string', pattern: 'b' }, value: 'abc', want: [] },
  {
    name: 'format',
    schema: { type: 'string', format: 'date-time' },
    value: 'now',
    want: ['spec: Invalid value: "now": spec in body must be of type date-time: "now"'],
  },
  { name: 'unknown format', schema: { type: 'string', format: 'frob' }, value: 'x', want: [] },
  {
    name: 'too long',
    schema: { type: 'string', maxLength: 1 },
    value: 'ab',
    want: ['spec: Too long: may not be more than 1 bytes'],
  },
  {
    name: 'too many',
    schema: { type: 'array', maxItems: 1 },
    value: [1, 2],
    want: ['spec: Too many: 2: must have at most 1 items'],
  },
  {
    name: 'path of list elements',
    schema: { type: 'array', items: { type: 'object', required: ['a'] } },
    value: [{ a: 1 }, {}],
    want: ['spec[1].a: Required value'],
  },
  {
    name: 'path of map keys',
    schema: { type: 'object', additionalProperties: { type: 'string' } },
    value: { 'a.b/c': 1, plain: 1 },
    want: [
      'spec[a.b/c]: Invalid value: "integer": spec[a.b/c] in body must be of type string: "integer"',
      'spec.plain: Invalid value: "integer": spec.plain in body must be of type string: "integer"',
    ],
  },
  { name: 'number or text', schema: { 'x-kubernetes-int-or-string': true }, value: '80%', want: [] },
  {
    name: 'neither number nor text',
    schema: { 'x-kubernetes-int-or-string': true },
    value: true,
    want: ['spec: Invalid value: "boolean": spec in body must be of type integer,string: "boolean"'],
  },
  {
    name: 'duplicates in a set',
    schema: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    value: ['a', 'b', 'a'],
    want: ['spec[2]: Duplicate value: "a"'],
  },
  {
    name: 'duplicates in a map, defaults included',
    schema: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        properties: { port: { type: 'integer' }, protocol: { type: 'string', default: 'TCP' } },
      },
    },
    value: [{ port: 1 }, { port: 1, protocol: 'UDP' }, { protocol: 'TCP', port: 1 }],
    want: ['spec[2]: Duplicate value: {"port":1,"protocol":"TCP"}'],
  },
  {
    name: 'oneOf',
    schema: { type: 'object', properties: { a: {}, b: {} }, oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    value: { a: 1, b: 2 },
    want: [
      '<nil>: Invalid value: "": "spec" must validate one and only one schema (oneOf). Found 2 valid alternatives',
    ],
  },
  {
    name: 'anyOf and not',
    schema: { type: 'integer', anyOf: [{ minimum: 5 }, { maximum: 1 }], not: { multipleOf: 7 } },
    value: 14,
    want: ['<nil>: Invalid value: "": "spec" must not validate the schema (not)'],
  },
  {
    name: 'embedded resource',
    schema: { type: 'object', 'x-kubernetes-embedded-resource': true },
    value: { kind: 'A' },
    want: ['spec.apiVersion: Required value: must not be empty'],
  },
];

for (const c of cases) {
  test(c.name, () => expect(validateValue(c.schema, c.value, 'spec').map(fieldErrorText)).toEqual(c.want));
}

describe('a schema that contains itself', () => {
  test('is walked only as deep as the value', () => {
    const properties: Record<string, StructuralSchema> = {};
    const schema: StructuralSchema = { type: 'object', properties };
    properties['child'] = schema;
    expect(validateValue(schema, { child: { child: { child: 1 } } }, '').map((error) => error.field)).toEqual([
      'child.child.child',
    ]);
  });
});

test('a pattern that makes backtracking engines hang takes no time', () => {
  const schema: StructuralSchema = { type: 'string', pattern: '^(a+)+$' };
  expect(validateValue(schema, `${'a'.repeat(5000)}!`, 'spec')).toHaveLength(1);
});
