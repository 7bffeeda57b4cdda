import { expect, test } from 'vitest';
import { fieldErrorText } from './field-error.ts';
import type { JsonObject } from './json.ts';
import { structuralErrors } from './structural-rules.ts';

/** `field` is the schema of `x`, unless `root` is the whole one. */
interface Case {
  readonly field?: JsonObject;
  readonly root?: JsonObject;
  readonly want: readonly string[];
}

const X = 's.properties[x]';
const LIST: JsonObject = { type: 'array' };
const item = (properties: JsonObject, rest: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...rest });

const CASES: Readonly<Record<string, Case>> = {
  'no type at the root': { root: {}, want: ['s.type: Required value: must not be empty at the root'] },
  'a root that is no object': {
    root: { type: 'string' },
    want: ['s.type: Invalid value: "string": must be object at the root'],
  },
  'a root that is a map': {
    root: { type: 'object', additionalProperties: { type: 'string' } },
    want: ['s.additionalProperties: Forbidden: must not be used at the root'],
  },
  'metadata with more than names': {
    root: { type: 'object', properties: { metadata: item({ labels: { type: 'object' } }) } },
    want: [
      's.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified',
    ],
  },
  'metadata with names': {
    root: { type: 'object', properties: { metadata: item({ name: { type: 'string', maxLength: 3 } }) } },
    want: [],
  },
  'a kind that is no text': {
    root: { type: 'object', properties: { kind: { type: 'integer' } } },
    want: ['s.properties[kind].type: Invalid value: "integer": must be string'],
  },
  'no type of a field': {
    field: {},
    want: [`${X}.type: Required value: must not be empty for specified object fields`],
  },
  'no type of items': {
    field: { ...LIST, items: {} },
    want: [`${X}.items.type: Required value: must not be empty for specified array items`],
  },
  'no items': { field: LIST, want: [`${X}.items: Required value: must be specified`] },
  'a type that is none': {
    field: { type: 'text' },
    want: [
      `${X}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
    ],
  },
  'fields and any fields': {
    field: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: { type: 'string' } },
    want: [`${X}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`],
  },
  'a number or a text': { field: { 'x-kubernetes-int-or-string': true }, want: [] },
  'a number or a text, said twice': {
    field: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }], pattern: '^a' },
    want: [],
  },
  'a number or a text that keeps fields': {
    field: { 'x-kubernetes-int-or-string': true, 'x-kubernetes-preserve-unknown-fields': true },
    want: [
      `${X}.x-kubernetes-preserve-unknown-fields: Invalid value: true: must be false if x-kubernetes-int-or-string is true`,
    ],
  },
  'keeping fields not': {
    field: { type: 'object', 'x-kubernetes-preserve-unknown-fields': false },
    want: [`${X}.x-kubernetes-preserve-unknown-fields: Invalid value: false: must be true or undefined`],
  },
  'an embedded resource': {
    field: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    want: [],
  },
  'an embedded resource without fields': {
    field: { type: 'object', 'x-kubernetes-embedded-resource': true },
    want: [
      `${X}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
    ],
  },
  'an embedded text': {
    field: { type: 'string', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    want: [`${X}.type: Invalid value: "string": must be object if x-kubernetes-embedded-resource is true`],
  },
  'a type inside anyOf': {
    field: { type: 'string', anyOf: [{ type: 'string' }] },
    want: [`${X}.anyOf[0].type: Forbidden: must be empty to be structural`],
  },
  'a default inside not': {
    field: { type: 'string', not: { default: 'a' } },
    want: [`${X}.not.default: Forbidden: must be undefined to be structural`],
  },
  'a field of oneOf that is nowhere else': {
    root: { type: 'object', properties: {}, oneOf: [{ properties: { a: { minLength: 1 } } }] },
    want: ['s.properties[a]: Required value: because it is defined in s.oneOf[0].properties[a]'],
  },
  'metadata inside allOf': {
    root: { type: 'object', properties: { metadata: { type: 'object' } }, allOf: [{ properties: { metadata: {} } }] },
    want: ['s.allOf[0].properties[metadata]: Forbidden: must not be specified in a nested context'],
  },
  'a reference': { field: { type: 'object', $ref: '#/a' }, want: [`${X}.$ref: Forbidden: $ref is not supported`] },
  'unique items': {
    field: { ...LIST, items: { type: 'string' }, uniqueItems: true },
    want: [
      `${X}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
    ],
  },
  'a list type of an object': {
    field: { type: 'object', 'x-kubernetes-list-type': 'atomic' },
    want: [`${X}.type: Invalid value: "object": must be array if x-kubernetes-list-type is specified`],
  },
  'a list type that is none': {
    field: { ...LIST, items: { type: 'string' }, 'x-kubernetes-list-type': 'bag' },
    want: [`${X}.x-kubernetes-list-type: Unsupported value: "bag": supported values: "atomic", "set", "map"`],
  },
  'a set of objects': {
    field: { ...LIST, items: { type: 'object' }, 'x-kubernetes-list-type': 'set' },
    want: [
      `${X}.items.x-kubernetes-map-type: Invalid value: "null": must be atomic as item of a list with x-kubernetes-list-type=set`,
    ],
  },
  'a set of nothings': {
    field: { ...LIST, items: { type: 'string', nullable: true }, 'x-kubernetes-list-type': 'set' },
    want: [`${X}.items.nullable: Forbidden: cannot be nullable when x-kubernetes-list-type is set`],
  },
  'keys without a map': {
    field: { ...LIST, items: item({ a: { type: 'string' } }), 'x-kubernetes-list-map-keys': ['a'] },
    want: [`${X}.x-kubernetes-list-type: Required value: must be map if x-kubernetes-list-map-keys is non-empty`],
  },
  'a map without keys': {
    field: { ...LIST, items: item({}), 'x-kubernetes-list-type': 'map' },
    want: [`${X}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`],
  },
  'a map of texts': {
    field: { ...LIST, items: { type: 'string' }, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['a'] },
    want: [`${X}.items.type: Invalid value: "string": must be object if parent array's x-kubernetes-list-type is map`],
  },
  'a key that nobody has to give': {
    field: {
      ...LIST,
      items: item({ a: { type: 'string' } }),
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['a'],
    },
    want: [
      `${X}.items.properties[a].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  },
  'a key that is no field': {
    field: { ...LIST, items: item({}), 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['b'] },
    want: [`${X}.x-kubernetes-list-map-keys: Invalid value: ["b"]: entries must all be names of item properties`],
  },
  'a map type that is none': {
    field: { type: 'object', 'x-kubernetes-map-type': 'set' },
    want: [`${X}.x-kubernetes-map-type: Unsupported value: "set": supported values: "atomic", "granular"`],
  },
  'a default of metadata': {
    root: { type: 'object', properties: { kind: { type: 'string', default: 'a' } } },
    want: ['s.properties[kind].default: Forbidden: must not be set in top-level kind'],
  },
  'a default with an unknown field': {
    field: { type: 'object', properties: { a: { type: 'string' } }, default: { b: 1 } },
    want: [`${X}.default: Invalid value: map[string]interface {}{"b":1}: must not have unknown fields`],
  },
  'a default of another type': {
    field: { type: 'integer', default: 'a' },
    want: [`${X}.default: Invalid value: "string":  in body must be of type integer: "string"`],
  },
};

test.each(Object.entries(CASES))('%s', (_name, { field, root, want }) => {
  const schema = root ?? { type: 'object', properties: { x: field ?? {} } };
  expect(structuralErrors(schema, 's').map(fieldErrorText)).toEqual(want);
});
