import { isJsonObject, type JsonObject, type JsonValue } from '../schema/json.ts';
import { isPathElement, type Path, type PathElement } from './path-element.ts';

/** Stands for the path itself, where paths below it are in the set too. */
const ITSELF = '.';

/**
 * A set of paths of an object, as a tree. A path can be in the set without those below it, and the other way round.
 *
 * Source: meta/v1 FieldsV1; structured-merge-diff fieldpath/set.go.
 */
export class FieldSet {
  #member = false;
  readonly #children = new Map<PathElement, FieldSet>();

  static of(paths: readonly Path[]): FieldSet {
    const set = new FieldSet();
    for (const path of paths) set.insert(path);
    return set;
  }

  /** Undefined when `json` is not the `fieldsV1` of a managed fields entry. */
  static parse(json: JsonValue | undefined): FieldSet | undefined {
    if (!isJsonObject(json)) return undefined;
    const set = new FieldSet();
    return set.#read(json) ? set : undefined;
  }

  /** The path to this set itself is a member of the set it is part of. */
  get isMember(): boolean {
    return this.#member;
  }

  get hasChildren(): boolean {
    return this.#children.size > 0;
  }

  get isEmpty(): boolean {
    return !this.#member && this.#children.size === 0;
  }

  /** What is in the set below `element`, and whether that is; undefined when neither. */
  child(element: PathElement): FieldSet | undefined {
    return this.#children.get(element);
  }

  has(path: Path): boolean {
    return path.reduce<FieldSet | undefined>((node, element) => node?.child(element), this)?.isMember === true;
  }

  insert(path: Path): void {
    const last = path.reduce<FieldSet>((node, element) => node.#ensured(element), this);
    last.#member = true;
  }

  union(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.#member = this.#member || other.#member;
    for (const [element, child] of this.#children) {
      const others = other.#children.get(element);
      result.#children.set(element, others === undefined ? child : child.union(others));
    }
    for (const [element, child] of other.#children) {
      if (!this.#children.has(element)) result.#children.set(element, child);
    }
    return result;
  }

  /** The paths that are not in `other`. */
  minus(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.#member = this.#member && !other.#member;
    for (const [element, child] of this.#children) {
      const others = other.#children.get(element);
      const rest = others === undefined ? child : child.minus(others);
      if (!rest.isEmpty) result.#children.set(element, rest);
    }
    return result;
  }

  /** The paths that are in both. */
  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    result.#member = this.#member && other.#member;
    for (const [element, child] of this.#children) {
      const others = other.#children.get(element);
      if (others === undefined) continue;
      const both = child.intersection(others);
      if (!both.isEmpty) result.#children.set(element, both);
    }
    return result;
  }

  equals(other: FieldSet): boolean {
    if (this.#member !== other.#member || this.#children.size !== other.#children.size) return false;
    for (const [element, child] of this.#children) {
      const others = other.#children.get(element);
      if (others === undefined || !child.equals(others)) return false;
    }
    return true;
  }

  /** Every path of the set, those above before those below. */
  *paths(above: Path = []): Generator<Path> {
    if (this.#member) yield above;
    for (const [element, child] of this.#sorted()) yield* child.paths([...above, element]);
  }

  /** The `fieldsV1`. */
  toJson(): JsonObject {
    const json: JsonObject = {};
    if (this.#member && this.#children.size > 0) json[ITSELF] = {};
    for (const [element, child] of this.#sorted()) json[element] = child.toJson();
    return json;
  }

  #sorted(): readonly [PathElement, FieldSet][] {
    return [...this.#children].sort(([a], [b]) => (a < b ? -1 : 1));
  }

  #ensured(element: PathElement): FieldSet {
    const present = this.#children.get(element);
    if (present !== undefined) return present;
    const child = new FieldSet();
    this.#children.set(element, child);
    return child;
  }

  #read(json: JsonObject): boolean {
    for (const [key, value] of Object.entries(json)) {
      if (!isJsonObject(value)) return false;
      if (key === ITSELF) {
        this.#member = true;
        continue;
      }
      if (!isPathElement(key)) return false;
      const child = new FieldSet();
      if (!child.#read(value)) return false;
      if (child.isEmpty) child.#member = true;
      this.#children.set(key, child);
    }
    return true;
  }
}
