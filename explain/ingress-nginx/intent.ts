import type { Frontend } from '@causeway/apis/gateway/frontend';
import type { IngressNginx } from '@causeway/apis/gateway/ingress-nginx';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { InstanceIR, ListenerIR, PassthroughIR, RouteIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { ingressNginxMistakes } from '@causeway/translate/gateway/ingress-nginx/class';
import { translateIngressNginx } from '@causeway/translate/gateway/ingress-nginx/instance';
import { translateNginxRoutes } from '@causeway/translate/gateway/ingress-nginx/route';
import {
  type IngressNginxSettings,
  ingressNginxOf,
  ingressNginxSettings,
} from '@causeway/translate/gateway/ingress-nginx/settings';
import type { Need, Problem } from '@causeway/translate/gateway/problem';
import { sourceText } from '../candidate.ts';

/** Everything that an IngressNginx and its Ingresses mean. */
export interface IngressNginxIntent {
  readonly object: IngressNginx;
  readonly settings: IngressNginxSettings;
  /** Its ports, as if they were an ALB's. */
  readonly frontends: readonly Frontend[];
  readonly instance?: InstanceIR;
  readonly listeners: readonly ListenerIR[];
  readonly routes: readonly RouteIR[];
  readonly passthroughs: readonly PassthroughIR[];
  readonly needs: readonly Need[];
  /** Of the IngressNginx, and of the Ingresses that it serves. */
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
  const settings = ingressNginxSettings(object);
  const { instance, listeners, needs } = translateIngressNginx(view, owner);
  const translated = view.all('Ingress').map((ingress) => translateNginxRoutes(view, keyOf(ingress), key));
  const mistakes = ingressNginxMistakes(view, object).map(
    (message): Problem => ({
      object: { kind: 'IngressNginx', key: owner },
      reason: 'InvalidField',
      message,
      severity: 'Warning',
    }),
  );
  // Of one that has no data plane, nothing is served.
  const served = listeners.length === 0 ? [] : translated;
  return {
    ...{ object, settings, frontends: [settings.http, settings.https], listeners },
    ...(instance === undefined ? {} : { instance }),
    routes: served.flatMap(({ routes }) => routes),
    passthroughs: served.flatMap(({ passthroughs }) => passthroughs),
    needs: [...needs, ...served.flatMap((one) => one.needs)],
    problems: [...mistakes, ...translated.flatMap((one) => one.problems)],
  };
}

/**
 * What is wrong with Ingresses, each with its name in front.
 *
 * @param source what gave a route: its own, and of those that gave none, which might have taken the request
 */
export function ingressProblems(
  { problems, routes, passthroughs }: IngressNginxIntent,
  source?: string,
): readonly string[] {
  const serving = new Set([...routes, ...passthroughs].map(sourceText));
  return problems.flatMap(({ object, message }) => {
    const name = `${object.kind} ${objectKeyText(object.key)}`;
    return object.kind === 'Ingress' && (name === source || !serving.has(name)) ? [`${name}: ${message}`] : [];
  });
}
