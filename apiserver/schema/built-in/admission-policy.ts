import { POLICY_VARIABLES, policyProgram, policyVariables, type Result } from '../../admission-policy/policy.ts';
import type { Variable } from '../../cel/program.ts';
import { DYN, type Type } from '../../cel/type.ts';
import {
  child,
  duplicate,
  element,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../field-error.ts';
import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dnsSubdomain } from '../names.ts';
import { labelSelectorErrors } from './label-selector.ts';
import type { KindRules } from './rules.ts';
import { admissionRuleErrors, conditionErrors } from './webhook-configuration.ts';

/*
 * Source: Kubernetes pkg/apis/admissionregistration/validation, validateValidatingAdmissionPolicySpec and
 * validateValidatingAdmissionPolicyBindingSpec. Expressions of stored policies are sure to compile.
 */

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;

export const admissionPolicyRules: KindRules = {
  applyDefaults(object) {
    object['status'] ??= {};
  },
  validate(object) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors = [...paramKindErrors(objectAt(spec, 'paramKind'))];
    const constraints = objectAt(spec, 'matchConstraints');
    if (constraints === undefined) errors.push(required('spec.matchConstraints'));
    else {
      errors.push(...matchErrors(constraints, 'spec.matchConstraints'));
      if (listAt(constraints, 'resourceRules').length === 0) {
        errors.push(required('spec.matchConstraints.resourceRules'));
      }
    }
    for (const [index, condition] of objectsAt(spec, 'matchConditions').entries()) {
      errors.push(...conditionErrors(condition, element('spec.matchConditions', index), POLICY_VARIABLES));
    }
    const types = new Map<string, Type>();
    for (const [index, variable] of objectsAt(spec, 'variables').entries()) {
      errors.push(...variableErrors(variable, types, element('spec.variables', index)));
    }
    const known = types.size === 0 ? POLICY_VARIABLES : policyVariables(types);
    if (listAt(spec, 'validations').length === 0 && listAt(spec, 'auditAnnotations').length === 0) {
      const detail = 'validations or auditAnnotations must contain at least one item';
      return [...errors, required('spec.validations', detail), required('spec.auditAnnotations', detail)];
    }
    for (const [index, validation] of objectsAt(spec, 'validations').entries()) {
      errors.push(...validationErrors(validation, known, element('spec.validations', index)));
    }
    const keys = new Set<string>();
    for (const [index, annotation] of objectsAt(spec, 'auditAnnotations').entries()) {
      const path = element('spec.auditAnnotations', index);
      const key = textAt(annotation, 'key');
      if (key === '') errors.push(required(child(path, 'key')));
      errors.push(...expressionErrors(annotation, 'valueExpression', known, 'string or null', path));
      if (keys.has(key)) errors.push(duplicate(child(path, 'key'), key));
      keys.add(key);
    }
    return errors;
  },
};

export const admissionPolicyBindingRules: KindRules = {
  validate(object) {
    const spec = objectAt(object, 'spec') ?? {};
    const errors: FieldError[] = [];
    const name = textAt(spec, 'policyName');
    const problem = name === '' ? undefined : dnsSubdomain(name);
    if (name === '') errors.push(required('spec.policyName'));
    if (problem !== undefined) errors.push(invalid('spec.policyName', name, problem));
    errors.push(...paramRefErrors(objectAt(spec, 'paramRef')));
    errors.push(...matchErrors(objectAt(spec, 'matchResources') ?? {}, 'spec.matchResources'));
    return [...errors, ...actionErrors(listAt(spec, 'validationActions').map(String))];
  },
};

function paramKindErrors(paramKind: JsonObject | undefined): readonly FieldError[] {
  if (paramKind === undefined) return [];
  return ['apiVersion', 'kind']
    .filter((key) => textAt(paramKind, key) === '')
    .map((key) => required(`spec.paramKind.${key}`));
}

function matchErrors(match: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['namespaceSelector', 'objectSelector']) {
    errors.push(...labelSelectorErrors(objectAt(match, key), child(path, key)));
  }
  for (const key of ['resourceRules', 'excludeResourceRules']) {
    for (const [index, rule] of objectsAt(match, key).entries()) {
      errors.push(...admissionRuleErrors(rule, element(child(path, key), index)));
    }
  }
  return errors;
}

/** @param types of the variables before it, to which its own is added */
function variableErrors(variable: JsonObject, types: Map<string, Type>, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(variable, 'name');
  if (name === '') errors.push(required(child(path, 'name'), 'name is not specified'));
  else if (!IDENTIFIER.test(name))
    errors.push(invalid(child(path, 'name'), name, 'name is not a valid CEL identifier'));
  else if (types.has(name)) errors.push(duplicate(child(path, 'name'), name));
  const known = policyVariables(types);
  errors.push(...expressionErrors(variable, 'expression', known, 'anything', path));
  const program = policyProgram(textAt(variable, 'expression'), known, 'anything');
  types.set(name, typeof program === 'string' ? DYN : program.checked.type);
  return errors;
}

function validationErrors(validation: JsonObject, known: readonly Variable[], path: string): readonly FieldError[] {
  const errors = [...expressionErrors(validation, 'expression', known, 'bool', path)];
  const message = textAt(validation, 'message');
  if (message !== '' && message.trim() === '') {
    errors.push(invalid(child(path, 'message'), message, 'message must be non-empty if specified'));
  } else if (message.includes('\n')) {
    errors.push(invalid(child(path, 'message'), message, 'message must not contain line breaks'));
  }
  if (textAt(validation, 'messageExpression') !== '') {
    errors.push(...expressionErrors(validation, 'messageExpression', known, 'string', path));
  }
  const reason = textAt(validation, 'reason');
  if (reason !== '' && !REASONS.includes(reason)) errors.push(notSupported(child(path, 'reason'), reason, REASONS));
  return errors;
}

function expressionErrors(
  owner: JsonObject,
  key: string,
  known: readonly Variable[],
  result: Result,
  path: string,
): readonly FieldError[] {
  const expression = textAt(owner, key);
  const at = child(path, key);
  if (expression.trim() === '') return [required(at, `${key} is not specified`)];
  const program = policyProgram(expression, known, result);
  return typeof program === 'string' ? [invalid(at, expression, program)] : [];
}

function paramRefErrors(reference: JsonObject | undefined): readonly FieldError[] {
  if (reference === undefined) return [];
  const path = 'spec.paramRef';
  const name = textAt(reference, 'name');
  const selector = objectAt(reference, 'selector');
  const errors: FieldError[] = [];
  if (name !== '' && selector !== undefined) {
    errors.push(forbidden(child(path, 'name'), 'name and selector are mutually exclusive'));
    errors.push(forbidden(child(path, 'selector'), 'name and selector are mutually exclusive'));
  }
  if (name === '' && selector === undefined) errors.push(required(path, 'one of name or selector must be specified'));
  errors.push(...labelSelectorErrors(selector, child(path, 'selector')));
  if (reference['parameterNotFoundAction'] === undefined) {
    errors.push(required(child(path, 'parameterNotFoundAction')));
  }
  return errors;
}

function actionErrors(actions: readonly string[]): readonly FieldError[] {
  const path = 'spec.validationActions';
  const errors: FieldError[] = [];
  if (actions.length === 0) errors.push(required(path, 'at least one validation action is required'));
  for (const [index, action] of actions.entries()) {
    if (!ACTIONS.includes(action)) errors.push(notSupported(element(path, index), action, ACTIONS));
    if (actions.indexOf(action) !== index) errors.push(duplicate(element(path, index), action));
  }
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalid(path, [...actions], detail));
  }
  return errors;
}
