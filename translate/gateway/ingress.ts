import type { Frontend } from '@causeway/apis/gateway/frontend';
import type { Rule } from '@causeway/apis/gateway/rule';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { Problem } from './problem.ts';

export interface IngressTranslation {
  /**
   * Complete desired objects, made from the current ones where those exist, so user edits are in them: create when absent,
   * update when spec, labels or annotations differ, never delete.
   */
  readonly frontends: readonly Frontend[];
  /**
   * Complete set over all ALBs: create, update; delete the Rules with this source that are not in it. Without owner
   * reference while the Frontend is not in the snapshot yet; added when it is (the translation becomes stale then).
   */
  readonly rules: readonly Rule[];
  readonly problems: readonly Problem[];
}

/** Ingress -> Frontends and Rules; of an absent or foreign Ingress: what is left to be undone. */
export function translateIngress(view: View, key: ObjectKey): IngressTranslation {
  void view;
  void key;
  throw new Error('translateIngress: not written yet');
}
