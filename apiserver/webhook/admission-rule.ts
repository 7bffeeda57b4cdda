import { type JsonObject, listAt, textAt } from '../schema/json.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** What a rule is compared with. */
export interface RuleSubject {
  readonly operation: Operation;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespaced: boolean;
  readonly name: string;
}

/** Source: admissionregistration v1, RuleWithOperations. */
export interface AdmissionRule {
  readonly operations: readonly string[];
  readonly groups: readonly string[];
  readonly versions: readonly string[];
  /** `pods`, `pods/status`, `*`, `*` + `/status`, `pods/*` */
  readonly resources: readonly string[];
  readonly scope: string;
  /** None: any. Only policies have them. */
  readonly names: readonly string[];
}

/** Reads a rule that passed validation. */
export function admissionRule(rule: JsonObject): AdmissionRule {
  const texts = (key: string): readonly string[] => listAt(rule, key).map(String);
  return {
    operations: texts('operations'),
    groups: texts('apiGroups'),
    versions: texts('apiVersions'),
    resources: texts('resources'),
    scope: textAt(rule, 'scope') || '*',
    names: texts('resourceNames'),
  };
}

/** Source: apiserver pkg/admission/plugin/webhook/predicates/rules. */
export function ruleMatches(rule: AdmissionRule, subject: RuleSubject): boolean {
  return (
    has(rule.operations, subject.operation) &&
    has(rule.groups, subject.group) &&
    has(rule.versions, subject.version) &&
    (rule.names.length === 0 || rule.names.includes(subject.name)) &&
    (rule.scope === '*' || (rule.scope === 'Namespaced') === subject.namespaced) &&
    rule.resources.some((pattern) => {
      const [resource, subresource = ''] = pattern.split('/');
      return (
        (resource === '*' || resource === subject.resource) &&
        (subresource === '*' || subresource === subject.subresource)
      );
    })
  );
}

function has(values: readonly string[], value: string): boolean {
  return values.includes('*') || values.includes(value);
}
