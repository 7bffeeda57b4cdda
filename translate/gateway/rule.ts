import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { RouteIR } from '@causeway/ir/gateway';
import type { Need, Problem } from './problem.ts';
/** Rule -> route. */
export function translateRule(view: View, key: ObjectKey): { readonly route?: RouteIR; readonly needs: readonly Need[]; readonly problems: readonly Problem[] } {
  void view;
  void key;
  throw new Error('translateRule: not written yet');
}
