import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';

/**
 * One step from an object to a part of it, in the form that it has as a key of `fieldsV1`: `f:<field or map key>`,
 * `k:<keys of a list element>`, `v:<element of a set>`, `i:<index>`.
 *
 * Source: Kubernetes, "Server-Side Apply: field management"; structured-merge-diff fieldpath/serialize-pe.go.
 */
export type PathElement = string;

export type Path = readonly PathElement[];

export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** An element of a list of type `map`. The order of `keys` does not count. */
export function keyElement(keys: JsonObject): PathElement {
  return `k:${JSON.stringify(Object.fromEntries(Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1))))}`;
}

/** An element of a list of type `set`. */
export function valueElement(value: JsonValue): PathElement {
  return `v:${JSON.stringify(value)}`;
}

/** Whether `text` can be a key of `fieldsV1`, `.` apart. */
export function isPathElement(text: string): boolean {
  switch (text.slice(0, 2)) {
    case 'f:':
      return true;
    case 'k:':
      return isJsonObject(parsed(text.slice(2)));
    case 'v:':
      return parsed(text.slice(2)) !== undefined;
    case 'i:':
      return /^i:\d+$/.test(text);
    default:
      return false;
  }
}

/** How messages show a path: `.spec.ports[port=80,protocol="TCP"].targetPort`. */
export function pathText(path: Path): string {
  return path.map(elementText).join('');
}

function elementText(element: PathElement): string {
  const rest = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'f:':
      return `.${rest}`;
    case 'k:': {
      const keys = parsed(rest);
      const pairs = isJsonObject(keys) ? Object.entries(keys) : [];
      return `[${pairs.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v:':
      return `[=${rest}]`;
    default:
      return `[${rest}]`;
  }
}

function parsed(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
