import { ProtobufWriter } from './protobuf-writer.ts';

/*
 * The OpenAPI 2 document in the protobuf form of gnostic, the only one that kubectl up to 1.28 reads. Field numbers are those of gnostic's
 * openapiv2/OpenAPIv2.proto, package openapi.v2. Keywords that version 2 does not know (oneOf, anyOf, nullable) are left out; vendor
 * extensions are carried as YAML texts, for which JSON serves.
 */

type Raw = Readonly<Record<string, unknown>>;

const METHOD_FIELDS: Readonly<Record<string, number>> = { get: 2, put: 3, post: 4, delete: 5, patch: 8 };
const PRIMITIVES = new Set(['string', 'integer', 'number', 'boolean']);

/** @param document a `swagger: 2.0` document without security, tags or shared parameters */
export function documentProtobuf(document: Raw): Buffer {
  const writer = new ProtobufWriter();
  writer.string(1, text(document['swagger']));
  const info = raw(document['info']);
  writer.message(2, (nested) => {
    nested.string(1, text(info['title']));
    nested.string(2, text(info['version']));
  });
  writer.message(8, (paths) => {
    for (const [path, item] of Object.entries(raw(document['paths'])))
      named(paths, 2, path, (value) => writePath(value, raw(item)));
  });
  writer.message(9, (definitions) => {
    for (const [name, schema] of Object.entries(raw(document['definitions']))) {
      named(definitions, 1, name, (value) => writeSchema(value, raw(schema)));
    }
  });
  return writer.finish();
}

/** A map entry: name in field 1, value in field 2. */
function named(writer: ProtobufWriter, field: number, name: string, write: (value: ProtobufWriter) => void): void {
  writer.message(field, (entry) => {
    entry.string(1, name);
    entry.message(2, write);
  });
}

function writePath(writer: ProtobufWriter, item: Raw): void {
  for (const [method, field] of Object.entries(METHOD_FIELDS)) {
    const operation = item[method];
    if (operation !== undefined) writer.message(field, (nested) => writeOperation(nested, raw(operation)));
  }
  for (const parameter of list(item['parameters'])) writeParameter(writer, 9, raw(parameter));
}

function writeOperation(writer: ProtobufWriter, operation: Raw): void {
  for (const tag of list(operation['tags'])) writer.string(1, text(tag));
  writer.string(5, text(operation['operationId']));
  for (const type of list(operation['produces'])) writer.string(6, text(type));
  for (const type of list(operation['consumes'])) writer.string(7, text(type));
  for (const parameter of list(operation['parameters'])) writeParameter(writer, 8, raw(parameter));
  writer.message(9, (responses) => {
    for (const [code, response] of Object.entries(raw(operation['responses']))) {
      named(responses, 1, code, (value) => value.message(1, (nested) => writeResponse(nested, raw(response))));
    }
  });
  writeExtensions(writer, 13, operation);
}

function writeResponse(writer: ProtobufWriter, response: Raw): void {
  writer.string(1, text(response['description']));
  const schema = response['schema'];
  if (schema !== undefined) writer.message(2, (item) => item.message(1, (nested) => writeSchema(nested, raw(schema))));
}

/** ParametersItem > Parameter > (BodyParameter | NonBodyParameter > (query | path)) */
function writeParameter(writer: ProtobufWriter, field: number, parameter: Raw): void {
  writer.message(field, (item) =>
    item.message(1, (wrapped) => {
      if (parameter['in'] === 'body') {
        wrapped.message(1, (body) => {
          body.string(2, text(parameter['name']));
          body.string(3, 'body');
          body.bool(4, parameter['required'] === true);
          body.message(5, (nested) => writeSchema(nested, raw(parameter['schema'])));
        });
        return;
      }
      const isQuery = parameter['in'] === 'query';
      wrapped.message(2, (nonBody) =>
        nonBody.message(isQuery ? 3 : 4, (nested) => {
          nested.bool(1, parameter['required'] === true);
          nested.string(2, text(parameter['in']));
          nested.string(4, text(parameter['name']));
          nested.string(isQuery ? 6 : 5, text(parameter['type']));
          nested.bool(isQuery ? 20 : 19, parameter['uniqueItems'] === true);
        }),
      );
    }),
  );
}

const SCHEMA_TEXTS = { $ref: 1, format: 2, title: 3, description: 4, pattern: 13 };
const SCHEMA_DOUBLES = { multipleOf: 6, maximum: 7, minimum: 9 };
const SCHEMA_BOOLS = { exclusiveMaximum: 8, exclusiveMinimum: 10, uniqueItems: 16, readOnly: 27 };
const SCHEMA_INTEGERS = {
  maxLength: 11,
  minLength: 12,
  maxItems: 14,
  minItems: 15,
  maxProperties: 17,
  minProperties: 18,
};

function writeSchema(writer: ProtobufWriter, schema: Raw): void {
  for (const [key, field] of Object.entries(SCHEMA_TEXTS)) writer.string(field, text(schema[key]));
  for (const [key, field] of Object.entries(SCHEMA_DOUBLES)) writer.double(field, number(schema[key]));
  for (const [key, field] of Object.entries(SCHEMA_BOOLS)) writer.bool(field, schema[key] === true);
  for (const [key, field] of Object.entries(SCHEMA_INTEGERS)) writer.integer(field, number(schema[key]));
  if (schema['default'] !== undefined) writer.message(5, (any) => any.string(2, JSON.stringify(schema['default'])));
  for (const key of list(schema['required'])) writer.string(19, text(key));
  for (const value of list(schema['enum'])) writer.message(20, (any) => any.string(2, JSON.stringify(value)));
  const additional = schema['additionalProperties'];
  if (additional !== undefined) {
    writer.message(21, (item) => {
      if (typeof additional === 'boolean') item.bool(2, additional);
      else item.message(1, (nested) => writeSchema(nested, raw(additional)));
    });
  }
  const type = text(schema['type']);
  if (type !== '') writer.message(22, (item) => item.string(1, type));
  const { items, properties } = schema;
  if (items !== undefined) writer.message(23, (item) => item.message(1, (nested) => writeSchema(nested, raw(items))));
  if (properties !== undefined && !PRIMITIVES.has(type)) {
    writer.message(25, (nested) => {
      for (const [key, field] of Object.entries(raw(properties)))
        named(nested, 1, key, (value) => writeSchema(value, raw(field)));
    });
  }
  writeExtensions(writer, 31, schema);
}

function writeExtensions(writer: ProtobufWriter, field: number, from: Raw): void {
  for (const [key, value] of Object.entries(from)) {
    if (key.startsWith('x-')) named(writer, field, key, (any) => any.string(2, JSON.stringify(value)));
  }
}

function raw(value: unknown): Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
