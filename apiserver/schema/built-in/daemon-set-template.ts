import { type JsonObject, objectAt, textAt } from '../json.ts';

/** Where a DaemonSet counts changes of its template. Source: Kubernetes pkg/apis/apps/v1, conversion.go. */
const ANNOTATION = 'deprecated.daemonset.template.generation';

/** 0: nobody has counted. */
export function templateCount(object: JsonObject): number {
  const text = textAt(objectAt(objectAt(object, 'metadata'), 'annotations'), ANNOTATION);
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

export function countTemplate(object: JsonObject, count: number): void {
  const metadata = objectAt(object, 'metadata') ?? {};
  metadata['annotations'] = { ...objectAt(metadata, 'annotations'), [ANNOTATION]: String(count) };
}
