import { CostLimitExceeded } from '../cel/evaluate.ts';
import type { Program } from '../cel/program.ts';
import { DYN } from '../cel/type.ts';
import { EvaluationError, MapValue, type Value, valueFrom } from '../cel/value.ts';
import type { ApiObject } from '../object.ts';
import { collectionOf, type Registry } from '../registry/registry.ts';
import type { ResourceVersion } from '../registry/resource.ts';
import { StatusError } from '../status-error.ts';
import { objectOf } from '../storage/entry.ts';
import type { Store } from '../storage/store.ts';
import { type AdmissionQuestion, admissionRequest, isNamespace } from '../webhook/admission-review.ts';
import { conditionsHold, MatchConditionError } from '../webhook/match-conditions.ts';
import { inVersion, matchedVersion, selects } from '../webhook/match-criteria.ts';
import { type Binding, BindingError, bindingOf, paramsOf } from './binding.ts';
import { type Policy, policyOf, type Validation } from './policy.ts';

const GROUP = 'admissionregistration.k8s.io';

/** What all expressions of a policy may cost for one write. Source: apiserver pkg/apis/cel/config.go. */
const COST_MAX = 10_000_000;
const MESSAGE_BYTES_MAX = 5 * 1024;
const ANNOTATION_LENGTH_MAX = 10 * 1024;

/** One thing that a policy does not like. */
interface Denial {
  readonly message: string;
  readonly reason: string;
}

interface Bound {
  readonly policy: Policy;
  readonly bindings: readonly Binding[];
}

/**
 * ValidatingAdmissionPolicies: rules of users about what may be written, as expressions. They are read when the first write after their
 * change asks; a policy without a binding says nothing.
 *
 * Source: Kubernetes, "Validating Admission Policy"; apiserver pkg/admission/plugin/policy/validating.
 */
export class AdmissionPolicies {
  readonly #store: Store;
  readonly #registry: Registry;
  #bound: readonly Bound[] | undefined;

  constructor({ store, registry }: { readonly store: Store; readonly registry: Registry }) {
    this.#store = store;
    this.#registry = registry;
    for (const plural of ['validatingadmissionpolicies', 'validatingadmissionpolicybindings']) {
      collectionOf(store, GROUP, plural).subscribe(() => {
        this.#bound = undefined;
      });
    }
  }

  /** No write is judged. */
  get isEmpty(): boolean {
    return this.#current().length === 0;
  }

  /** @throws StatusError when a policy refuses the write */
  async validate(question: AdmissionQuestion): Promise<void> {
    let refusal: StatusError | undefined;
    for (const { policy, bindings } of this.#current()) {
      const version = matchedVersion(this.#store, policy.criteria, question);
      if (version === undefined) continue;
      for (const binding of bindings) {
        if (!this.#holds(binding, question)) continue;
        const denials = await this.#judge(policy, binding, question, version);
        refusal ??= act(policy, binding, question, denials);
      }
    }
    if (refusal !== undefined) throw refusal;
  }

  #holds({ criteria }: Binding, question: AdmissionQuestion): boolean {
    if (criteria.rules.length > 0) return matchedVersion(this.#store, criteria, question) !== undefined;
    const all = { ...criteria, rules: [EVERYTHING] };
    return criteria.excluded.length > 0
      ? matchedVersion(this.#store, all, question) !== undefined
      : selects(this.#store, criteria, question);
  }

  /** What the policy has against the write, with all its parameters. */
  async #judge(
    policy: Policy,
    binding: Binding,
    question: AdmissionQuestion,
    version: ResourceVersion,
  ): Promise<readonly Denial[]> {
    const [object, old] = await Promise.all([
      inVersion(question.object, question.version, version),
      inVersion(question.old, question.version, version),
    ]);
    const { object: _object, oldObject: _old, ...request } = admissionRequest(question, version, { object, old });
    const fixed = [object ?? null, old ?? null, request].map((json) => valueFrom(json, DYN));
    const namespace = isNamespace(question.resource) ? '' : question.namespace;
    let params: readonly (ApiObject | null)[];
    try {
      params = await paramsOf(this.#registry, policy, binding, namespace);
    } catch (error) {
      if (!(error instanceof BindingError)) throw error;
      return failure(policy, `failed to configure binding: ${error.message}`);
    }
    const home = valueFrom(this.#namespace(namespace), DYN);
    return params.flatMap((each) => denialsOf(policy, [...fixed, valueFrom(each, DYN), home], question.audited));
  }

  #namespace(name: string): ApiObject | null {
    const entry = name === '' ? undefined : collectionOf(this.#store, '', 'namespaces').head(`/${name}`);
    return entry === undefined ? null : objectOf(entry);
  }

  #current(): readonly Bound[] {
    this.#bound ??= this.#read();
    return this.#bound;
  }

  #read(): readonly Bound[] {
    const objects = (plural: string): readonly ApiObject[] =>
      collectionOf(this.#store, GROUP, plural).range('').map(objectOf);
    const bindings = objects('validatingadmissionpolicybindings').map(bindingOf);
    return objects('validatingadmissionpolicies')
      .filter(({ metadata }) => bindings.some(({ policyName }) => policyName === metadata.name))
      .map((object) => ({
        policy: policyOf(object),
        bindings: bindings.filter(({ policyName }) => policyName === object.metadata.name),
      }));
  }
}

/** A binding without rules holds for all that its policy is about. */
const EVERYTHING = {
  operations: ['*'],
  groups: ['*'],
  versions: ['*'],
  resources: ['*', '*/*'],
  scope: '*',
  names: [],
};

/** An error of the policy itself. */
function failure({ ignoresFailure }: Policy, message: string): readonly Denial[] {
  return ignoresFailure ? [] : [{ message, reason: 'Invalid' }];
}

/** Evaluates with what is left of the budget. */
class Budget {
  #left = COST_MAX;

  evaluate(program: Program, values: readonly Value[]): Value {
    const { value, cost } = program.evaluate(values, this.#left);
    this.#left -= cost;
    return value;
  }
}

/** @param given values of POLICY_VARIABLES */
function denialsOf(policy: Policy, given: readonly Value[], audited: Record<string, string>): readonly Denial[] {
  const budget = new Budget();
  try {
    if (!conditionsHold(policy.conditions, given)) return [];
  } catch (error) {
    if (!(error instanceof MatchConditionError)) throw error;
    return failure(policy, error.message);
  }
  const values = [...given, variablesFor(policy, given, budget)];
  const denials: Denial[] = [];
  for (const validation of policy.validations) {
    try {
      if (budget.evaluate(validation.program, values) === true) continue;
      denials.push({ message: messageOf(validation, values, budget), reason: validation.reason });
    } catch (error) {
      denials.push(...failure(policy, failureText(validation.source, error)));
      if (error instanceof CostLimitExceeded) break;
    }
  }
  for (const { key, source, program } of policy.annotations) {
    try {
      const value = budget.evaluate(program, values);
      if (typeof value === 'string' && value.trim() !== '') {
        audited[`${policy.name}/${key}`] = value.trim().slice(0, ANNOTATION_LENGTH_MAX);
      }
    } catch (error) {
      denials.push(...failure(policy, failureText(source, error)));
    }
  }
  return denials;
}

/** A variable that fails is not there, so that only who uses it fails too. */
function variablesFor({ variables }: Policy, given: readonly Value[], budget: Budget): MapValue {
  const known: [string, Value][] = [];
  for (const { name, program } of variables) {
    try {
      known.push([name, budget.evaluate(program, [...given, new MapValue(known)])]);
    } catch (error) {
      if (!isEvaluationFailure(error)) throw error;
    }
  }
  return new MapValue(known);
}

function messageOf({ source, message, messageProgram }: Validation, values: readonly Value[], budget: Budget): string {
  const otherwise = message === '' ? `failed expression: ${source.trim()}` : message;
  if (messageProgram === undefined) return otherwise;
  try {
    const text = budget.evaluate(messageProgram, values);
    const said = typeof text === 'string' ? text.trim() : '';
    return said === '' || said.includes('\n') || Buffer.byteLength(said) > MESSAGE_BYTES_MAX ? otherwise : said;
  } catch (error) {
    if (!isEvaluationFailure(error)) throw error;
    return otherwise;
  }
}

function failureText(source: string, error: unknown): string {
  if (error instanceof CostLimitExceeded) {
    return 'validation failed due to running out of cost budget, no further validation rules will be run';
  }
  if (!(error instanceof EvaluationError)) throw error;
  return `expression '${source}' resulted in error: ${error.message}`;
}

function isEvaluationFailure(error: unknown): boolean {
  return error instanceof EvaluationError || error instanceof CostLimitExceeded;
}

/** Warns, writes into the audit log, and says with what the write is refused. */
function act(
  { name: policy }: Policy,
  { name: binding, actions }: Binding,
  question: AdmissionQuestion,
  denials: readonly Denial[],
): StatusError | undefined {
  for (const [expressionIndex, { message }] of denials.entries()) {
    if (actions.has('Warn')) {
      const who = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}'`;
      question.warnings.push(`Validation failed for ${who}: ${message}`);
    }
    if (actions.has('Audit')) {
      const validationActions = [...actions];
      question.audited['validation.policy.admission.k8s.io/validation_failure'] = JSON.stringify([
        { message, policy, binding, expressionIndex, validationActions },
      ]);
    }
  }
  const [first] = denials;
  return first === undefined || !actions.has('Deny') ? undefined : refusalOf(policy, binding, question, first);
}

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, RequestEntityTooLarge: 413 };

function refusalOf(
  policy: string,
  binding: string,
  { resource: { group, plural }, name }: AdmissionQuestion,
  { message, reason }: Denial,
): StatusError {
  const why = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${message}`;
  const kind = group === '' ? plural : `${plural}.${group}`;
  return new StatusError(CODES[reason] ?? 422, reason, `${kind} ${JSON.stringify(name)} is forbidden: ${why}`, {
    details: { name, ...(group === '' ? {} : { group }), kind: plural, causes: [{ message: why }] },
  });
}
