import type { Variable } from '../../cel/program.ts';
import { conditionProblem } from '../../webhook/match-conditions.ts';
import { child, duplicate, element, type FieldError, invalid, required } from '../field-error.ts';
import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dns1035Label, dnsSubdomain, qualifiedName } from '../names.ts';
import { webhookClientErrors } from '../webhook-client-rules.ts';
import { labelSelectorErrors } from './label-selector.ts';
import type { KindRules } from './rules.ts';

/** Source: Kubernetes pkg/apis/admissionregistration/validation, ValidateValidatingWebhookConfiguration and its sibling. */
export const webhookConfigurationRules: KindRules = {
  judgesAbsence: /^webhooks/,
  validate(object) {
    const errors: FieldError[] = [];
    const names = new Set<string>();
    for (const [index, webhook] of objectsAt(object, 'webhooks').entries()) {
      const path = element('webhooks', index);
      errors.push(...webhookErrors(webhook, path));
      const name = textAt(webhook, 'name');
      if (names.has(name)) errors.push(duplicate(child(path, 'name'), name));
      names.add(name);
    }
    return errors;
  },
};

function webhookErrors(webhook: JsonObject, path: string): readonly FieldError[] {
  const errors = [...nameErrors(textAt(webhook, 'name'), child(path, 'name'))];
  for (const [index, rule] of objectsAt(webhook, 'rules').entries()) {
    errors.push(...admissionRuleErrors(rule, element(child(path, 'rules'), index)));
  }
  if (webhook['sideEffects'] === undefined) {
    errors.push(required(child(path, 'sideEffects'), 'must specify one of None, NoneOnDryRun'));
  }
  const timeout = numberAt(webhook, 'timeoutSeconds');
  if (timeout !== undefined && (timeout < 1 || timeout > 30)) {
    const detail = 'the timeout value must be between 1 and 30 seconds';
    errors.push(invalid(child(path, 'timeoutSeconds'), timeout, detail));
  }
  for (const key of ['namespaceSelector', 'objectSelector']) {
    errors.push(...labelSelectorErrors(objectAt(webhook, key), child(path, key)));
  }
  const config = objectAt(webhook, 'clientConfig') ?? {};
  errors.push(...webhookClientErrors(config, child(path, 'clientConfig')));
  errors.push(...versionErrors(webhook, child(path, 'admissionReviewVersions')));
  for (const [index, condition] of objectsAt(webhook, 'matchConditions').entries()) {
    errors.push(...conditionErrors(condition, element(child(path, 'matchConditions'), index)));
  }
  return errors;
}

function nameErrors(name: string, path: string): readonly FieldError[] {
  if (name === '') return [required(path)];
  const problem = dnsSubdomain(name);
  if (problem !== undefined) return [invalid(path, name, problem)];
  return name.split('.').length < 3
    ? [invalid(path, name, 'should be a domain with at least three segments separated by dots')]
    : [];
}

/** Of a webhook or of a policy. */
export function admissionRuleErrors(rule: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const key of ['operations', 'apiGroups', 'apiVersions', 'resources']) {
    const values = listAt(rule, key);
    const at = child(path, key);
    if (values.length === 0) errors.push(required(at));
    if (key === 'resources') continue;
    if (values.length > 1 && values.includes('*')) {
      const word = key === 'apiGroups' ? 'groups' : key === 'apiVersions' ? 'versions' : key;
      errors.push(invalid(at, rule[key], `if '*' is present, must not specify other ${apiWord(word)}`));
    }
    if (key === 'apiVersions' && values.includes('')) {
      errors.push(required(element(at, values.indexOf(''))));
    }
  }
  const resources = listAt(rule, 'resources').map(String);
  if (resources.length > 1 && (resources.includes('*') || resources.includes('*/*'))) {
    const detail = "if '*' is present, must not specify other resources without subresources";
    const both = "if '*/*' is present, must not specify other resources";
    const others = resources.filter((each) => each !== '*');
    if (resources.includes('*/*')) errors.push(invalid(child(path, 'resources'), resources, both));
    else if (others.some((each) => !each.includes('/'))) {
      errors.push(invalid(child(path, 'resources'), resources, detail));
    }
  }
  return errors;
}

function apiWord(word: string): string {
  return word === 'operations' ? word : `API ${word}`;
}

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

function versionErrors(webhook: JsonObject, path: string): readonly FieldError[] {
  const versions = listAt(webhook, 'admissionReviewVersions').map(String);
  if (versions.length === 0) return [required(path, `must specify one of ${REVIEW_VERSIONS.join(', ')}`)];
  const errors: FieldError[] = [];
  for (const [index, version] of versions.entries()) {
    const at = element(path, index);
    const problem = dns1035Label(version);
    if (versions.indexOf(version) !== index) errors.push(invalid(at, version, 'duplicate version'));
    else if (problem !== undefined) errors.push(invalid(at, version, problem));
  }
  if (!versions.some((version) => REVIEW_VERSIONS.includes(version))) {
    const detail = `must include at least one of ${REVIEW_VERSIONS.join(', ')}`;
    errors.push(invalid(path, versions, detail));
  }
  return errors;
}

/** Of a webhook or of a policy. @param variables that it may speak of; those of webhooks unless given */
export function conditionErrors(
  condition: JsonObject,
  path: string,
  variables?: readonly Variable[],
): readonly FieldError[] {
  const errors: FieldError[] = [];
  const expression = textAt(condition, 'expression');
  const refusal = expression.trim() === '' ? undefined : conditionProblem(expression, variables);
  if (expression.trim() === '') errors.push(required(child(path, 'expression')));
  if (refusal !== undefined) errors.push(invalid(child(path, 'expression'), expression, refusal));
  const name = textAt(condition, 'name');
  const problem = name === '' ? undefined : qualifiedName(name);
  if (name === '') errors.push(required(child(path, 'name')));
  else if (problem !== undefined) errors.push(invalid(child(path, 'name'), name, problem));
  return errors;
}
