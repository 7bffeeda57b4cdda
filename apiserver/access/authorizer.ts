import { StatusError } from '../status-error.ts';
import type { Attributes } from './attributes.ts';
import { type Identity, MASTERS } from './identity.ts';
import { notCovered, type PolicyRule, ruleAllows } from './policy-rule.ts';
import type { RoleIndex } from './role-index.ts';

export interface Decision {
  readonly allowed: boolean;
  /** For people; `''` when nothing allows it. */
  readonly reason: string;
}

const DENIED: Decision = { allowed: false, reason: '' };

/** Says who may do what: role-based access control. Source: Kubernetes, "Using RBAC Authorization". */
export class Authorizer {
  readonly roles: RoleIndex;

  constructor(roles: RoleIndex) {
    this.roles = roles;
  }

  decide(identity: Identity, attributes: Attributes): Decision {
    if (identity.groups.includes(MASTERS)) return { allowed: true, reason: '' };
    const namespace = attributes.type === 'resource' ? attributes.namespace : '';
    for (const grant of this.roles.grantsOf(identity, namespace)) {
      // Paths belong to no namespace.
      if (grant.namespace !== '' && attributes.type === 'path') continue;
      if (grant.rules.some((rule) => ruleAllows(rule, attributes))) {
        return { allowed: true, reason: `RBAC: allowed by ${grant.because}` };
      }
    }
    return DENIED;
  }

  /** @throws StatusError 403 */
  check(identity: Identity, attributes: Attributes): void {
    if (!this.decide(identity, attributes).allowed) throw accessDenied(identity, attributes);
  }

  /** All that somebody may do in `namespace`; undefined: everything. */
  rulesOf(identity: Identity, namespace: string): readonly PolicyRule[] | undefined {
    if (identity.groups.includes(MASTERS)) return undefined;
    return [...this.roles.grantsOf(identity, namespace)].flatMap(({ rules }) => rules);
  }

  /** What of `wanted` somebody may not do in `namespace` (`''`: everywhere). */
  missing(identity: Identity, namespace: string, wanted: readonly PolicyRule[]): readonly PolicyRule[] {
    const owned = this.rulesOf(identity, namespace);
    return owned === undefined ? [] : notCovered(owned, wanted);
  }
}

/** Source: apiserver pkg/endpoints/handlers/responsewriters, forbiddenMessage. */
export function accessDenied({ username }: Identity, attributes: Attributes): StatusError {
  const user = `User ${JSON.stringify(username)}`;
  if (attributes.type === 'path') {
    const message = `forbidden: ${user} cannot ${attributes.verb} path ${JSON.stringify(attributes.path)}`;
    return new StatusError(403, 'Forbidden', message, { details: {} });
  }
  const { verb, group, resource, subresource, namespace, name } = attributes;
  const groupResource = group === '' ? resource : `${resource}.${group}`;
  const what = name === '' ? groupResource : `${groupResource} ${JSON.stringify(name)}`;
  const full = subresource === '' ? resource : `${resource}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${JSON.stringify(namespace)}`;
  const message = `${what} is forbidden: ${user} cannot ${verb} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}`;
  const details = { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource };
  return new StatusError(403, 'Forbidden', message, { details });
}
