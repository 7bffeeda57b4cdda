import { type Program, programOf, type Variable } from '../cel/program.ts';
import { type Type, typeText } from '../cel/type.ts';
import type { StructuralSchema, ValidationRule } from './structural.ts';

/** A rule of a schema, ready to run; or what is wrong with it. */
export interface RuleProgram {
  readonly rule: ValidationRule;
  readonly program: Program;
  readonly message: Program | undefined;
  /** It compares with what was before: it is asked on updates only, unless `optionalOldSelf` is set. */
  readonly usesOldSelf: boolean;
  /** Of the field that the error is about, from the value that the rule is about: `a.b`; `''` for that value. */
  readonly fieldPath: string;
}

export interface RuleProblem {
  readonly field: 'rule' | 'messageExpression';
  readonly detail: string;
}

/**
 * Compiles one rule of `schema`.
 *
 * Source: apiextensions-apiserver pkg/apiserver/schema/cel/compilation.go.
 */
export function ruleProgramOf(
  rule: ValidationRule,
  schema: StructuralSchema,
  type: Type,
): RuleProgram | readonly RuleProblem[] {
  const variables: readonly Variable[] = [
    { name: 'self', type },
    { name: 'oldSelf', type: rule.optionalOldSelf === true ? { kind: 'optional', of: type } : type },
  ];
  const program = programOf(rule.rule, variables);
  if ('failed' in program) {
    const prefix = program.failed === 'instantiation' ? 'program instantiation failed' : 'compilation failed';
    return [{ field: 'rule', detail: `${prefix}: ${program.detail}` }];
  }
  if (typeText(program.checked.type) !== 'bool') {
    return [{ field: 'rule', detail: 'cel expression must evaluate to a bool' }];
  }
  let message: Program | undefined;
  if (rule.messageExpression !== undefined && rule.messageExpression !== '') {
    const compiled = programOf(rule.messageExpression, variables);
    if ('failed' in compiled) {
      const detail = `messageExpression ${compiled.failed} failed: ${compiled.detail}`;
      return [{ field: 'messageExpression', detail }];
    }
    if (typeText(compiled.checked.type) !== 'string') {
      return [{ field: 'messageExpression', detail: 'messageExpression must evaluate to a string' }];
    }
    message = compiled;
  }
  return {
    rule,
    program,
    message,
    usesOldSelf: program.checked.variables.has('oldSelf'),
    fieldPath: rule.fieldPath === undefined ? '' : (fieldAt(rule.fieldPath, schema)?.path ?? ''),
  };
}

const PATH_PART = /\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]/gy;

/** What `.a['b c'].d` leads to, and the path as errors write it; undefined when the schema has no such field. */
export function fieldAt(
  path: string,
  schema: StructuralSchema,
): { readonly path: string; readonly schema: StructuralSchema } | undefined {
  let inner: StructuralSchema | undefined = schema;
  let text = '';
  let end = 0;
  for (const match of path.matchAll(PATH_PART)) {
    const [all, plain, quoted = ''] = match;
    const name = plain ?? quoted.replace(/\\(.)/g, '$1');
    end = match.index + all.length;
    if (inner?.properties !== undefined) {
      inner = Object.hasOwn(inner.properties, name) ? inner.properties[name] : undefined;
      if (inner === undefined) return undefined;
      text += text === '' ? name : `.${name}`;
    } else if (typeof inner?.additionalProperties === 'object') {
      inner = inner.additionalProperties;
      text += `[${name}]`;
    } else {
      return undefined;
    }
  }
  return inner !== undefined && end === path.length && end > 0 ? { path: text, schema: inner } : undefined;
}
