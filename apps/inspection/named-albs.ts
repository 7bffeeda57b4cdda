import { keyOf, type ObjectKey, parseObjectKey } from '@causeway/apis/meta/object';
import type { ALB2 } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { dataPlaneOf } from '@causeway/translate/gateway/ingress-nginx/settings';

/**
 * The ALB2s with that name, in every namespace unless the name is `namespace/name`.
 *
 * @param name absent: all
 * @throws Error when there is none
 */
export function namedAlbs(view: View, name: string | undefined): readonly ALB2[] {
  const wanted = name === undefined ? undefined : parseObjectKey(name);
  const albs = view.all('ALB2').filter((alb) => {
    const key = keyOf(alb);
    return (
      wanted === undefined ||
      (wanted.name === key.name && (wanted.namespace === '' || wanted.namespace === key.namespace))
    );
  });
  if (albs.length === 0) throw new Error(name === undefined ? 'there is no ALB2' : `there is no ALB2 ${name}`);
  return albs;
}

/** @throws Error when there is none, or one in several namespaces */
export function namedAlb(view: View, name: string): ALB2 {
  const [alb, ...others] = namedAlbs(view, name);
  if (alb === undefined || others.length > 0)
    throw new Error(`ALB2s in several namespaces are named ${name}: say namespace/name`);
  return alb;
}

/**
 * Keys of the data planes of that name: those of ALB2s, and of IngressNginx as `<name>.ingress-nginx`.
 *
 * @param name absent: all
 * @throws Error when there is none
 */
export function namedDataPlanes(view: View, name: string | undefined): readonly ObjectKey[] {
  const wanted = name === undefined ? undefined : parseObjectKey(name);
  const ofNginx = view
    .all('IngressNginx')
    .map((object) => dataPlaneOf(keyOf(object)))
    .filter(
      (key) =>
        wanted === undefined ||
        (wanted.name === key.name && (wanted.namespace === '' || wanted.namespace === key.namespace)),
    );
  if (ofNginx.length > 0 && (wanted !== undefined || view.all('ALB2').length === 0)) return ofNginx;
  return [...namedAlbs(view, name).map(keyOf), ...ofNginx];
}
