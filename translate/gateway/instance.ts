import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { InstanceIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';
/** ALB2 -> data plane; absent: no such ALB2, or not to be served. */
export function translateInstance(view: View, key: ObjectKey): { readonly instance?: InstanceIR; readonly problems: readonly Problem[] } {
  void view;
  void key;
  throw new Error('translateInstance: not written yet');
}
