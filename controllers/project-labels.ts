import { type KubernetesObject, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { labelsUpdate } from '@causeway/targets/objects/labels';
import { translateAlbLabels, translateFrontendLabels } from '@causeway/translate/gateway/project-labels';

/** Port of a Frontend -> the labels of the projects it belongs to (ALB-126). */
export function frontendLabelsController(snapshot: Snapshot, writer: DerivedObjects): Reconcile<ObjectKey> {
  return labelsController({
    snapshot,
    writer,
    queue: 'frontendLabels',
    kind: 'Frontend',
    translate: translateFrontendLabels,
  });
}

/** Projects of an ALB2 -> its labels. */
export function albLabelsController(snapshot: Snapshot, writer: DerivedObjects): Reconcile<ObjectKey> {
  return labelsController({ snapshot, writer, queue: 'albLabels', kind: 'ALB2', translate: translateAlbLabels });
}

function labelsController({
  snapshot,
  writer,
  queue,
  kind,
  translate,
}: {
  readonly snapshot: Snapshot;
  readonly writer: DerivedObjects;
  readonly queue: string;
  readonly kind: 'ALB2' | 'Frontend';
  readonly translate: (view: View, key: ObjectKey) => Readonly<Record<string, string>> | undefined;
}): Reconcile<ObjectKey> {
  return async (key) => {
    const reader = `${queue}/${objectKeyText(key)}`;
    const view = snapshot.view(reader);
    const object: KubernetesObject | undefined = view.get(kind, key);
    if (object === undefined) {
      snapshot.forget(reader);
      return done;
    }
    const want = translate(view, key);
    const update = want === undefined ? undefined : labelsUpdate(object, want);
    if (update !== undefined) await writer.put({ create: [], update: [update] });
    return done;
  };
}
