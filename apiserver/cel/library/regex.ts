import { type RE2JS, RE2JSException } from 're2js';
import { compiledPattern } from '../../schema/pattern.ts';
import { global, MATCHING, member, type Overload } from '../declaration.ts';
import { EvaluationError, ListValue } from '../value.ts';

/*
 * Regular expressions, on RE2's engine: linear time, RE2's syntax.
 *
 * Source: CEL language definition, `matches`; apiserver pkg/cel/library/regex.go.
 */

/** @throws EvaluationError when RE2 refuses the pattern */
function regexOf(pattern: string): RE2JS {
  try {
    return compiledPattern(pattern);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new EvaluationError(cause.message, { cause });
  }
}

function matches(text: string, pattern: string): boolean {
  return regexOf(pattern).test(text);
}

function find(text: string, pattern: string): string {
  const matcher = regexOf(pattern).matcher(text);
  return matcher.find() ? (matcher.group() ?? '') : '';
}

function findAll(text: string, pattern: string, limit = -1n): ListValue {
  const found: string[] = [];
  const matcher = regexOf(pattern).matcher(text);
  while ((limit < 0n || BigInt(found.length) < limit) && matcher.find()) found.push(matcher.group() ?? '');
  return new ListValue(found);
}

export const REGEX: readonly Overload[] = [
  global('matches', 'string, string -> bool', matches, MATCHING),
  member('matches', 'string, string -> bool', matches, MATCHING),
  member('find', 'string, string -> string', find, MATCHING),
  member(
    'findAll',
    'string, string -> list(string)',
    (text: string, pattern: string) => findAll(text, pattern),
    MATCHING,
  ),
  member('findAll', 'string, string, int -> list(string)', findAll, MATCHING),
];
