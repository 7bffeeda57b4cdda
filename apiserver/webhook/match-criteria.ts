import { apiVersionOf } from '@causeway/apis/meta/kind';
import type { ApiObject } from '../object.ts';
import { collectionOf } from '../registry/registry.ts';
import type { ResourceVersion } from '../registry/resource.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { type LabelRequirement, labelsMatch } from '../selector/label-selector.ts';
import { requirementsOf } from '../selector/selector-object.ts';
import type { Store } from '../storage/store.ts';
import { type AdmissionQuestion, isNamespace } from './admission-review.ts';
import { type AdmissionRule, admissionRule, type RuleSubject, ruleMatches } from './admission-rule.ts';

/** Which writes a webhook or a policy is about. */
export interface MatchCriteria {
  readonly rules: readonly AdmissionRule[];
  readonly excluded: readonly AdmissionRule[];
  readonly namespaceSelector: readonly LabelRequirement[];
  readonly objectSelector: readonly LabelRequirement[];
  /** Only in the versions that the rules name. */
  readonly exact: boolean;
}

/** Reads what passed validation. @param rulesKey where the rules are */
export function matchCriteria(json: JsonObject, rulesKey: 'rules' | 'resourceRules'): MatchCriteria {
  const selector = (key: string): readonly LabelRequirement[] => requirementsOf(objectAt(json, key) ?? {});
  return {
    rules: objectsAt(json, rulesKey).map(admissionRule),
    excluded: objectsAt(json, 'excludeResourceRules').map(admissionRule),
    namespaceSelector: selector('namespaceSelector'),
    objectSelector: selector('objectSelector'),
    exact: textAt(json, 'matchPolicy') === 'Exact',
  };
}

/**
 * The version in which a matching write is to be shown; undefined when it does not match.
 *
 * Source: apiserver pkg/admission/plugin/policy/matching, pkg/admission/plugin/webhook/predicates.
 */
export function matchedVersion(
  store: Store,
  criteria: MatchCriteria,
  question: AdmissionQuestion,
): ResourceVersion | undefined {
  const { resource, version } = question;
  const matchIn = (rules: readonly AdmissionRule[]): ResourceVersion | undefined => {
    const matches = (each: ResourceVersion): boolean =>
      rules.some((rule) => ruleMatches(rule, subjectOf(question, each)));
    const others = criteria.exact ? [] : [...resource.versions.values()];
    return matches(version) ? version : others.find(matches);
  };
  const matched = matchIn(criteria.rules);
  if (matched === undefined || matchIn(criteria.excluded) !== undefined) return undefined;
  return selects(store, criteria, question) ? matched : undefined;
}

/** What selectors say, whatever the rules do. */
export function selects(store: Store, criteria: MatchCriteria, question: AdmissionQuestion): boolean {
  return selectsNamespace(store, criteria, question) && selectsObject(criteria, question);
}

function subjectOf(
  { operation, resource, subresource, name }: AdmissionQuestion,
  { names }: ResourceVersion,
): RuleSubject {
  const { group, version, plural } = names;
  return { operation, group, version, resource: plural, subresource, namespaced: resource.namespaced, name };
}

function selectsNamespace(store: Store, { namespaceSelector }: MatchCriteria, question: AdmissionQuestion): boolean {
  const { resource, namespace, name, object, operation, subresource } = question;
  if (namespaceSelector.length === 0) return true;
  const isItself = isNamespace(resource);
  if (!isItself && namespace === '') return true;
  if (isItself && subresource === '' && operation !== 'DELETE') {
    return labelsMatch(namespaceSelector, object?.metadata.labels);
  }
  const entry = collectionOf(store, '', 'namespaces').head(`/${isItself ? name : namespace}`);
  return labelsMatch(namespaceSelector, entry?.labels);
}

/** Either state may have the labels. */
function selectsObject({ objectSelector }: MatchCriteria, { object, old }: AdmissionQuestion): boolean {
  if (objectSelector.length === 0) return true;
  return [object, old].some((each) => each !== undefined && labelsMatch(objectSelector, each.metadata.labels));
}

/** An object of one version as another version shows it. @throws StatusError when a conversion webhook fails */
export async function inVersion<Given extends ApiObject | undefined>(
  object: Given,
  from: ResourceVersion,
  to: ResourceVersion,
): Promise<Given | ApiObject> {
  if (object === undefined || from === to) return object;
  const apiVersion = apiVersionOf(to.names);
  const [other] = (await from.form?.inOthers([object], [apiVersion])) ?? [];
  return other?.objects[0] ?? { ...object, apiVersion };
}
