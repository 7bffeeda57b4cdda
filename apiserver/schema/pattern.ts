import { RE2JS, RE2JSException } from 're2js';

/*
 * Patterns in schemas come from users, so they run on RE2's linear-time engine, with RE2's syntax, as a real server does.
 */

const compiled = new Map<string, RE2JS>();

/** Patterns live as long as CRDs do; the bound only keeps a loop of changing CRDs from growing memory. */
const MAX_COMPILED = 10_000;

/** Reports whether `pattern` occurs anywhere in `text`. The pattern must be valid. */
export function patternMatches(pattern: string, text: string): boolean {
  return compiledPattern(pattern).test(text);
}

/** @throws RE2JSException when RE2 refuses the pattern */
export function compiledPattern(pattern: string): RE2JS {
  let regex = compiled.get(pattern);
  if (regex === undefined) {
    if (compiled.size >= MAX_COMPILED) compiled.clear();
    regex = RE2JS.compile(pattern);
    compiled.set(pattern, regex);
  }
  return regex;
}

/** Why RE2 refuses `pattern`; undefined when it does not. */
export function patternProblem(pattern: string): string | undefined {
  try {
    compiledPattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof RE2JSException) return error.message;
    throw error;
  }
}
