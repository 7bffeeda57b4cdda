import { patternProblem } from '../schema/pattern.ts';
import type { Checked } from './check.ts';
import type { Expression } from './expression.ts';
import { partsOf } from './parse.ts';
import type { SourceError } from './source.ts';
import { parseDuration, parseTimestamp } from './value.ts';

const REGEX_FUNCTIONS = new Set(['matches', 'find', 'findAll']);

/**
 * Literals that can never be right: times, durations and patterns.
 *
 * Source: cel-go, ValidateDurationLiterals, ValidateTimestampLiterals, ValidateRegexLiterals.
 */
export function literalErrors(expression: Expression, checked: Checked): readonly SourceError[] {
  const errors: SourceError[] = [];
  const pending = [expression];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    pending.push(...partsOf(each));
    if (each.kind !== 'call') continue;
    const argument = each.args.at(each.target === undefined && each.name === 'matches' ? 1 : 0);
    if (argument?.kind !== 'literal' || typeof argument.value !== 'string') continue;
    const problem = literalProblem(each.name, argument.value, checked.overloads.has(each));
    if (problem !== undefined) errors.push({ at: argument.at, message: problem });
  }
  return errors;
}

function literalProblem(name: string, text: string, known: boolean): string | undefined {
  if (!known) return undefined;
  if (name === 'duration') return parseDuration(text) === undefined ? 'invalid duration argument' : undefined;
  if (name === 'timestamp') return parseTimestamp(text) === undefined ? 'invalid timestamp argument' : undefined;
  const isInvalid = REGEX_FUNCTIONS.has(name) && patternProblem(text) !== undefined;
  return isInvalid ? `invalid ${name} argument` : undefined;
}
