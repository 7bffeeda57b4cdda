import type { CustomResourceColumnDefinition } from 'kubernetes-types/apiextensions/v1';
import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import { ageOf } from './age.ts';
import { AGE, NAME, type PrintedColumn, printerOf } from './column.ts';
import { type JsonPath, parseJsonPath, valuesAt } from './json-path.ts';
import type { TableColumn, TablePrinter } from './table.ts';

/** Name and the CRD's `additionalPrinterColumns`; Name and Age when there are none. */
export function customResourcePrinter(columns: readonly CustomResourceColumnDefinition[] | undefined): TablePrinter {
  if (columns === undefined || columns.length === 0) return printerOf([NAME, { ...AGE, type: 'date' }]);
  return printerOf([NAME, ...columns.map(columnOf)]);
}

function columnOf(definition: CustomResourceColumnDefinition): PrintedColumn {
  const { name, format = '', description, jsonPath, priority = 0 } = definition;
  const type = columnType(definition.type);
  const path = parseJsonPath(jsonPath);
  return {
    name,
    type,
    format,
    description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority,
    cell: (object, now) => (path === undefined ? null : cellOf(type, path, object, now)),
  };
}

/** The CRD has been validated, so the type is one of these. */
function columnType(type: string): TableColumn['type'] {
  return type === 'integer' || type === 'number' || type === 'boolean' || type === 'date' ? type : 'string';
}

function cellOf(type: TableColumn['type'], path: JsonPath, object: JsonObject, now: Date): JsonValue {
  const found = valuesAt(path, object);
  const first = found[0];
  if (first === undefined || first === null) return null;
  switch (type) {
    case 'string':
      return found.map(printed).join(' ');
    case 'integer':
      return typeof first === 'number' ? Math.trunc(first) : null;
    case 'number':
      return typeof first === 'number' ? first : null;
    case 'boolean':
      return typeof first === 'boolean' ? first : null;
    case 'date':
      return typeof first === 'string' ? ageOf(first, now) : null;
  }
}

function printed(value: JsonValue): string {
  return typeof value === 'object' && value !== null && (isJsonObject(value) || Array.isArray(value))
    ? JSON.stringify(value)
    : String(value);
}
