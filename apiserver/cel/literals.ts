import { patternProblem } from '../schema/pattern.ts';
import type { Checked } from './check.ts';
import type { Expression } from './expression.ts';
import { formatClauses, takesType } from './library/format-clauses.ts';
import { partsOf } from './parse.ts';
import type { SourceError } from './source.ts';
import { EvaluationError, parseDuration, parseTimestamp, type Value } from './value.ts';

/** Functions whose calls with literals are done before the program runs. */
const CONVERSIONS = new Set(['bool', 'bytes', 'double', 'int', 'string', 'uint']);

type Call = Extract<Expression, { kind: 'call' }>;

/**
 * Literals that can never be right: times, durations, patterns, and what `format` is given.
 *
 * Source: cel-go, ValidateDurationLiterals, ValidateTimestampLiterals, ValidateRegexLiterals, stringFormatValidator.
 */
export function literalErrors(expression: Expression, checked: Checked): readonly SourceError[] {
  return calls(expression).flatMap((call): readonly SourceError[] => {
    if (call.name === 'format') return formatErrors(call, checked);
    const argument = call.args.at(call.target === undefined && call.name === 'matches' ? 1 : 0);
    if (argument?.kind !== 'literal' || typeof argument.value !== 'string') return [];
    return isInvalid(call.name, argument.value) ? [{ at: argument.at, message: `invalid ${call.name} argument` }] : [];
  });
}

/** The first call that fails whatever the variables are: why. */
export function constantProblem(expression: Expression, checked: Checked): string | undefined {
  for (const call of calls(expression)) {
    const [argument] = call.args;
    if (argument?.kind !== 'literal') continue;
    if ((call.name === 'find' || call.name === 'findAll') && typeof argument.value === 'string') {
      const problem = patternProblem(argument.value);
      if (problem !== undefined) return problem;
    }
    const problem = CONVERSIONS.has(call.name) ? failure(call, argument.value, checked) : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function failure(call: Call, value: Value, checked: Checked): string | undefined {
  try {
    checked.overloads.get(call)?.[0]?.run(value);
    return undefined;
  } catch (error) {
    if (error instanceof EvaluationError) return error.message;
    throw error;
  }
}

function calls(expression: Expression): readonly Call[] {
  const found: Call[] = [];
  const pending = [expression];
  for (let each = pending.pop(); each !== undefined; each = pending.pop()) {
    pending.push(...partsOf(each));
    if (each.kind === 'call') found.push(each);
  }
  return found;
}

function isInvalid(name: string, text: string): boolean {
  switch (name) {
    case 'duration':
      return parseDuration(text) === undefined;
    case 'timestamp':
      return text.length <= 'yyyy-mm-dd'.length || parseTimestamp(text) === undefined;
    case 'matches':
      return patternProblem(text) !== undefined;
    default:
      return false;
  }
}

function formatErrors(call: Call, checked: Checked): readonly SourceError[] {
  const { target, args, at } = call;
  const [list] = args;
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list') return [];
  const clauses = formatClauses(target.value);
  if (typeof clauses === 'string') return [{ at, message: clauses }];
  for (const [index, { verb }] of clauses.entries()) {
    const item = list.items[index]?.value;
    if (item === undefined) return [{ at, message: `index ${index} out of range` }];
    const problem = takesType(verb, checked.typeOf(item));
    if (problem !== undefined) return [{ at: item.at, message: problem }];
  }
  return [];
}
