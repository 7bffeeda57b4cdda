import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { ListenerIR } from '@causeway/ir/gateway';
import type { Need, Problem } from './problem.ts';
/** Frontend -> listener. */
export function translateFrontend(view: View, key: ObjectKey): { readonly listener?: ListenerIR; readonly needs: readonly Need[]; readonly problems: readonly Problem[] } {
  void view;
  void key;
  throw new Error('translateFrontend: not written yet');
}
