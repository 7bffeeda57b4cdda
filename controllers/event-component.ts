import { LABEL_ALB } from '@causeway/apis/gateway/labels';
import type { KubernetesObject } from '@causeway/apis/meta/object';

/** Who speaks in an event about `object`: `alb2-<alb>` for what belongs to an ALB (spec ALB-21). */
export function componentOf(object: KubernetesObject): string {
  const alb = object.kind === 'ALB2' ? object.metadata.name : object.metadata.labels?.[LABEL_ALB];
  return alb === undefined ? 'causeway' : albComponent(alb);
}

export function albComponent(albName: string): string {
  return `alb2-${albName}`;
}
