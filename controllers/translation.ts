import type { Snapshot } from '@causeway/resources/snapshot';
import { certificateController, type KeptCertificates } from './certificate.ts';
import { Demand } from './demand.ts';
import { endpointSetController } from './endpoint-set.ts';
import { frontendController } from './frontend.ts';
import { gatewayController, gatewayRouteController, ROUTE_KINDS, type RouteVerdicts } from './gateway.ts';
import { gatewayClassPlaneController } from './gateway-class-plane.ts';
import { followNginxRoutes, ingressNginxController, nginxRouteController } from './ingress-nginx.ts';
import { instanceController } from './instance.ts';
import { placeController } from './place.ts';
import { byObjectKey, type Queues } from './queues.ts';
import { ruleController } from './rule.ts';
import { serverNameController } from './server-name.ts';
import type { TranslationSink } from './sink.ts';

export interface TranslationOptions {
  readonly now?: () => Date;
  readonly kept?: KeptCertificates;
  /** Name of the machine whose data planes these are; absent: of none. */
  readonly node?: string;
  /** Takes what is said of routes at their parents; absent: nobody writes it down. */
  readonly verdicts?: RouteVerdicts;
}

/**
 * Defines the queues that translate everything data planes serve, and keeps feeding
 * them from the snapshot: each object once, afterwards what a change concerns.
 */
export function defineTranslation(
  queues: Queues,
  snapshot: Snapshot,
  sink: TranslationSink,
  { now = () => new Date(), kept, verdicts, node }: TranslationOptions = {},
): void {
  const demand = new Demand(({ kind, id }) => queues.add(kind, id));
  queues.define('instance', byObjectKey(instanceController(snapshot, sink)));
  queues.define('frontend', byObjectKey(frontendController(snapshot, demand, sink)));
  queues.define('rule', byObjectKey(ruleController(snapshot, demand, sink)));
  queues.define('endpointSet', endpointSetController(snapshot, demand, sink));
  queues.define('certificate', certificateController({ snapshot, demand, sink, now, ...(kept && { kept }) }));
  queues.define('serverName', serverNameController(snapshot, demand, sink));
  queues.define('ingressNginx', byObjectKey(ingressNginxController(snapshot, demand, sink)));
  queues.define('nginxRoute', byObjectKey(nginxRouteController(snapshot, demand, sink)));
  queues.define('gateway', byObjectKey(gatewayController(snapshot, demand, sink)));
  queues.define('place', placeController(snapshot, sink));
  if (node !== undefined) queues.add('place', node);
  queues.follow(snapshot, 'IngressNginx', ['ingressNginx']);
  followNginxRoutes(queues, snapshot);
  queues.follow(snapshot, 'ALB2', ['instance']);
  queues.follow(snapshot, 'Frontend', ['frontend']);
  queues.follow(snapshot, 'Rule', ['rule']);
  queues.follow(snapshot, 'Gateway', ['gateway']);
  queues.define('gatewayClassPlane', byObjectKey(gatewayClassPlaneController(snapshot, sink)));
  queues.follow(snapshot, 'GatewayClass', ['gatewayClassPlane']);
  for (const kind of ROUTE_KINDS) {
    queues.define(kind, byObjectKey(gatewayRouteController(kind, snapshot, demand, sink, verdicts)));
    queues.follow(snapshot, kind, [kind]);
  }
}
