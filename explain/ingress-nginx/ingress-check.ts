import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { translateIngressNginx } from '@causeway/translate/gateway/ingress-nginx/instance';
import { translateNginxRoutes } from '@causeway/translate/gateway/ingress-nginx/route';
import { type NginxObstacle, nginxObstacle } from '@causeway/translate/gateway/ingress-nginx/serving';
import {
  type IngressNginxSettings,
  ingressNginxOf,
  ingressNginxSettings,
} from '@causeway/translate/gateway/ingress-nginx/settings';
import type { CheckedAlb, CheckedPort } from '../alb/ingress-check.ts';

/**
 * Whether an IngressNginx serves an Ingress, judged with the functions that the agents translate it with.
 *
 * @param plane key of a data plane
 * @returns undefined when it is none of an IngressNginx
 */
export function checkAtNginx(view: View, ingress: Ingress, plane: ObjectKey): CheckedAlb | undefined {
  const owner = ingressNginxOf(plane);
  const object = owner && view.get('IngressNginx', owner);
  if (owner === undefined || object === undefined) return undefined;
  const alb = objectKeyText(plane);
  const settings = ingressNginxSettings(object);
  const obstacle = nginxObstacle(view, ingress, object);
  if (obstacle !== undefined) {
    const reason = obstacleText(obstacle, ingress, settings);
    return { alb, serves: false, reason, obstacle: obstacle.type, ports: [] };
  }
  const { listeners } = translateIngressNginx(view, owner);
  if (listeners.length === 0) {
    return { alb, serves: false, reason: 'spec.controller.replicaCount is 0', obstacle: 'ports', ports: [] };
  }
  const { routes, passthroughs } = translateNginxRoutes(view, keyOf(ingress), plane);
  const ports = listeners.flatMap(({ id, port, protocol, name }): readonly CheckedPort[] => {
    const rules = [...routes, ...passthroughs].filter((one) => one.listeners.includes(id)).length;
    return rules === 0 ? [] : [{ port, protocol, frontend: name, rules, rulesInPlace: rules }];
  });
  if (ports.length === 0) {
    return { alb, serves: false, reason: 'it gives no route; see the problems', obstacle: 'notServed', ports };
  }
  return { alb, serves: true, reason: choiceText(ingress, settings), ports };
}

function choiceText(ingress: Ingress, { namespaceLabel }: IngressNginxSettings): string {
  const className = ingress.spec?.ingressClassName ?? '';
  const byClass = className === '' ? 'the Ingress asks for no class' : `class ${className}`;
  return namespaceLabel === undefined || namespaceLabel === 'invalid'
    ? byClass
    : `${byClass}; its namespace has ${namespaceLabel.key}=${namespaceLabel.value}`;
}

function obstacleText(
  obstacle: NginxObstacle,
  ingress: Ingress,
  { rules, namespaceLabel }: IngressNginxSettings,
): string {
  switch (obstacle.type) {
    case 'deleted':
      return 'the IngressNginx is being deleted';
    case 'class':
      return obstacle.className === undefined
        ? `class: the Ingress asks for none, and watchIngressWithoutClass is false; its class is ${rules.className}`
        : `class: the Ingress asks for class ${obstacle.className}, its class is ${rules.className}`;
    case 'olderOfClass':
      return `class: an older IngressNginx has class ${obstacle.className}`;
    case 'namespace':
      return namespaceLabel === undefined || namespaceLabel === 'invalid'
        ? 'namespace: spec.controller.scope.namespaceSelector cannot be read'
        : `namespace: ${ingress.metadata.namespace ?? ''} has no label ${namespaceLabel.key}=${namespaceLabel.value}`;
  }
}
