import { listAt } from '../../schema/json.ts';
import type { Strategy } from '../strategy.ts';

/** Who says that there are no rules owns that, but it is not stored. Source: Kubernetes pkg/registry/rbac, whose store knows no empty lists. */
export const roleStrategy: Strategy = {
  hasGeneration: false,
  allowsUnconditionalUpdate: true,
  createsOnUpdate: true,

  prepare(object) {
    if (listAt(object, 'rules').length === 0) delete object.rules;
  },
};
