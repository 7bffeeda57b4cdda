import type { Frontend } from '@causeway/apis/gateway/frontend';
import { keyOf, type ObjectKey } from '@causeway/apis/meta/object';
import type { InstanceIR, ListenerIR, PassthroughIR, RouteIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { AlbSettings } from '@causeway/translate/gateway/alb-settings';
import { translateIngressNginx } from '@causeway/translate/gateway/ingress-nginx/instance';
import { translateNginxRoutes } from '@causeway/translate/gateway/ingress-nginx/route';
import { ingressNginxOf, ingressNginxSettings } from '@causeway/translate/gateway/ingress-nginx/settings';
import type { Need, Problem } from '@causeway/translate/gateway/problem';

/** Everything that an IngressNginx and its Ingresses mean. */
export interface IngressNginxIntent {
  readonly settings: AlbSettings;
  /** Its ports, as if they were an ALB's. */
  readonly frontends: readonly Frontend[];
  readonly instance?: InstanceIR;
  readonly listeners: readonly ListenerIR[];
  readonly routes: readonly RouteIR[];
  readonly passthroughs: readonly PassthroughIR[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

/**
 * @param key of a data plane
 * @returns undefined when it is none of an IngressNginx
 */
export function ingressNginxIntent(view: View, key: ObjectKey): IngressNginxIntent | undefined {
  const owner = ingressNginxOf(key);
  const object = owner && view.get('IngressNginx', owner);
  if (owner === undefined || object === undefined) return undefined;
  const { alb, http, https } = ingressNginxSettings(object);
  const { instance, listeners, needs, problems } = translateIngressNginx(view, owner);
  const served = new Set(listeners.map(({ id }) => id));
  const translated = view.all('Ingress').map((ingress) => translateNginxRoutes(view, keyOf(ingress)));
  return {
    ...{ settings: alb, frontends: [http, https], listeners },
    ...(instance === undefined ? {} : { instance }),
    routes: translated.flatMap(({ routes }) => routes.filter((route) => route.listeners.some((id) => served.has(id)))),
    passthroughs: translated.flatMap(({ passthroughs }) =>
      passthroughs.filter((passthrough) => passthrough.listeners.some((id) => served.has(id))),
    ),
    needs: [...needs, ...translated.flatMap((one) => one.needs)],
    problems: [...problems, ...translated.flatMap((one) => one.problems)],
  };
}
