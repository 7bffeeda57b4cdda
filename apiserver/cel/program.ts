import { type Checked, check } from './check.ts';
import { KUBERNETES_FUNCTIONS } from './environment.ts';
import { compile, Frame, type Step } from './evaluate.ts';
import type { Expression } from './expression.ts';
import { constantProblem, literalErrors } from './literals.ts';
import { parse } from './parse.ts';
import { CelSyntaxError, type SourceError, sourceErrorsText } from './source.ts';
import type { Type } from './type.ts';
import type { Value } from './value.ts';

/** An expression that can be evaluated. */
export interface Program {
  readonly expression: Expression;
  readonly checked: Checked;
  /**
   * @param values of the variables, in their order; an absent one is an error only when it is asked for
   * @param limit of the cost, in Kubernetes' units
   * @throws EvaluationError when it comes to no result
   * @throws CostLimitExceeded
   */
  evaluate(values: readonly (Value | undefined)[], limit: number): Evaluation;
}

export interface Evaluation {
  readonly value: Value;
  readonly cost: number;
}

export interface Variable {
  readonly name: string;
  readonly type: Type;
}

/** Why an expression is no program, in cel-go's words. */
export interface Refusal {
  readonly failed: 'compilation' | 'instantiation';
  readonly detail: string;
}

/** Reads and checks an expression in the environment of Kubernetes. */
export function programOf(source: string, variables: readonly Variable[]): Program | Refusal {
  let expression: Expression;
  try {
    expression = parse(source);
  } catch (error) {
    if (error instanceof CelSyntaxError) return refusal(source, error.errors);
    throw error;
  }
  const types = new Map(variables.map(({ name, type }) => [name, type]));
  const checked = check(expression, KUBERNETES_FUNCTIONS, types);
  const errors = checked.errors.length > 0 ? checked.errors : literalErrors(expression, checked);
  if (errors.length > 0) return refusal(source, errors);
  const problem = constantProblem(expression, checked);
  if (problem !== undefined) return { failed: 'instantiation', detail: problem };
  const positions = new Map(variables.map(({ name }, index) => [name, index]));
  let compiled: { readonly step: Step; readonly slots: number } | undefined;
  return {
    expression,
    checked,
    evaluate(values, limit) {
      compiled ??= compile(expression, checked, positions);
      // What is not given stays a hole, which the program reports when it is asked for.
      const frame = new Frame([...values] as Value[], limit);
      const value = compiled.step(frame);
      return { value, cost: frame.spent };
    },
  };
}

function refusal(source: string, errors: readonly SourceError[]): Refusal {
  return { failed: 'compilation', detail: sourceErrorsText(source, errors) };
}
