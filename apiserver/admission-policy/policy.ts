import type { Expression } from '../cel/expression.ts';
import { partsOf } from '../cel/parse.ts';
import { type Program, programOf, type Variable } from '../cel/program.ts';
import { DYN, type Type, typeText } from '../cel/type.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { type MatchCondition, matchConditions } from '../webhook/match-conditions.ts';
import { type MatchCriteria, matchCriteria } from '../webhook/match-criteria.ts';
import { objectType, REQUEST_TYPE } from '../webhook/request-type.ts';

/** What expressions of policies speak of, but for their own variables. */
export const POLICY_VARIABLES: readonly Variable[] = [
  { name: 'object', type: DYN },
  { name: 'oldObject', type: DYN },
  { name: 'request', type: REQUEST_TYPE },
  { name: 'params', type: DYN },
  { name: 'namespaceObject', type: DYN },
];

/** The same and `variables`, in a policy that has some. @param own those that may be spoken of */
export function policyVariables(own: ReadonlyMap<string, Type>): readonly Variable[] {
  return [
    ...POLICY_VARIABLES,
    { name: 'variables', type: objectType('kubernetes.variables', Object.fromEntries(own)) },
  ];
}

/** A ValidatingAdmissionPolicy, ready to be asked. Source: admissionregistration v1. */
export interface Policy {
  readonly name: string;
  /** An expression that comes to no result is as good as one that agrees. */
  readonly ignoresFailure: boolean;
  readonly criteria: MatchCriteria;
  readonly conditions: readonly MatchCondition[];
  /** Each may use those before it. Only those that something uses. */
  readonly variables: readonly { readonly name: string; readonly program: Program }[];
  readonly validations: readonly Validation[];
  readonly annotations: readonly { readonly key: string; readonly source: string; readonly program: Program }[];
  readonly paramKind: { readonly apiVersion: string; readonly kind: string } | undefined;
}

export interface Validation {
  readonly source: string;
  readonly program: Program;
  /** `''`: none */
  readonly message: string;
  readonly messageProgram: Program | undefined;
  readonly reason: string;
}

/** What an expression of a policy must come to. */
export type Result = 'bool' | 'string' | 'string or null' | 'anything';

/** @returns why it is none, in the words of Kubernetes, where it is none */
export function policyProgram(source: string, variables: readonly Variable[], result: Result): Program | string {
  const program = programOf(source, variables);
  if ('failed' in program) return `${program.failed} failed: ${program.detail}`;
  const type = typeText(program.checked.type);
  if (result === 'anything' || type === result) return program;
  if (result !== 'string or null') return `must evaluate to ${result} but got ${type}`;
  return type === 'string' || type === 'null_type'
    ? program
    : `must evaluate to one of [string null_type] but got ${type}`;
}

/** Reads one that passed validation. */
export function policyOf(object: JsonObject): Policy {
  const spec = objectAt(object, 'spec') ?? {};
  const types = new Map<string, Type>();
  const all = objectsAt(spec, 'variables').map((each) => {
    const name = textAt(each, 'name');
    const program = compiled(textAt(each, 'expression'), policyVariables(types));
    types.set(name, program.checked.type);
    return { name, program };
  });
  const variables = types.size === 0 ? POLICY_VARIABLES : policyVariables(types);
  const validations = objectsAt(spec, 'validations').map((each) => validationOf(each, variables));
  const annotations = objectsAt(spec, 'auditAnnotations').map((each) => {
    const source = textAt(each, 'valueExpression');
    return { key: textAt(each, 'key'), source, program: compiled(source, variables) };
  });
  const used = new Set<string>();
  const use = ({ expression }: Program): void => {
    for (const name of variablesOf(expression)) used.add(name);
  };
  for (const each of validations) {
    use(each.program);
    if (each.messageProgram !== undefined) use(each.messageProgram);
  }
  for (const each of annotations) use(each.program);
  for (const each of all.toReversed()) if (used.has(each.name)) use(each.program);
  const paramKind = objectAt(spec, 'paramKind');
  return {
    name: textAt(objectAt(object, 'metadata'), 'name'),
    ignoresFailure: textAt(spec, 'failurePolicy') === 'Ignore',
    criteria: matchCriteria(objectAt(spec, 'matchConstraints') ?? {}, 'resourceRules'),
    conditions: matchConditions(spec, POLICY_VARIABLES),
    variables: all.filter(({ name }) => used.has(name)),
    validations,
    annotations,
    paramKind:
      paramKind === undefined
        ? undefined
        : { apiVersion: textAt(paramKind, 'apiVersion'), kind: textAt(paramKind, 'kind') },
  };
}

function validationOf(validation: JsonObject, variables: readonly Variable[]): Validation {
  const source = textAt(validation, 'expression');
  const message = textAt(validation, 'messageExpression');
  return {
    source,
    program: compiled(source, variables),
    message: textAt(validation, 'message').trim(),
    messageProgram: message === '' ? undefined : compiled(message, variables),
    reason: textAt(validation, 'reason') || 'Invalid',
  };
}

function compiled(source: string, variables: readonly Variable[]): Program {
  const program = policyProgram(source, variables, 'anything');
  if (typeof program === 'string') throw new Error(`a stored policy has an expression that is none: ${program}`);
  return program;
}

/** Names after `variables.` in an expression. */
function variablesOf(expression: Expression): readonly string[] {
  const own =
    expression.kind === 'select' && expression.operand.kind === 'identifier' && expression.operand.name === 'variables'
      ? [expression.field]
      : [];
  return [...own, ...partsOf(expression).flatMap(variablesOf)];
}
