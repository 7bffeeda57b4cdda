import { userInfo } from '../../access/identity.ts';
import { timestamp } from '../../object.ts';
import { statusWriteErrors } from '../../schema/built-in/certificate-signing-request.ts';
import { type JsonObject, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import type { Strategy } from '../strategy.ts';

const REQUESTER = ['username', 'uid', 'groups', 'extra'] as const;
const DECISIONS: readonly string[] = ['Approved', 'Denied'];

/**
 * Who asks is what the server knows of him; who approves writes conditions, who signs the certificate.
 *
 * Source: Kubernetes pkg/registry/certificates/certificates/strategy.go.
 */
export const certificateSigningRequestStrategy: Strategy = {
  hasGeneration: false,
  allowsUnconditionalUpdate: true,
  unowned: {
    '': [['spec']],
    status: [['spec'], ['status', 'conditions']],
    approval: [['spec'], ['status', 'certificate']],
  },

  prepare(object, old, { identity }) {
    if (old !== undefined) return;
    const spec: JsonObject = { ...objectAt(object, 'spec') };
    for (const field of REQUESTER) delete spec[field];
    object.spec = identity === undefined ? spec : { ...spec, ...userInfo(identity) };
  },

  prepareStatus(object, old, { now, subresource }) {
    const former = objectAt(old, 'status');
    const status: JsonObject = { ...objectAt(object, 'status') };
    if (subresource === 'approval') {
      if (former?.['certificate'] === undefined) delete status['certificate'];
      else status['certificate'] = former['certificate'];
    } else {
      keepDecisions(status, former);
    }
    const time = timestamp(now);
    const before = objectsAt(former, 'conditions');
    for (const condition of objectsAt(status, 'conditions')) {
      const same = before.find(
        (each) => textAt(each, 'type') === textAt(condition, 'type') && each['status'] === condition['status'],
      );
      condition['lastUpdateTime'] ??= time;
      condition['lastTransitionTime'] ??= same?.['lastTransitionTime'] ?? time;
    }
    object.status = status;
  },

  validate(object, old, { subresource }) {
    return old === undefined ? [] : statusWriteErrors({ object, old, subresource });
  },
};

/** As many as there were are those that there were; others are refused later. In place. */
function keepDecisions(status: JsonObject, former: JsonObject | undefined): void {
  for (const type of DECISIONS) {
    const isOf = (condition: JsonObject): boolean => textAt(condition, 'type') === type;
    const kept = objectsAt(former, 'conditions').filter(isOf);
    const given = objectsAt(status, 'conditions');
    if (kept.length === 0 || given.filter(isOf).length !== kept.length) continue;
    status['conditions'] = given.map((each) => (isOf(each) ? structuredClone(kept.shift() ?? each) : each));
  }
}
