import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { KindName } from '@causeway/resources/kinds';
import { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import { parseAllDocuments } from 'yaml';

/** A snapshot of the objects of a YAML text, seen by a test. */
export function viewOf(yaml: string): View {
  const snapshot = new Snapshot();
  for (const document of parseAllDocuments(yaml)) {
    const object = document.toJS() as KubernetesObject;
    snapshot.put(object.kind as KindName, object as never);
  }
  return snapshot.view('test');
}
