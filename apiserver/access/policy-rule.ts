import type { JsonObject } from '../schema/json.ts';
import { listAt } from '../schema/json.ts';
import type { Attributes, PathAttributes, ResourceAttributes } from './attributes.ts';

/** One rule of a role: what it allows. Source: Kubernetes, "Using RBAC Authorization". */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  /** `pods`, `pods/status`, `*` for all with their subresources, and `*` with `/status` after it for one subresource of all. */
  readonly resources: readonly string[];
  /** Empty: of any name. */
  readonly resourceNames: readonly string[];
  /** `/healthz`, or `/logs/*` for all below. */
  readonly nonResourceURLs: readonly string[];
}

const ALL = '*';

export function policyRuleOf(stored: JsonObject): PolicyRule {
  const texts = (field: string): string[] => listAt(stored, field).filter((each) => typeof each === 'string');
  return {
    verbs: texts('verbs'),
    apiGroups: texts('apiGroups'),
    resources: texts('resources'),
    resourceNames: texts('resourceNames'),
    nonResourceURLs: texts('nonResourceURLs'),
  };
}

export function ruleAllows(rule: PolicyRule, attributes: Attributes): boolean {
  if (!includes(rule.verbs, attributes.verb)) return false;
  return attributes.type === 'path' ? allowsPath(rule, attributes) : allowsResource(rule, attributes);
}

function allowsPath({ nonResourceURLs }: PolicyRule, { path }: PathAttributes): boolean {
  return nonResourceURLs.some((given) => pathCovers(given, path));
}

function allowsResource(rule: PolicyRule, { group, resource, subresource, name }: ResourceAttributes): boolean {
  if (!includes(rule.apiGroups, group)) return false;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  if (!rule.resources.some((given) => resourceCovers(given, full))) return false;
  return rule.resourceNames.length === 0 || rule.resourceNames.includes(name);
}

/** @returns what of `wanted` none of `owned` allows, in the smallest rules: one verb, group, resource, name each */
export function notCovered(owned: readonly PolicyRule[], wanted: readonly PolicyRule[]): readonly PolicyRule[] {
  return wanted.flatMap(breakDown).filter((single) => !owned.some((rule) => covers(rule, single)));
}

function breakDown(rule: PolicyRule): PolicyRule[] {
  const none = { apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [] };
  return rule.verbs.flatMap((verb): PolicyRule[] => {
    const urls = rule.nonResourceURLs.map((url) => ({ ...none, verbs: [verb], nonResourceURLs: [url] }));
    const names = rule.resourceNames.length === 0 ? [[]] : rule.resourceNames.map((name) => [name]);
    const resources = rule.apiGroups.flatMap((group) =>
      rule.resources.flatMap((resource) =>
        names.map((resourceNames) => ({
          ...none,
          verbs: [verb],
          apiGroups: [group],
          resources: [resource],
          resourceNames,
        })),
      ),
    );
    return [...urls, ...resources];
  });
}

/** @param single as {@link breakDown} makes them */
function covers(rule: PolicyRule, single: PolicyRule): boolean {
  const [url] = single.nonResourceURLs;
  if (!every(single.verbs, (verb) => includes(rule.verbs, verb))) return false;
  if (url !== undefined) return rule.nonResourceURLs.some((given) => pathCovers(given, url));
  const names =
    rule.resourceNames.length === 0 ||
    (single.resourceNames.length > 0 && every(single.resourceNames, (name) => rule.resourceNames.includes(name)));
  return (
    names &&
    every(single.apiGroups, (group) => includes(rule.apiGroups, group)) &&
    every(single.resources, (resource) => rule.resources.some((given) => resourceCovers(given, resource)))
  );
}

function every(values: readonly string[], test: (value: string) => boolean): boolean {
  return values.every(test);
}

function includes(given: readonly string[], wanted: string): boolean {
  return given.includes(ALL) || given.includes(wanted);
}

function resourceCovers(given: string, wanted: string): boolean {
  if (given === ALL || given === wanted) return true;
  const slash = wanted.indexOf('/');
  return slash > 0 && given === `*${wanted.slice(slash)}`;
}

function pathCovers(given: string, wanted: string): boolean {
  return given === ALL || given === wanted || (given.endsWith('*') && wanted.startsWith(given.slice(0, -1)));
}
