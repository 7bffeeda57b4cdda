import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { FrontendStatus } from '@causeway/apis/gateway/frontend';

/** Desired status without times. undefined: no such Frontend. */
export function translateFrontendStatus(view: View, key: ObjectKey): FrontendStatus | undefined {
  void view;
  void key;
  throw new Error('translateFrontendStatus: not written yet');
}
