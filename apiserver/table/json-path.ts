import { isJsonObject, type JsonValue } from '../schema/json.ts';

/*
 * The JSONPath of printer columns, scale paths and `selectableFields`: `.a.b`, `.a['b']`, `.a[0]`, `.a[-1]`, `.a[*]`, `.a.*`, `..a` and
 * filters `.a[?(@.type=="Ready")]`. A dot in a key is escaped: `.metadata.labels.app\.kubernetes\.io/name`.
 *
 * Source: client-go util/jsonpath.
 */

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';

type Step =
  | { readonly step: 'key'; readonly key: string }
  | { readonly step: 'index'; readonly index: number }
  | { readonly step: 'all' }
  | { readonly step: 'descend' }
  | { readonly step: 'filter'; readonly path: JsonPath; readonly comparison?: Comparison; readonly value?: JsonValue };

export interface JsonPath {
  readonly steps: readonly Step[];
}

/** The values a path finds in a value, in document order. */
export function valuesAt(path: JsonPath, root: JsonValue): readonly JsonValue[] {
  let found: readonly JsonValue[] = [root];
  for (const step of path.steps) found = found.flatMap((value) => follow(step, value));
  return found;
}

function follow(step: Step, value: JsonValue): readonly JsonValue[] {
  switch (step.step) {
    case 'key': {
      const next = isJsonObject(value) && Object.hasOwn(value, step.key) ? value[step.key] : undefined;
      return next === undefined ? [] : [next];
    }
    case 'index': {
      const next = Array.isArray(value) ? value.at(step.index) : undefined;
      return next === undefined ? [] : [next];
    }
    case 'all':
      return children(value);
    case 'descend':
      return [value, ...children(value).flatMap((each) => follow(step, each))];
    case 'filter':
      return Array.isArray(value) ? value.filter((each) => passes(step, each)) : [];
  }
}

function children(value: JsonValue): readonly JsonValue[] {
  if (Array.isArray(value)) return value;
  return isJsonObject(value) ? Object.values(value) : [];
}

function passes(filter: Extract<Step, { step: 'filter' }>, value: JsonValue): boolean {
  const found = valuesAt(filter.path, value);
  if (filter.comparison === undefined) return found.length > 0;
  const left = found[0];
  const right = filter.value;
  if (left === undefined || right === undefined) return false;
  if (filter.comparison === '==') return left === right;
  if (filter.comparison === '!=') return left !== right;
  if (typeof left !== typeof right || (typeof left !== 'number' && typeof left !== 'string')) return false;
  if (typeof right !== 'number' && typeof right !== 'string') return false;
  switch (filter.comparison) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    case '>=':
      return left >= right;
  }
}

const TOKEN = new RegExp(
  [
    /\.\.(?=[^.[])/, // ..key
    /\.\*|\[\*\]/, // every child
    /\[(?<index>-?\d+)\]/,
    /\[\?\((?<filter>.*?)\)\]/,
    /\[(?:'(?<single>(?:\\.|[^'\\])*)'|"(?<double>(?:\\.|[^"\\])*)")\]/,
    /\.?(?<key>(?:\\.|[^.[\]\\])+)/,
  ]
    .map((part) => part.source)
    .join('|'),
  'y',
);

/** Undefined when the text is no path of the supported form. Surrounding braces are optional. */
export function parseJsonPath(text: string): JsonPath | undefined {
  const path = text.replace(/^\{(.*)\}$/s, '$1').replace(/^\$/, '');
  if (path === '' || path === '.') return { steps: [] };
  const steps: Step[] = [];
  const token = new RegExp(TOKEN);
  while (token.lastIndex < path.length) {
    const match = token.exec(path);
    if (match === null) return undefined;
    const step = stepOf(match);
    if (step === undefined) return undefined;
    steps.push(step);
  }
  return { steps };
}

function stepOf(match: RegExpExecArray): Step | undefined {
  if (match[0] === '..') return { step: 'descend' };
  if (match[0] === '.*' || match[0] === '[*]') return { step: 'all' };
  const { index, filter, single, double, key } = match.groups ?? {};
  if (index !== undefined) return { step: 'index', index: Number(index) };
  if (filter !== undefined) return filterOf(filter);
  const name = single ?? double ?? key;
  return name === undefined ? undefined : { step: 'key', key: name.replace(/\\(.)/g, '$1') };
}

function filterOf(text: string): Step | undefined {
  const match = /^\s*@(?<path>.*?)\s*(?:(?<comparison>==|!=|<=|>=|<|>)\s*(?<value>.+?)\s*)?$/.exec(text);
  const { path: pathText, comparison, value: valueText } = match?.groups ?? {};
  const path = pathText === undefined ? undefined : parseJsonPath(pathText);
  if (path === undefined) return undefined;
  if (comparison === undefined || valueText === undefined) return { step: 'filter', path };
  const value = literalOf(valueText);
  return value === undefined ? undefined : { step: 'filter', path, comparison: comparison as Comparison, value };
}

function literalOf(text: string): JsonValue | undefined {
  const quoted = /^(['"])(.*)\1$/s.exec(text);
  if (quoted !== null) return (quoted[2] ?? '').replace(/\\(.)/g, '$1');
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isNaN(Number(text)) ? undefined : Number(text);
}
