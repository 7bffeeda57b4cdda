import { child, element } from '../schema/field-error.ts';
import { isJsonObject, type JsonValue } from '../schema/json.ts';

/**
 * The paths of fields that an object of `text` has more than once, in their order; JSON.parse keeps the last of them. Usually there
 * are none, which is found out by counting.
 *
 * @param text valid JSON
 * @param value what JSON.parse made of it
 * @param fields how many fields the text has, see {@link outlineOf}
 */
export function duplicateFields(text: string, value: JsonValue, fields: number): readonly string[] {
  return fields === fieldsOf(value) ? [] : scan(text);
}

export interface Outline {
  /** Fields of all objects together. */
  readonly fields: number;
  /** Objects and lists that are in each other. */
  readonly depth: number;
}

const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;
const BRACE = 123;
const BRACE_END = 125;
const BRACKET = 91;
const BRACKET_END = 93;

/** Of valid JSON: outside of strings every colon follows the name of a field. */
export function outlineOf(text: string): Outline {
  let fields = 0;
  let open = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = closingQuote(text, at);
    else if (code === COLON) fields++;
    else if (code === BRACE || code === BRACKET) depth = Math.max(depth, ++open);
    else if (code === BRACE_END || code === BRACKET_END) open--;
  }
  return { fields, depth };
}

function closingQuote(text: string, opening: number): number {
  for (let at = text.indexOf('"', opening + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}

/** Without recursion: nobody has checked how deep the value is. */
function fieldsOf(value: JsonValue): number {
  let count = 0;
  const pending = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Array.isArray(next)) {
      for (const each of next) if (typeof each === 'object') pending.push(each);
    } else if (isJsonObject(next)) {
      for (const each of Object.values(next)) {
        count++;
        if (typeof each === 'object') pending.push(each);
      }
    }
  }
  return count;
}

/** An object or list that the scan is in. */
interface Level {
  readonly path: string;
  /** Names seen; undefined in a list. */
  readonly names: Set<string> | undefined;
  /** Path of the value that comes next. */
  next: string;
  index: number;
}

function scan(text: string): readonly string[] {
  const found = new Set<string>();
  const levels: Level[] = [];
  for (let at = 0; at < text.length; at++) {
    const level = levels.at(-1);
    switch (text.charAt(at)) {
      case '"': {
        const end = closingQuote(text, at);
        // A string before a colon is a name.
        if (level?.names !== undefined && /^\s*:/.test(text.slice(end + 1, end + 64))) {
          const name: string = JSON.parse(text.slice(at, end + 1));
          level.next = child(level.path, name);
          if (level.names.has(name)) found.add(level.next);
          level.names.add(name);
        }
        at = end;
        break;
      }
      case '{':
      case '[': {
        const path = level?.next ?? '';
        const names = text.charAt(at) === '{' ? new Set<string>() : undefined;
        levels.push({ path, names, next: names === undefined ? element(path, 0) : path, index: 0 });
        break;
      }
      case '}':
      case ']':
        levels.pop();
        break;
      case ',':
        if (level !== undefined && level.names === undefined) level.next = element(level.path, ++level.index);
        break;
    }
  }
  return [...found];
}
