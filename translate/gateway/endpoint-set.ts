
import type { View } from '@causeway/resources/view';
import type { EndpointSetIR } from '@causeway/ir/gateway';
import type { Problem } from './problem.ts';
/** Id `namespace/service:port` -> addresses. */
export function translateEndpointSet(view: View, key: string): { readonly endpoints: EndpointSetIR; readonly problems: readonly Problem[] } {
  void view;
  void key;
  throw new Error('translateEndpointSet: not written yet');
}
