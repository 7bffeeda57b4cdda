import type { ApiObject } from '../object.ts';
import { forbidden } from '../status-error.ts';
import type { Target } from '../verbs/target.ts';
import type { Authorizer } from './authorizer.ts';
import type { Identity } from './identity.ts';
import type { PolicyRule } from './policy-rule.ts';
import { RBAC_GROUP, roleReferenceOf, storedRules } from './role-index.ts';

/**
 * Nobody gives away what they do not have: a role may hold, and a binding may grant, only what its writer may do, unless the writer may
 * `escalate` roles or `bind` this one.
 *
 * Source: Kubernetes, "Using RBAC Authorization", "Privilege escalation prevention and bootstrapping".
 *
 * @throws StatusError 403
 */
export function checkEscalation(authorizer: Authorizer, identity: Identity, target: Target, object: ApiObject): void {
  const { group, plural } = target.resource;
  if (group !== RBAC_GROUP) return;
  const namespace = object.metadata.namespace ?? '';
  const { name } = object.metadata;
  const special = (verb: string, resource: string, named: string, within: string): boolean =>
    authorizer.decide(identity, {
      type: 'resource',
      verb,
      group,
      version: 'v1',
      resource,
      subresource: '',
      namespace: within,
      name: named,
    }).allowed;
  const refuse = (missing: readonly PolicyRule[]): never => {
    const groups = identity.groups.map((each) => JSON.stringify(each)).join(' ');
    const rules = missing.map(ruleText).join('\n');
    throw forbidden(
      target.resource,
      name,
      `user ${JSON.stringify(identity.username)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${rules}`,
    );
  };
  if (plural === 'roles' || plural === 'clusterroles') {
    if (special('escalate', plural, name, namespace)) return;
    if (object['aggregationRule'] !== undefined && object['aggregationRule'] !== null) {
      const everything = { verbs: ['*'], resourceNames: [] };
      const all: PolicyRule[] = [
        { ...everything, apiGroups: ['*'], resources: ['*'], nonResourceURLs: [] },
        { ...everything, apiGroups: [], resources: [], nonResourceURLs: ['*'] },
      ];
      const missing = authorizer.missing(identity, '', all);
      if (missing.length > 0) refuse(missing);
    }
    const missing = authorizer.missing(identity, namespace, storedRules(object));
    if (missing.length > 0) refuse(missing);
    return;
  }
  const role = roleReferenceOf(object);
  const roles = role.kind === 'Role' ? 'roles' : 'clusterroles';
  if (special('bind', roles, role.name, namespace)) return;
  const missing = authorizer.missing(identity, namespace, authorizer.roles.rulesOf(role, namespace));
  if (missing.length > 0) refuse(missing);
}

/** As Kubernetes prints it: `{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`. */
function ruleText({ apiGroups, resources, resourceNames, nonResourceURLs, verbs }: PolicyRule): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['APIGroups', apiGroups],
    ['Resources', resources],
    ['ResourceNames', resourceNames],
    ['NonResourceURLs', nonResourceURLs],
    ['Verbs', verbs],
  ];
  const given = parts.filter(([, values]) => values.length > 0);
  return `{${given.map(([title, values]) => `${title}:[${values.map((value) => JSON.stringify(value)).join(' ')}]`).join(', ')}}`;
}
