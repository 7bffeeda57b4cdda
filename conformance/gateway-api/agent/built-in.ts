import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import type { KindRef } from '@causeway/apis/meta/kind';

/** @throws TypeError for a kind that Kubernetes has not, or not here */
export function builtIn(kind: string): KindRef {
  const found = BUILT_IN_KINDS.find((each) => each.kind === kind);
  if (found === undefined) throw new TypeError(`no kind ${kind}`);
  return found;
}
