import { CostLimitExceeded } from '../cel/evaluate.ts';
import { type Program, programOf, type Variable } from '../cel/program.ts';
import { DYN, typeText } from '../cel/type.ts';
import { EvaluationError, type Value } from '../cel/value.ts';
import { type JsonObject, objectsAt, textAt } from '../schema/json.ts';
import { REQUEST_TYPE } from './request-type.ts';

/** Source: apiserver pkg/apis/cel/config.go, of all conditions of one webhook. */
const COST_MAX = 2_500_000;

/** What conditions of webhooks speak of. */
const VARIABLES: readonly Variable[] = [
  { name: 'object', type: DYN },
  { name: 'oldObject', type: DYN },
  { name: 'request', type: REQUEST_TYPE },
];

/** An expression that says whether a webhook is asked. */
export interface MatchCondition {
  readonly name: string;
  readonly program: Program;
}

/** A condition that could not be evaluated; the message names all of them. */
export class MatchConditionError extends Error {
  override readonly name = 'MatchConditionError';
}

/** Why the expression of a condition is none, in cel-go's words; undefined when it is one. */
export function conditionProblem(expression: string, variables = VARIABLES): string | undefined {
  const program = compiled(expression, variables);
  return typeof program === 'string' ? program : undefined;
}

/** Reads `matchConditions` of a webhook or a policy that passed validation. */
export function matchConditions(owner: JsonObject, variables = VARIABLES): readonly MatchCondition[] {
  return objectsAt(owner, 'matchConditions').flatMap((condition) => {
    const program = compiled(textAt(condition, 'expression'), variables);
    return typeof program === 'string' ? [] : [{ name: textAt(condition, 'name'), program }];
  });
}

function compiled(expression: string, variables: readonly Variable[]): Program | string {
  const program = programOf(expression, variables);
  if ('failed' in program) return `${program.failed} failed: ${program.detail}`;
  const type = typeText(program.checked.type);
  return type === 'bool' ? program : `must evaluate to bool but got ${type}`;
}

/**
 * Whether all conditions hold. One that does not decides, whatever became of the others.
 *
 * Source: apiserver pkg/admission/plugin/webhook/matchconditions/matcher.go.
 *
 * @param values of the variables that the conditions were compiled with
 * @throws MatchConditionError
 */
export function conditionsHold(conditions: readonly MatchCondition[], values: readonly Value[]): boolean {
  const failures: string[] = [];
  let left = COST_MAX;
  for (const { name, program } of conditions) {
    try {
      const { value, cost }: { value: Value; cost: number } = program.evaluate(values, left);
      left -= cost;
      if (value === false) return false;
      if (value !== true) failures.push(`condition ${JSON.stringify(name)} is no bool`);
    } catch (error) {
      if (!(error instanceof EvaluationError || error instanceof CostLimitExceeded)) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new MatchConditionError(failures.join(', '));
  return true;
}
