import type { Core } from '../core.ts';
import type { Resource } from '../registry/resource.ts';
import { isJsonObject, jsonEqual, listAt, objectAt, objectsAt } from '../schema/json.ts';
import { labelsMatch } from '../selector/label-selector.ts';
import { requirementsOf } from '../selector/selector-object.ts';
import { objectOf } from '../storage/entry.ts';
import { amend } from './amend.ts';
import { Work } from './work.ts';

/**
 * Keeps the rules of ClusterRoles that gather those of others.
 *
 * Source: Kubernetes, "Using RBAC Authorization", "Aggregated ClusterRoles".
 */
export class RoleAggregation {
  readonly #core: Core;
  readonly #roles: Resource;
  readonly #work: Work<'all'>;
  readonly #unsubscribe: () => void;

  /** @param roles the resource of the kind ClusterRole */
  constructor(core: Core, roles: Resource) {
    this.#core = core;
    this.#roles = roles;
    this.#work = new Work(() => this.#gather(), core.log);
    this.#unsubscribe = roles.collection.subscribe(() => this.#work.add('all'));
    this.#work.add('all');
  }

  stop(): void {
    this.#unsubscribe();
    this.#work.stop();
  }

  /** A role that gathers may be gathered itself: its change begins another round, until nothing changes. */
  async #gather(): Promise<void> {
    const all = this.#roles.collection.range('').map((entry) => ({ entry, role: objectOf(entry) }));
    for (const { entry, role } of all) {
      if (entry.terminating) continue;
      const selectors = objectsAt(objectAt(role, 'aggregationRule'), 'clusterRoleSelectors').map(requirementsOf);
      if (selectors.length === 0) continue;
      const parts = all.filter(
        (other) => other.entry !== entry && selectors.some((selector) => labelsMatch(selector, other.entry.labels)),
      );
      const rules = parts.flatMap((part) => listAt(part.role, 'rules').filter(isJsonObject));
      const distinct = rules.filter((rule, index) => rules.findIndex((other) => jsonEqual(other, rule)) === index);
      if (jsonEqual([...listAt(role, 'rules')], distinct)) continue;
      const head = this.#roles.collection.head(entry.key);
      if (head === undefined) continue;
      await amend(this.#core, this.#roles, head, (object) => {
        object['rules'] = structuredClone(distinct);
      });
    }
  }
}
