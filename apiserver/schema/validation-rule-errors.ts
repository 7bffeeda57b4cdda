import { expressionTypeOf } from './expression-type.ts';
import { child, element, type FieldError, invalid, keyed, notSupported, required } from './field-error.ts';
import { fieldAt, ruleProgramOf } from './rule-program.ts';
import type { StructuralSchema, ValidationRule } from './structural.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const RULES = 'x-kubernetes-validations';

/**
 * What is wrong with the rules of a CRD's schema, which has to be structural. Rules are compiled only when everything that
 * does not need that is right.
 *
 * Source: apiextensions-apiserver pkg/apis/apiextensions/validation, ValidateCustomResourceDefinitionOpenAPISchema.
 *
 * @param path of the schema in the CRD
 */
export function validationRuleErrors(schema: StructuralSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  visit(schema, { path, isRoot: true, uncorrelatable: undefined }, (each, place) => {
    for (const [index, rule] of (each[RULES] ?? []).entries()) {
      errors.push(...formErrors(rule, each, element(child(place.path, RULES), index)));
    }
  });
  if (errors.length > 0) return errors;
  visit(schema, { path, isRoot: true, uncorrelatable: undefined }, (each, place) => {
    errors.push(...compileErrors(each, place));
  });
  return errors;
}

interface Place {
  readonly path: string;
  readonly isRoot: boolean;
  /** The list or map whose parts cannot be told from one another, if there is one around. */
  readonly uncorrelatable: string | undefined;
}

function visit(schema: StructuralSchema, place: Place, look: (schema: StructuralSchema, place: Place) => void): void {
  const { path } = place;
  const inside = (inner: StructuralSchema, at: string, isCorrelatable: boolean): void =>
    visit(
      inner,
      {
        path: at,
        isRoot: inner['x-kubernetes-embedded-resource'] === true,
        uncorrelatable: isCorrelatable ? place.uncorrelatable : path,
      },
      look,
    );
  const isMapCorrelatable = schema['x-kubernetes-map-type'] !== 'atomic';
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    inside(property, keyed(child(path, 'properties'), key), isMapCorrelatable);
  }
  if (typeof schema.additionalProperties === 'object') {
    inside(schema.additionalProperties, child(path, 'additionalProperties'), isMapCorrelatable);
  }
  if (schema.items !== undefined) {
    inside(schema.items, child(path, 'items'), schema['x-kubernetes-list-type'] === 'map');
  }
  look(schema, place);
}

const LINE_BREAK = /[\n\r]/;

function formErrors(rule: ValidationRule, schema: StructuralSchema, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const { message = '', messageExpression = '', reason, fieldPath = '' } = rule;
  const text = rule.rule.trim();
  if (text === '') errors.push(required(child(path, 'rule'), 'rule is not specified'));
  else if (message !== '' && message.trim() === '') {
    errors.push(invalid(child(path, 'message'), message, 'message must be non-empty if specified'));
  } else if (LINE_BREAK.test(message.trim())) {
    errors.push(invalid(child(path, 'message'), message, 'message must not contain line breaks'));
  } else if (LINE_BREAK.test(text) && message === '') {
    errors.push(required(child(path, 'message'), 'message must be specified if rule contains line breaks'));
  }
  if (messageExpression !== '' && messageExpression.trim() === '') {
    errors.push(required(child(path, 'messageExpression'), 'messageExpression must be non-empty if specified'));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(child(path, 'reason'), reason, REASONS));
  }
  if (fieldPath === '') return errors;
  const field = child(path, 'fieldPath');
  if (fieldPath.trim() === '') errors.push(invalid(field, fieldPath, 'fieldPath must be non-empty if specified'));
  if (LINE_BREAK.test(fieldPath)) errors.push(invalid(field, fieldPath, 'fieldPath must not contain line breaks'));
  if (fieldAt(fieldPath, schema) === undefined) {
    errors.push(invalid(field, fieldPath, 'fieldPath must be a valid path'));
  }
  return errors;
}

function compileErrors(schema: StructuralSchema, place: Place): readonly FieldError[] {
  const rules = schema[RULES] ?? [];
  if (rules.length === 0) return [];
  const path = child(place.path, RULES);
  const type = expressionTypeOf(schema, place.isRoot);
  if (type === undefined) {
    const problem = 'internal error: failed to retrieve type information for x-kubernetes-validations';
    return [{ reason: 'FieldValueInvalid', field: path, message: `Internal error: ${problem}` }];
  }
  return rules.flatMap((rule, index): readonly FieldError[] => {
    const at = element(path, index);
    const compiled = ruleProgramOf(rule, schema, type);
    if (!('program' in compiled)) {
      return compiled.map(({ field, detail }) => ({
        reason: 'FieldValueInvalid',
        field: child(at, field),
        message: `Invalid value: ${ruleAsGo(rule)}: ${detail}`,
      }));
    }
    if (!compiled.usesOldSelf) {
      if (rule.optionalOldSelf === undefined) return [];
      const detail = 'may not be set if oldSelf is not used in rule';
      return [invalid(child(at, 'optionalOldSelf'), rule.optionalOldSelf, detail)];
    }
    if (place.uncorrelatable === undefined) return [];
    const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${place.uncorrelatable}`;
    return [invalid(child(at, 'rule'), rule.rule, detail)];
  });
}

/** A real server prints the rule as Go's `%#v` does. */
function ruleAsGo(rule: ValidationRule): string {
  const { message = '', messageExpression = '', reason, fieldPath = '', optionalOldSelf } = rule;
  const text = (value: string): string => JSON.stringify(value);
  const pointer = (type: string, isSet: boolean): string => `(*${type})(${isSet ? '0xc000000000' : 'nil'})`;
  return (
    `apiextensions.ValidationRule{Rule:${text(rule.rule)}, Message:${text(message)}, ` +
    `MessageExpression:${text(messageExpression)}, ` +
    `Reason:${pointer('apiextensions.FieldValueErrorReason', reason !== undefined)}, FieldPath:${text(fieldPath)}, ` +
    `OptionalOldSelf:${pointer('bool', optionalOldSelf !== undefined)}}`
  );
}
