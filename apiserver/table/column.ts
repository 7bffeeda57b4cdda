import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { JsonObject, JsonValue } from '../schema/json.ts';
import { ageOf } from './age.ts';
import type { TableColumn, TablePrinter } from './table.ts';

/** A column and how to fill its cells. */
export interface PrintedColumn extends TableColumn {
  cell(object: JsonObject, now: Date): JsonValue;
}

export function printerOf(columns: readonly PrintedColumn[]): TablePrinter {
  return {
    columns: columns.map(({ name, type, format, description, priority }) => ({
      name,
      type,
      format,
      description,
      priority,
    })),
    // An object of the API is JSON; its declared type only lacks the index signature.
    cells: (object: KubernetesObject, now) =>
      columns.map((column) => column.cell(object as unknown as JsonObject, now)),
  };
}

export const NAME: PrintedColumn = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name must be unique within a namespace.',
  priority: 0,
  cell: (object) => metadataText(object, 'name') ?? '',
};

export const AGE: PrintedColumn = {
  name: 'Age',
  type: 'string',
  format: '',
  description: 'Time since the object was created.',
  priority: 0,
  cell: (object, now) => ageOf(metadataText(object, 'creationTimestamp'), now),
};

/** A column of texts that every `kubectl get` shows. */
export function text(name: string, description: string, cell: PrintedColumn['cell']): PrintedColumn {
  return { name, type: 'string', format: '', description, priority: 0, cell };
}

export function integer(name: string, description: string, cell: PrintedColumn['cell']): PrintedColumn {
  return { name, type: 'integer', format: '', description, priority: 0, cell };
}

/** A time, which readers are shown as it is. */
export function date(name: string, description: string, cell: PrintedColumn['cell']): PrintedColumn {
  return { name, type: 'date', format: '', description, priority: 0, cell };
}

/** Shown only with `-o wide`. */
export function wide(column: PrintedColumn): PrintedColumn {
  return { ...column, priority: 1 };
}

/** The items, at most `max` of them, and how many there are besides: `a,b,c + 2 more...`; `<none>` for none. */
export function someOf(items: readonly string[], max = 3): string {
  if (items.length === 0) return '<none>';
  const shown = items.slice(0, max).join(',');
  return items.length > max ? `${shown} + ${items.length - max} more...` : shown;
}

function metadataText(object: JsonObject, key: string): string | undefined {
  const metadata = object['metadata'];
  const value: unknown = typeof metadata === 'object' && metadata !== null ? Reflect.get(metadata, key) : undefined;
  return typeof value === 'string' ? value : undefined;
}
