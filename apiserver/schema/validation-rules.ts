import { CostLimitExceeded } from '../cel/evaluate.ts';
import type { Type } from '../cel/type.ts';
import { EvaluationError, NONE, Optional, type Value, valueFrom } from '../cel/value.ts';
import { type Correlation, correlationAt, correlationOfItem, isUnchanged, oldItems } from './correlation.ts';
import { expressionTypeOf } from './expression-type.ts';
import { child, element, type FieldError, fieldErrorText, keyed } from './field-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts';
import { type RuleProgram, ruleProgramOf } from './rule-program.ts';
import type { StructuralSchema, ValidationRule } from './structural.ts';

/** What one rule may cost, and all rules for one object, in Kubernetes' units. Source: apiserver pkg/apis/cel/config.go. */
const RULE_COST_MAX = 1_000_000;
const OBJECT_COST_MAX = 10_000_000;

const MESSAGE_BYTES_MAX = 5 * 1024;

/** Judges objects by the rules of a schema, `x-kubernetes-validations`. */
export interface ValidationRules {
  /** @param old the object before an update */
  judge(object: JsonObject, old: JsonObject | undefined): Judgement;
}

export interface Judgement {
  readonly errors: readonly FieldError[];
  /** Rules that the object breaks as it did before this update. */
  readonly warnings: readonly string[];
}

/**
 * The rules of a schema; undefined when it has none. They are compiled when they are needed first.
 *
 * Source: Kubernetes, "Validation rules"; apiextensions-apiserver pkg/apiserver/schema/cel/validation.go.
 */
export function validationRulesOf(schema: StructuralSchema): ValidationRules | undefined {
  const node = nodeOf(schema, schema, true);
  if (node === undefined) return undefined;
  return {
    judge(object, old) {
      const run = new Run();
      const correlation = old === undefined ? undefined : { value: object, old };
      run.validate(node, { value: object, old, path: '', correlation, exact: true });
      return run;
    },
  };
}

/** The rules at one place of a schema and below. */
interface Node {
  readonly schema: StructuralSchema;
  readonly type: Type | undefined;
  readonly rules: readonly ValidationRule[];
  compiled: readonly CompiledRule[] | undefined;
  readonly items: Node | undefined;
  readonly properties: ReadonlyMap<string, Node>;
  readonly entries: Node | undefined;
  /** Those in `allOf`, about the same value. */
  readonly alternatives: readonly Node[];
}

type CompiledRule = RuleProgram | { readonly rule: ValidationRule; readonly problem: string };

/**
 * @param rules where rules are: the schema itself, or a part of its `allOf`
 * @param schema what says the types
 */
function nodeOf(rules: StructuralSchema, schema: StructuralSchema, isRoot: boolean): Node | undefined {
  if (!hasRules(rules)) return undefined;
  const inner = (part: StructuralSchema | undefined, whole: StructuralSchema | undefined): Node | undefined =>
    part === undefined || whole === undefined
      ? undefined
      : nodeOf(part, whole, whole['x-kubernetes-embedded-resource'] === true);
  const properties = new Map<string, Node>();
  for (const [key, property] of Object.entries(rules.properties ?? {})) {
    const node = inner(property, schema.properties?.[key]);
    if (node !== undefined) properties.set(key, node);
  }
  return {
    schema,
    type: expressionTypeOf(schema, isRoot),
    rules: rules['x-kubernetes-validations'] ?? [],
    compiled: undefined,
    items: inner(rules.items, schema.items),
    properties,
    entries: inner(entriesOf(rules), entriesOf(schema)),
    alternatives: (rules.allOf ?? []).map((each) => nodeOf(each, schema, isRoot)).filter((each) => each !== undefined),
  };
}

function entriesOf({ additionalProperties }: StructuralSchema): StructuralSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

function hasRules(schema: StructuralSchema | undefined): boolean {
  if (schema === undefined) return false;
  return (
    (schema['x-kubernetes-validations']?.length ?? 0) > 0 ||
    hasRules(schema.items) ||
    hasRules(entriesOf(schema)) ||
    Object.values(schema.properties ?? {}).some(hasRules) ||
    (schema.allOf ?? []).some(hasRules)
  );
}

function compiledRules(node: Node): readonly CompiledRule[] {
  node.compiled ??= node.rules.map((rule) => {
    if (node.type === undefined) return { rule, problem: 'the value has no type that rules can see' };
    const compiled = ruleProgramOf(rule, node.schema, node.type);
    return 'program' in compiled ? compiled : { rule, problem: compiled[0]?.detail ?? '' };
  });
  return node.compiled;
}

/** A value on its way through the rules. */
interface Place {
  readonly value: JsonValue;
  /** What `oldSelf` is; undefined when nothing corresponds to the value. */
  readonly old: JsonValue | undefined;
  readonly path: string;
  readonly correlation: Correlation | undefined;
  /** The correlation is that of the value, not of something around it. */
  readonly exact: boolean;
}

/** Too much was spent: nothing more is asked. */
class OutOfBudget extends Error {}

class Run implements Judgement {
  readonly errors: FieldError[] = [];
  readonly warnings: string[] = [];
  #budget = OBJECT_COST_MAX;

  validate(node: Node, place: Place): void {
    try {
      this.#walk(node, place);
    } catch (error) {
      if (!(error instanceof OutOfBudget)) throw error;
    }
  }

  #walk(node: Node, place: Place): void {
    const { value, old, path } = place;
    if (value === null) return;
    if (node.rules.length > 0) this.#rules(node, place);
    for (const each of node.alternatives) this.#walk(each, { ...place, correlation: undefined, exact: false });
    if (Array.isArray(value)) {
      if (node.items !== undefined) this.#items(node.items, node, value, place);
      return;
    }
    if (!isJsonObject(value)) return;
    if (node.properties.size === 0 && node.entries === undefined) return;
    const before = node.schema['x-kubernetes-map-type'] !== 'atomic' && isJsonObject(old) ? old : undefined;
    for (const key in value) {
      const inner = value[key];
      const property = node.properties.get(key);
      const next = property ?? node.entries;
      if (inner === undefined || next === undefined) continue;
      const isTypeMeta = path === '' && (key === 'apiVersion' || key === 'kind');
      this.#walk(next, {
        value: inner,
        old: before !== undefined && Object.hasOwn(before, key) ? before[key] : undefined,
        path: property === undefined ? keyed(path, key) : child(path, key),
        ...(isTypeMeta ? { correlation: undefined, exact: false } : correlationAt(place.correlation, place.exact, key)),
      });
    }
  }

  #items(items: Node, list: Node, values: readonly JsonValue[], place: Place): void {
    const oldItem = oldItems(list.schema, place.old);
    const correlatedItem = oldItems(list.schema, place.exact ? place.correlation?.old : undefined);
    for (const [index, value] of values.entries()) {
      this.#walk(items, {
        value,
        old: oldItem(value),
        path: element(place.path, index),
        ...correlationOfItem(place.correlation, place.exact, value, correlatedItem(value)),
      });
    }
  }

  #rules(node: Node, place: Place): void {
    const field = place.path === '' ? '<nil>' : place.path;
    const typeName = node.schema.type ?? '';
    if (this.#budget <= 0) throw this.#outOfBudget(field, typeName);
    let self: Value | undefined;
    let oldSelf: Value | undefined;
    for (const compiled of compiledRules(node)) {
      const { rule } = compiled;
      if ('problem' in compiled) {
        this.errors.push(invalidType(field, typeName, `rule compile error: ${compiled.problem}`));
        continue;
      }
      const { old } = place;
      const hasOld = old !== undefined && old !== null;
      if (compiled.usesOldSelf && !hasOld && rule.optionalOldSelf !== true) continue;
      try {
        self ??= valueFrom(place.value, node.type ?? { kind: 'dyn' });
        if (compiled.usesOldSelf && hasOld) oldSelf ??= valueFrom(old, node.type ?? { kind: 'dyn' });
        const before = rule.optionalOldSelf === true ? (oldSelf === undefined ? NONE : new Optional(oldSelf)) : oldSelf;
        const { value, cost } = compiled.program.evaluate([self, before], Math.min(RULE_COST_MAX, this.#budget));
        this.#budget -= cost;
        if (value === true) continue;
        this.#broken(compiled, place, node, [self, oldSelf === undefined ? undefined : before]);
      } catch (error) {
        this.#failed(error, rule, field, typeName);
      }
    }
  }

  #failed(error: unknown, rule: ValidationRule, field: string, typeName: string): void {
    const text = ruleText(rule);
    if (error instanceof CostLimitExceeded) {
      if (this.#budget < RULE_COST_MAX) throw this.#outOfBudget(field, typeName);
      const problem = `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${text}`;
      this.errors.push(invalidType(field, typeName, problem));
      throw new OutOfBudget();
    }
    if (!(error instanceof EvaluationError)) throw error;
    const problem = error.message.startsWith('no such overload')
      ? `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${text}`
      : `${error.message} evaluating rule: ${text}`;
    this.errors.push(invalidType(field, typeName, problem));
  }

  #broken(compiled: RuleProgram, place: Place, node: Node, values: readonly (Value | undefined)[]): void {
    const { fieldPath, rule, usesOldSelf } = compiled;
    const path =
      fieldPath === ''
        ? place.path
        : `${place.path}${fieldPath.startsWith('[') || place.path === '' ? '' : '.'}${fieldPath}`;
    const field = path === '' ? '<nil>' : path;
    const detail = this.#message(compiled, values) ?? defaultMessage(rule);
    const error = errorForReason(rule.reason, field, node.schema.type ?? '', detail);
    if (!usesOldSelf && isUnchanged(place.correlation)) this.warnings.push(fieldErrorText(error));
    else this.errors.push(error);
  }

  /** What `messageExpression` says; undefined when it comes to nothing useful. */
  #message({ message }: RuleProgram, values: readonly (Value | undefined)[]): string | undefined {
    if (message === undefined) return undefined;
    try {
      const { value, cost } = message.evaluate(values, Math.min(RULE_COST_MAX, this.#budget));
      this.#budget -= cost;
      const text = typeof value === 'string' ? value.trim() : '';
      return text === '' || text.includes('\n') || Buffer.byteLength(text) > MESSAGE_BYTES_MAX ? undefined : text;
    } catch (error) {
      if (error instanceof EvaluationError) return undefined;
      if (!(error instanceof CostLimitExceeded)) throw error;
      return 'messageExpression evaluation failed due to running out of cost budget, no further validation rules will be run';
    }
  }

  #outOfBudget(field: string, typeName: string): OutOfBudget {
    this.errors.push(
      invalidType(
        field,
        typeName,
        'validation failed due to running out of cost budget, no further validation rules will be run',
      ),
    );
    return new OutOfBudget();
  }
}

function invalidType(field: string, typeName: string, detail: string): FieldError {
  return { reason: 'FieldValueInvalid', field, message: `Invalid value: ${JSON.stringify(typeName)}: ${detail}` };
}

function errorForReason(reason: string | undefined, field: string, typeName: string, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return { reason, field, message: `Forbidden: ${detail}` };
    case 'FieldValueRequired':
      return { reason, field, message: `Required value: ${detail}` };
    case 'FieldValueDuplicate':
      return { reason, field, message: `Duplicate value: ${JSON.stringify(typeName)}` };
    default:
      return invalidType(field, typeName, detail);
  }
}

function ruleText({ message = '', rule }: ValidationRule): string {
  return message === '' ? rule.trim() : message.trim();
}

function defaultMessage(rule: ValidationRule): string {
  return rule.message === undefined || rule.message === '' ? `failed rule: ${ruleText(rule)}` : rule.message.trim();
}
