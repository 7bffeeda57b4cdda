import { isVariable } from './template.ts';

/** Changes to headers as ALB's annotations write them, in the order in which they are made. Source: spec ALB-78. */
export type HeaderRule =
  | { readonly op: 'set' | 'add'; readonly name: string; readonly value: string }
  | { readonly op: 'remove'; readonly name: string }
  /** From a variable. */
  | { readonly op: 'copy'; readonly name: string; readonly variable: string; readonly append: boolean };

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What belongs to the connection, or frames the message. */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);
const MAX_RULES = 100;

/** What names of headers and methods are made of. */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Says what is wrong with the name of a header that users want to change; undefined for nothing. */
export function headerNameMistake(name: string): string | undefined {
  if (name.length > 256 || !isToken(name)) return `${JSON.stringify(name)} is not the name of a header`;
  return FORBIDDEN.has(name.toLowerCase()) ? `${name} cannot be changed` : undefined;
}

/** Says what is wrong with the value of a header; undefined for nothing. Source: RFC 9110 section 5.5. */
export function headerValueMistake(value: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in there
  if (/[\x00-\x08\x0a-\x1f\x7f]/.test(value)) return `the value ${JSON.stringify(value)} has control characters`;
  return value.length > 8192 ? 'a value has more than 8192 characters' : undefined;
}

/**
 * Reads the JSON of `rewrite-request` and `rewrite-response`.
 *
 * @returns a text that says what is wrong
 */
export function readHeaderRules(json: string, direction: 'request' | 'response'): readonly HeaderRule[] | string {
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    return 'must be JSON';
  }
  if (!isObject(given)) return 'must be a JSON object';
  const rules: HeaderRule[] = [];
  for (const key of Object.keys(given)) {
    if (!Object.hasOwn(READERS, key)) return `has an unknown key ${JSON.stringify(key)}`;
    if (direction === 'response' && key.endsWith('_var')) return `${key} is for requests only`;
  }
  for (const [key, read] of Object.entries(READERS)) {
    const value = given[key];
    if (value === undefined) continue;
    const found = read(value);
    if (typeof found === 'string') return `${key}: ${found}`;
    rules.push(...found);
  }
  if (rules.length > MAX_RULES) return `must have at most ${MAX_RULES} changes`;
  for (const rule of rules) {
    const mistake = headerNameMistake(rule.name) ?? ('value' in rule ? headerValueMistake(rule.value) : undefined);
    if (mistake !== undefined) return mistake;
  }
  return rules;
}

type Reader = (value: unknown) => readonly HeaderRule[] | string;

const READERS: Readonly<Record<string, Reader>> = {
  headers: (given) => {
    if (!isObject(given)) return 'must map names to values';
    return all(Object.entries(given), ([name, value]) => text(value, (one) => [{ op: 'set', name, value: one }]));
  },
  headers_var: (given) => {
    if (!isObject(given)) return 'must map names to variables';
    return all(Object.entries(given), ([name, value]) => copies(name, value, false));
  },
  headers_remove: (given) => {
    if (!Array.isArray(given)) return 'must be a list of names';
    return all(given, (name) => text(name, (one) => [{ op: 'remove', name: one }]));
  },
  headers_add: (given) => {
    if (!isObject(given)) return 'must map names to lists of values';
    return all(pairs(given), ([name, value]) => text(value, (one) => [{ op: 'add', name, value: one }]));
  },
  headers_add_var: (given) => {
    if (!isObject(given)) return 'must map names to lists of variables';
    return all(pairs(given), ([name, value]) => copies(name, value, true));
  },
};

function copies(name: string, variable: unknown, append: boolean): readonly HeaderRule[] | string {
  return text(variable, (one) =>
    isVariable(one) ? [{ op: 'copy', name, variable: one, append }] : `${JSON.stringify(one)} is not a variable`,
  );
}

/** A single value counts as a list of one. */
function pairs(given: Readonly<Record<string, unknown>>): readonly (readonly [string, unknown])[] {
  return Object.entries(given).flatMap(([name, values]) =>
    (Array.isArray(values) ? (values as unknown[]) : [values]).map((value) => [name, value] as const),
  );
}

function all<T>(
  items: readonly T[],
  read: (item: T) => readonly HeaderRule[] | string,
): readonly HeaderRule[] | string {
  const rules: HeaderRule[] = [];
  for (const item of items) {
    const found = read(item);
    if (typeof found === 'string') return found;
    rules.push(...found);
  }
  return rules;
}

function text(value: unknown, read: (text: string) => readonly HeaderRule[] | string): readonly HeaderRule[] | string {
  return typeof value === 'string' ? read(value) : `${JSON.stringify(value)} is not a text`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
