import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { DataplaneRecord } from '@causeway/dataplane/policy/record';
import type { CertificateIR, InstanceIR, ListenerIR, PassthroughIR, RouteIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { GroupBackend } from '@causeway/targets/nginx/group-record';
import { WantedRecords } from '@causeway/targets/nginx/wanted';
import { translateEndpointSet } from '@causeway/translate/gateway/endpoint-set';
import { translateFrontend } from '@causeway/translate/gateway/frontend';
import { translateInstance } from '@causeway/translate/gateway/instance';
import type { Need, Problem } from '@causeway/translate/gateway/problem';
import { translateRule } from '@causeway/translate/gateway/rule';
import { albGatewaysIntent, type GatewayIntent, gatewayIntent } from '../gateway-api/intent.ts';
import { ingressNginxIntent } from '../ingress-nginx/intent.ts';

/** Everything that the objects of one ALB mean, translated from scratch. */
export interface AlbIntent {
  /** Absent: the ALB has no data plane. */
  readonly instance?: InstanceIR;
  readonly listeners: readonly ListenerIR[];
  readonly routes: readonly RouteIR[];
  readonly passthroughs: readonly PassthroughIR[];
  /** Ids, sorted. */
  readonly endpointSets: readonly string[];
  readonly certificates: readonly string[];
  /** Of the ALB2, its Frontends and Rules, and the Services they name. */
  readonly problems: readonly Problem[];
}

export function translateAlb(view: View, key: ObjectKey): AlbIntent {
  const ofNginx = ingressNginxIntent(view, key);
  if (ofNginx !== undefined) {
    const { instance, listeners, routes, passthroughs, needs: needed } = ofNginx;
    const sets = idsOf(needed, 'endpointSet');
    const ofSets = sets.flatMap((id) => translateEndpointSet(view, id).problems);
    return {
      ...(instance === undefined ? {} : { instance }),
      ...{ listeners, routes, passthroughs, endpointSets: sets, certificates: idsOf(needed, 'certificate') },
      problems: [...ofNginx.problems, ...ofSets],
    };
  }
  const ofGateway = gatewayIntent(view, key);
  if (ofGateway !== undefined) return intentOfGateway(view, ofGateway);
  const { instance, problems: found } = translateInstance(view, key);
  const gateways = albGatewaysIntent(view, key);
  const listeners: ListenerIR[] = [...gateways.listeners];
  const routes: RouteIR[] = [...gateways.routes];
  const passthroughs: PassthroughIR[] = [...gateways.passthroughs];
  const problems: Problem[] = [...found, ...problemsOf(gateways)];
  const needs: Need[] = [...gateways.needs];
  for (const frontend of view.by('Frontend', 'alb', objectKeyText(key))) {
    const translated = translateFrontend(view, keyOf(frontend));
    if (translated.listener !== undefined) listeners.push(translated.listener);
    needs.push(...translated.needs);
    problems.push(...translated.problems);
  }
  for (const rule of view.by('Rule', 'alb', objectKeyText(key))) {
    const translated = translateRule(view, keyOf(rule));
    if (translated.route !== undefined) routes.push(translated.route);
    if (translated.passthrough !== undefined) passthroughs.push(translated.passthrough);
    needs.push(...translated.needs);
    problems.push(...translated.problems);
  }
  const endpointSets = idsOf(needs, 'endpointSet');
  for (const id of endpointSets) problems.push(...translateEndpointSet(view, id).problems);
  return {
    ...(instance === undefined ? {} : { instance }),
    ...{ listeners, routes, passthroughs, endpointSets, certificates: idsOf(needs, 'certificate'), problems },
  };
}

function intentOfGateway(view: View, gateway: GatewayIntent): AlbIntent {
  const { instance, listeners, routes, passthroughs, needs } = gateway;
  const endpointSets = idsOf(needs, 'endpointSet');
  return {
    ...(instance === undefined ? {} : { instance }),
    ...{ listeners, routes, passthroughs, endpointSets, certificates: idsOf(needs, 'certificate') },
    problems: [...problemsOf(gateway), ...endpointSets.flatMap((id) => translateEndpointSet(view, id).problems)],
  };
}

/** The first of the Gateways stands for all: which is meant, and which route, the message says. */
function problemsOf({ gateways: [first], problems }: GatewayIntent): readonly Problem[] {
  if (first === undefined) return [];
  const object: Problem['object'] = { kind: 'Gateway', key: keyOf(first) };
  return problems.map(({ source, message }) => ({
    object,
    reason: 'InvalidField',
    message: `${source}: ${message}`,
    severity: 'Warning',
  }));
}

export interface AlbRecords {
  readonly records: readonly DataplaneRecord[];
  /** Of a group record, by its id: Services with their weights. */
  readonly backends: (groupId: string) => readonly GroupBackend[];
}

/**
 * The records that every worker of the ALB shall have, from scratch, by the code with which the agent makes them.
 *
 * @param certificateOf what is shown for a Secret (`namespace/name`)
 */
export function recordsOf(
  view: View,
  { listeners, routes, passthroughs }: AlbIntent,
  certificateOf: (id: string) => CertificateIR | undefined,
): AlbRecords {
  const wanted = new WantedRecords({
    endpointSet: (id) => translateEndpointSet(view, id).endpoints,
    certificate: certificateOf,
  });
  for (const listener of listeners) wanted.putListener(listener.id, listener);
  for (const route of routes) wanted.putRoute(route.id, route);
  for (const passthrough of passthroughs) wanted.putPassthrough(passthrough.id, passthrough);
  const records = [...wanted.drain()].flatMap(([, record]) => record ?? []);
  return { records, backends: (groupId) => wanted.backends(groupId) };
}

function idsOf(needs: readonly Need[], kind: Need['kind']): readonly string[] {
  return [...new Set(needs.filter((need) => need.kind === kind).map(({ id }) => id))].sort();
}
