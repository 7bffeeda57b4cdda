import type { ObjectKey } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import type { ALB2Status } from '@causeway/apis/gateway/alb2';

/** Desired status without times (probeTime, probeTimeStr): the writer stamps them when the meaning changed. undefined: no such ALB2. */
export function translateAlbStatus(view: View, key: ObjectKey): ALB2Status | undefined {
  void view;
  void key;
  throw new Error('translateAlbStatus: not written yet');
}
