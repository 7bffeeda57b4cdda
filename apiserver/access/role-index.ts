import { collectionOf } from '../registry/registry.ts';
import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../schema/json.ts';
import type { Collection } from '../storage/collection.ts';
import { entryKey, objectOf } from '../storage/entry.ts';
import type { Store } from '../storage/store.ts';
import { accountUsername, type Identity } from './identity.ts';
import { type PolicyRule, policyRuleOf } from './policy-rule.ts';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** A role that somebody has by a binding. */
export interface Grant {
  /** `''`: everywhere. */
  readonly namespace: string;
  readonly rules: readonly PolicyRule[];
  /** For people: `ClusterRoleBinding "x" of ClusterRole "y" to User "z"`. */
  readonly because: string;
}

interface Bound {
  readonly namespace: string;
  readonly role: RoleReference;
  readonly because: string;
}

/** How a binding names a role. */
export interface RoleReference {
  readonly kind: string;
  readonly name: string;
}

/** Who has which roles, as roles and bindings on disk say. Computed when somebody asks after a change. */
export class RoleIndex {
  readonly #roles: Collection;
  readonly #clusterRoles: Collection;
  readonly #roleBindings: Collection;
  readonly #clusterRoleBindings: Collection;
  #bySubject: ReadonlyMap<string, readonly Bound[]> | undefined;
  readonly #rules = new Map<string, readonly PolicyRule[]>();

  constructor(store: Store) {
    this.#roles = collectionOf(store, RBAC_GROUP, 'roles');
    this.#clusterRoles = collectionOf(store, RBAC_GROUP, 'clusterroles');
    this.#roleBindings = collectionOf(store, RBAC_GROUP, 'rolebindings');
    this.#clusterRoleBindings = collectionOf(store, RBAC_GROUP, 'clusterrolebindings');
    for (const collection of [this.#roles, this.#clusterRoles, this.#roleBindings, this.#clusterRoleBindings]) {
      collection.subscribe(() => {
        this.#bySubject = undefined;
        this.#rules.clear();
      });
    }
  }

  /** What holds in `namespace`; with `''` only what holds everywhere. */
  *grantsOf(identity: Identity, namespace: string): Generator<Grant> {
    this.#bySubject ??= this.#readBindings();
    const subjects = [userKey(identity.username), ...identity.groups.map(groupKey)];
    for (const subject of subjects) {
      for (const bound of this.#bySubject.get(subject) ?? []) {
        if (bound.namespace !== '' && bound.namespace !== namespace) continue;
        yield { namespace: bound.namespace, rules: this.rulesOf(bound.role, bound.namespace), because: bound.because };
      }
    }
  }

  /** None when there is no such role. @param namespace of the binding; for a Role its own */
  rulesOf({ kind, name }: RoleReference, namespace: string): readonly PolicyRule[] {
    const isRole = kind === 'Role';
    const key = entryKey(isRole ? namespace : '', name);
    const cached = `${kind} ${key}`;
    const known = this.#rules.get(cached);
    if (known !== undefined) return known;
    const entry = (isRole ? this.#roles : this.#clusterRoles).get(key);
    const rules = entry === undefined ? [] : storedRules(objectOf(entry));
    this.#rules.set(cached, rules);
    return rules;
  }

  #readBindings(): ReadonlyMap<string, readonly Bound[]> {
    const bySubject = new Map<string, Bound[]>();
    for (const collection of [this.#clusterRoleBindings, this.#roleBindings]) {
      for (const entry of collection.range('')) {
        const binding = objectOf(entry);
        const role = roleReferenceOf(binding);
        const kind = entry.namespace === '' ? 'ClusterRoleBinding' : 'RoleBinding';
        const name = entry.namespace === '' ? entry.name : `${entry.name}/${entry.namespace}`;
        const title = `${kind} ${JSON.stringify(name)} of ${role.kind} ${JSON.stringify(role.name)}`;
        for (const subject of objectsAt(binding, 'subjects')) {
          const key = subjectKey(subject, entry.namespace);
          if (key === undefined) continue;
          const because = `${title} to ${textAt(subject, 'kind')} ${JSON.stringify(textAt(subject, 'name'))}`;
          const list = bySubject.get(key) ?? [];
          bySubject.set(key, list);
          list.push({ namespace: entry.namespace, role, because });
        }
      }
    }
    return bySubject;
  }
}

export function roleReferenceOf(binding: JsonObject): RoleReference {
  const reference = objectAt(binding, 'roleRef');
  return { kind: textAt(reference, 'kind'), name: textAt(reference, 'name') };
}

export function storedRules(role: JsonObject): readonly PolicyRule[] {
  return listAt(role, 'rules').length === 0 ? [] : objectsAt(role, 'rules').map(policyRuleOf);
}

function subjectKey(subject: JsonObject, bindingNamespace: string): string | undefined {
  const name = textAt(subject, 'name');
  switch (subject['kind']) {
    case 'User':
      return userKey(name);
    case 'Group':
      return groupKey(name);
    case 'ServiceAccount':
      return userKey(accountUsername(textAt(subject, 'namespace') || bindingNamespace, name));
    default:
      return undefined;
  }
}

function userKey(name: string): string {
  return `User ${name}`;
}

function groupKey(name: string): string {
  return `Group ${name}`;
}
