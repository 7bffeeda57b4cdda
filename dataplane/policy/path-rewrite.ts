/** Another path for the backend, the same in nginx and in explain. Source: spec ALB-72. */
import { bytes, compileRegex, indexOf, type Regex, replaceRegex, slice } from '#platform';

/** Without effect on which rule takes the request; the query stays. */
export interface PathRewriteStep {
  readonly type: 'pathRewrite';
  /** Regular expression whose first match is replaced; absent: the whole path is. */
  readonly pattern?: string;
  /** Every match is replaced. */
  readonly every?: true;
  readonly replacement: Replacement;
  /** Each change is told in the error log. */
  readonly log?: true;
}

/** Texts, and numbers of groups of the pattern; a group that took no part is empty. */
export type Replacement = readonly (string | number)[];

export interface PathRewrite {
  readonly regex: Regex | undefined;
  readonly every: boolean;
  readonly replacement: Replacement;
}

/** @returns undefined for a pattern that this platform does not understand */
export function compilePathRewrite({
  pattern,
  every: isForEvery,
  replacement,
}: PathRewriteStep): PathRewrite | undefined {
  const every = isForEvery === true;
  const parts: (string | number)[] = [];
  for (const part of replacement) parts.push(typeof part === 'string' ? bytes(part) : part);
  if (pattern === undefined) return { regex: undefined, every, replacement: parts };
  const regex = compileRegex(bytes(pattern), false);
  return regex === undefined ? undefined : { regex, every, replacement: parts };
}

/**
 * @param path decoded, begins with a slash, like the result
 * @returns undefined when the pattern is not in the path
 */
export function rewrittenPath({ regex, every, replacement }: PathRewrite, path: string): string | undefined {
  const replaced = regex === undefined ? wholeText(replacement) : replaceRegex(regex, path, replacement, every);
  if (replaced === undefined) return undefined;
  return withSingleSlashes(slice(replaced, 0, 1) === '/' ? replaced : `/${replaced}`);
}

function wholeText(replacement: Replacement): string {
  let text = '';
  for (const part of replacement) if (typeof part === 'string') text = text + part;
  return text;
}

function withSingleSlashes(path: string): string {
  let rest = path;
  let double = indexOf(rest, '//', 0);
  if (double < 0) return path;
  let result = '';
  while (double >= 0) {
    result = result + slice(rest, 0, double);
    rest = slice(rest, double + 1, rest.length);
    double = indexOf(rest, '//', 0);
  }
  return result + rest;
}
