import { type JsonObject, listAt, numberAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { humanDuration } from '../age.ts';
import { AGE, integer, NAME, text, wide } from '../column.ts';
import { selectorOrNone } from './workload.ts';

const specOf = (object: JsonObject): JsonObject | undefined => objectAt(object, 'spec');

export const networkPolicyColumns = [
  NAME,
  text('Pod-Selector', 'The pods it is about.', (each) => selectorOrNone(objectAt(specOf(each), 'podSelector'))),
  AGE,
];

export const webhookConfigurationColumns = [
  NAME,
  integer('Webhooks', 'How many webhooks it has.', (each) => listAt(each, 'webhooks').length),
  AGE,
];

export const admissionPolicyColumns = [
  NAME,
  integer('Validations', 'How many validations it has.', (each) => listAt(specOf(each), 'validations').length),
  text('ParamKind', 'The kind of its parameters.', (each) => {
    const kind = objectAt(specOf(each), 'paramKind');
    return kind === undefined ? '<unset>' : `${textAt(kind, 'apiVersion')}/${textAt(kind, 'kind')}`;
  }),
  AGE,
];

export const admissionPolicyBindingColumns = [
  NAME,
  text('PolicyName', 'The policy that is bound.', (each) => textAt(specOf(each), 'policyName')),
  text('ParamRef', 'Where its parameters are.', (each) => {
    const reference = objectAt(specOf(each), 'paramRef');
    const name = textAt(reference, 'name');
    if (name !== '') return `${textAt(reference, 'namespace') || '*'}/${name}`;
    const selector = objectAt(reference, 'selector');
    return selector === undefined ? '<unset>' : selectorOrNone(selector);
  }),
  AGE,
];

export const resourceQuotaColumns = [
  NAME,
  text('Request', 'What is used of what may be requested.', (each) => quotaText(each, false)),
  text('Limit', 'What is used of what may be the limits.', (each) => quotaText(each, true)),
  AGE,
];

export const priorityClassColumns = [
  NAME,
  integer('Value', 'The priority.', (each) => numberAt(each, 'value') ?? 0),
  {
    ...text('Global-Default', 'Whether Pods without a class have it.', (each) => each['globalDefault'] === true),
    type: 'boolean' as const,
  },
  AGE,
  wide(text('PreemptionPolicy', 'Whether its Pods may evict others.', (each) => textAt(each, 'preemptionPolicy'))),
];

export const runtimeClassColumns = [
  NAME,
  text('Handler', 'The runtime that runs its Pods.', (each) => textAt(each, 'handler')),
  AGE,
];

export const certificateSigningRequestColumns = [
  NAME,
  AGE,
  text('SignerName', 'Who should sign.', (each) => textAt(specOf(each), 'signerName') || '<none>'),
  text('Requestor', 'Who asked.', (each) => textAt(specOf(each), 'username')),
  text('RequestedDuration', 'How long it should be valid.', (each) => {
    const seconds = numberAt(specOf(each), 'expirationSeconds');
    return seconds === undefined ? '<none>' : humanDuration(seconds * 1000);
  }),
  text('Condition', 'What has become of it.', requestCondition),
];

function quotaText(quota: JsonObject, limits: boolean): string {
  const status = objectAt(quota, 'status');
  const used = objectAt(status, 'used') ?? {};
  return Object.entries(objectAt(status, 'hard') ?? {})
    .filter(([name]) => name.startsWith('limits.') === limits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, hard]) => `${name}: ${String(used[name] ?? '0')}/${String(hard)}`)
    .join(', ');
}

function requestCondition(request: JsonObject): string {
  const status = objectAt(request, 'status');
  const types = new Set(objectsAt(status, 'conditions').map((each) => textAt(each, 'type')));
  const words = [types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending'];
  if (types.has('Failed')) words.push('Failed');
  if (textAt(status, 'certificate') !== '') words.push('Issued');
  return words.join(',');
}
