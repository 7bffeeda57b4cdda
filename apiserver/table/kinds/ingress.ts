import { type JsonObject, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { AGE, NAME, someOf, text } from '../column.ts';

export const ingressColumns = [
  NAME,
  text('Class', 'The name of the IngressClass resource that should be used.', (ingress) => {
    const annotations = objectAt(objectAt(ingress, 'metadata'), 'annotations');
    const name = textAt(objectAt(ingress, 'spec'), 'ingressClassName');
    return name || textAt(annotations, 'kubernetes.io/ingress.class') || '<none>';
  }),
  text('Hosts', 'Hosts that incoming requests are matched against.', hostsOf),
  text('Address', 'Addresses of the load balancer.', (ingress) => {
    const points = objectsAt(objectAt(objectAt(ingress, 'status'), 'loadBalancer'), 'ingress');
    return points
      .map((point) => textAt(point, 'ip') || textAt(point, 'hostname'))
      .filter((each) => each !== '')
      .join(',');
  }),
  text('Ports', 'Ports that are open: 443 where there is TLS.', (ingress) =>
    objectsAt(objectAt(ingress, 'spec'), 'tls').length > 0 ? '80, 443' : '80',
  ),
  AGE,
];

function hostsOf(ingress: JsonObject): string {
  const hosts = objectsAt(objectAt(ingress, 'spec'), 'rules').map((rule) => textAt(rule, 'host') || '*');
  return hosts.length === 0 ? '*' : someOf(hosts);
}

export const ingressClassColumns = [
  NAME,
  text('Controller', 'Controller that is responsible for handling this class.', (object) =>
    textAt(objectAt(object, 'spec'), 'controller'),
  ),
  text('Parameters', 'A reference to a resource with additional parameters.', (object) => {
    const parameters = objectAt(objectAt(object, 'spec'), 'parameters');
    if (parameters === undefined) return '<none>';
    const group = textAt(parameters, 'apiGroup');
    return `${textAt(parameters, 'kind')}${group === '' ? '' : `.${group}`}/${textAt(parameters, 'name')}`;
  }),
  AGE,
];
