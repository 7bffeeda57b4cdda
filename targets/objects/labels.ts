import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { ObjectUpdate } from './diff.ts';
import { mergePatch } from './merge-patch.ts';

/** The update that makes the labels of a stored object what `labels` says, all of them; undefined when they are that already. */
export function labelsUpdate(
  object: KubernetesObject,
  labels: Readonly<Record<string, string>>,
): ObjectUpdate | undefined {
  const { uid, resourceVersion, labels: before = {} } = object.metadata;
  const patch = mergePatch(before, labels);
  return patch && { object, patch: { metadata: { uid, resourceVersion, labels: patch } } };
}
