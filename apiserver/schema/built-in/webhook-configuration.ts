import { conditionProblem } from '../../webhook/match-conditions.ts';
import { child, duplicate, element, type FieldError, invalid, required } from '../field-error.ts';
import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../json.ts';
import { dns1035Label, dnsSubdomain, qualifiedName } from '../names.ts';
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

/** Policies are kept as data, so only their shape counts. */
export const admissionPolicyRules: KindRules = {
  applyDefaults(object) {
    object['status'] ??= {};
  },
  validate(object) {
    const spec = objectAt(object, 'spec') ?? {};
    const constraints = objectAt(spec, 'matchConstraints');
    const errors: FieldError[] = [];
    if (constraints === undefined) errors.push(required('spec.matchConstraints'));
    else if (listAt(constraints, 'resourceRules').length === 0) {
      errors.push(required('spec.matchConstraints.resourceRules'));
    }
    if (listAt(spec, 'validations').length === 0 && listAt(spec, 'auditAnnotations').length === 0) {
      const detail = 'validations or auditAnnotations must be non-empty';
      errors.push(required('spec.validations', detail), required('spec.auditAnnotations', detail));
    }
    return errors;
  },
};

function webhookErrors(webhook: JsonObject, path: string): readonly FieldError[] {
  const errors = [...nameErrors(textAt(webhook, 'name'), child(path, 'name'))];
  for (const [index, rule] of objectsAt(webhook, 'rules').entries()) {
    errors.push(...ruleErrors(rule, element(child(path, 'rules'), index)));
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
  const configPath = child(path, 'clientConfig');
  const service = objectAt(config, 'service');
  if ((config['url'] === undefined) === (service === undefined)) {
    errors.push(required(configPath, 'exactly one of url or service is required'));
  } else if (service === undefined) {
    errors.push(...urlErrors(textAt(config, 'url'), child(configPath, 'url')));
  } else {
    errors.push(...serviceErrors(service, child(configPath, 'service')));
  }
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

function ruleErrors(rule: JsonObject, path: string): readonly FieldError[] {
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

const FORM = '; desired format: https://host[/path]';

function urlErrors(text: string, path: string): readonly FieldError[] {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return [required(path, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URI for request${FORM}`)];
  }
  const errors: FieldError[] = [];
  const scheme = url.protocol.slice(0, -1);
  if (scheme !== 'https') errors.push(invalid(path, scheme, `'https' is the only allowed URL scheme${FORM}`));
  if (url.host === '') errors.push(invalid(path, '', `host must be specified${FORM}`));
  if (url.username !== '') {
    errors.push(invalid(path, url.username, 'user information is not permitted in the URL'));
  }
  if (url.hash !== '') errors.push(invalid(path, url.hash.slice(1), 'fragments are not permitted in the URL'));
  if (url.search !== '') {
    errors.push(invalid(path, url.search.slice(1), 'query parameters are not permitted in the URL'));
  }
  return errors;
}

function serviceErrors(service: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (textAt(service, 'name') === '') errors.push(required(child(path, 'name'), 'service name is required'));
  if (textAt(service, 'namespace') === '') {
    errors.push(required(child(path, 'namespace'), 'service namespace is required'));
  }
  const port = numberAt(service, 'port') ?? 443;
  if (port < 1 || port > 65_535) {
    const detail = 'port is not valid: must be between 1 and 65535, inclusive';
    errors.push(invalid(child(path, 'port'), port, detail));
  }
  const target = textAt(service, 'path');
  if (target === '' || target === '/') return errors;
  if (!target.startsWith('/')) errors.push(invalid(child(path, 'path'), target, "must start with a '/'"));
  for (const [index, step] of target.replace(/^\//, '').replace(/\/$/, '').split('/').entries()) {
    const problem = step === '' ? 'may not be empty' : dnsSubdomain(step);
    if (problem === undefined) continue;
    const detail = step === '' ? `segment[${index}] ${problem}` : `segment[${index}]: ${problem}`;
    errors.push(invalid(child(path, 'path'), target, detail));
  }
  return errors;
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

function conditionErrors(condition: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  const name = textAt(condition, 'name');
  const problem = name === '' ? undefined : qualifiedName(name);
  if (name === '') errors.push(required(child(path, 'name')));
  else if (problem !== undefined) errors.push(invalid(child(path, 'name'), name, problem));
  const expression = textAt(condition, 'expression');
  if (expression.trim() === '') return [...errors, required(child(path, 'expression'))];
  const refusal = conditionProblem(expression);
  return refusal === undefined ? errors : [...errors, invalid(child(path, 'expression'), expression, refusal)];
}
