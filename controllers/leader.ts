import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { ApiTargets } from '@causeway/targets/objects/api-targets';
import { gatewaysOfMergedClass } from '@causeway/translate/gateway-api/class/merged-class';
import { POLICY_KINDS } from '@causeway/translate/gateway-api/policy/policy-kind';
import type { Logger } from 'pino';
import { albController } from './alb.ts';
import { albGatewayClassController, standaloneClassController } from './alb-gateway-class.ts';
import { albStatusController } from './alb-status.ts';
import { backendObjectStatusController } from './backend-object-status.ts';
import { backendPolicyStatusController, backendPolicyStatusQueue } from './backend-policy-status.ts';
import { DEFAULT_GATEWAY_CLASS, defaultGatewayClassController } from './default-gateway-class.ts';
import { envoyGatewayCtlController } from './envoy-gateway-ctl.ts';
import { frontendStatusController } from './frontend-status.ts';
import { AttachedRoutes } from './gateway-attached.ts';
import { endQueue, gatewayEndController } from './gateway-end.ts';
import { RouteStatuses } from './gateway-route-status.ts';
import {
  gatewayClassStatusController,
  gatewayStatusController,
  listenerSetStatusController,
} from './gateway-status.ts';
import { classHomeServiceController, homeServiceController } from './home-service.ts';
import { ingressController } from './ingress.ts';
import { ingressClassController } from './ingress-class.ts';
import { ingressNginxClassController } from './ingress-nginx.ts';
import { ingressNginxEndController } from './ingress-nginx-end.ts';
import { ingressStatusController } from './ingress-status.ts';
import { instanceExpiryController } from './instance-expiry.ts';
import { homeLoadBalancerController, loadBalancerServiceController } from './load-balancer-service.ts';
import { followOrphanedRules } from './orphaned-rules.ts';
import { policyStatusController, policyStatusQueue } from './policy-status.ts';
import { ProblemEvents } from './problem-events.ts';
import { albLabelsController, frontendLabelsController } from './project-labels.ts';
import { byObjectKey, Queues } from './queues.ts';
import type { TranslationSink } from './sink.ts';
import { standaloneAlbController } from './standalone-alb.ts';
import { SyncedEvents } from './synced-events.ts';
import { defineTranslation } from './translation.ts';
import { OF_GATEWAY_CLASSES, OF_GATEWAYS, OF_INGRESS_NGINX, workloadController } from './workload.ts';
import { WorkloadRefusals } from './workload-refusals.ts';

export interface LeaderOptions {
  /** Filled and kept by reflectors. */
  readonly snapshot: Snapshot;
  readonly targets: ApiTargets;
  /**
   * Where data planes run: as agents of this machine, or as pods of a cluster that run this image. `deployment`: what these controllers are
   * installed as.
   */
  readonly instances: 'home' | { readonly image: string; readonly deployment?: ObjectKey | undefined };
  readonly log: Logger;
  readonly now: () => Date;
}

/**
 * Keys of a queue that wait for the API at once. What traffic depends on goes first: while more Ingresses wait than are worked on,
 * status and events are told one at a time.
 */
const WRITERS = 16;
const STATUS_WRITERS = 4;
const EVENT_WRITERS = 2;

/** Routes that are attached within this time are counted together. */
const COUNT_MS = 50;

/**
 * Defines everything that writes to the API on behalf of all ALBs; one process
 * at a time does that, the leader. It follows the changes of the snapshot and
 * starts with one pass over all that is in it.
 */
export function startLeader({ snapshot, targets, instances, log, now }: LeaderOptions): Queues {
  const { albs, frontends, rules, ingressClasses, services, status, events } = targets;
  const queues = new Queues(log);
  const problems = new ProblemEvents((owner) => queues.add('problemEvents', owner));
  const synced = new SyncedEvents((ingress) => queues.add('syncedEvents', ingress));
  const attached = new AttachedRoutes(({ kind, ...key }) =>
    queues.addAfter(kind === 'Gateway' ? 'gatewayStatus' : 'listenerSetStatus', objectKeyText(key), COUNT_MS),
  );
  const routeStatuses = new RouteStatuses(attached, (route) => queues.add('routeStatus', route));
  const refused = new WorkloadRefusals((owner) => {
    const ofClass = gatewaysOfMergedClass(snapshot.present, owner.name).map(keyOf);
    for (const gateway of owner.namespace === '' ? ofClass : [owner])
      queues.add('gatewayStatus', objectKeyText(gateway));
  });
  const writing = { concurrency: WRITERS };
  const unlessBehind = (writers: number) => () => (queues.pending('ingress') > WRITERS ? 1 : writers);
  const writingStatus = { concurrency: unlessBehind(STATUS_WRITERS) };
  const writingEvents = { concurrency: unlessBehind(EVENT_WRITERS) };

  const alb = albController({ snapshot, targets, problems, now });
  const ingress = ingressController({ snapshot, frontends, rules, synced, problems });
  queues.define('alb', byObjectKey(alb));
  queues.define(
    'albStatus',
    byObjectKey(albStatusController({ snapshot, status, problems, onCluster: instances !== 'home', now })),
  );
  queues.define('albLabels', byObjectKey(albLabelsController(snapshot, albs)));
  queues.define('frontendLabels', byObjectKey(frontendLabelsController(snapshot, frontends)), writing);
  queues.define('ingressClass', byObjectKey(ingressClassController(snapshot, ingressClasses)));
  queues.define(
    'albGatewayClass',
    byObjectKey(albGatewayClassController(snapshot, targets.gatewayClasses, problems, now)),
  );
  queues.define('standaloneAlb', byObjectKey(standaloneAlbController(snapshot, targets)));
  queues.follow(snapshot, 'Gateway', ['standaloneAlb']);
  queues.define('standaloneClass', standaloneClassController(snapshot, targets.gatewayClasses));
  queues.add('standaloneClass', '');
  queues.define('ingressNginxClass', byObjectKey(ingressNginxClassController(snapshot, ingressClasses, status, now)));
  queues.define('ingressNginxEnd', byObjectKey(ingressNginxEndController(snapshot, targets.nginxFinalizers, now)));
  queues.follow(snapshot, 'IngressNginx', ['ingressNginxClass', 'ingressNginxEnd']);
  queues.define('loadBalancerService', byObjectKey(loadBalancerServiceController(snapshot, services)));
  if (instances === 'home') {
    queues.define('homeLoadBalancer', byObjectKey(homeLoadBalancerController(snapshot, status)));
    queues.follow(snapshot, 'ALB2', ['homeLoadBalancer']);
    queues.define('homeService', byObjectKey(homeServiceController(snapshot, services, status)));
    queues.follow(snapshot, 'Gateway', ['homeService']);
    queues.define('classHomeService', byObjectKey(classHomeServiceController(snapshot, services, status)));
    queues.follow(snapshot, 'GatewayClass', ['classHomeService']);
    queues.define('defaultGatewayClass', defaultGatewayClassController(snapshot, targets.gatewayClasses));
    queues.add('defaultGatewayClass', DEFAULT_GATEWAY_CLASS);
  } else {
    const { image } = instances;
    const parts = { snapshot, targets, problems, image, now };
    queues.define('workload', byObjectKey(workloadController(parts)));
    const ofNginx = workloadController(parts, OF_INGRESS_NGINX);
    queues.define(OF_INGRESS_NGINX.queue, byObjectKey(ofNginx));
    const ofGateways = workloadController(parts, OF_GATEWAYS, refused);
    queues.define(OF_GATEWAYS.queue, byObjectKey(ofGateways));
    const ofClasses = workloadController(parts, OF_GATEWAY_CLASSES, refused);
    queues.define(OF_GATEWAY_CLASSES.queue, byObjectKey(ofClasses));
    const ends = { Gateway: targets.gatewayFinalizers, GatewayClass: targets.gatewayClassFinalizers };
    for (const kind of ['Gateway', 'GatewayClass'] as const)
      queues.define(endQueue(kind), byObjectKey(gatewayEndController(kind, snapshot, ends[kind])));
    queues.follow(snapshot, 'Gateway', [OF_GATEWAYS.queue, endQueue('Gateway')]);
    queues.follow(snapshot, 'GatewayClass', [OF_GATEWAY_CLASSES.queue, endQueue('GatewayClass')]);
    queues.follow(snapshot, 'ALB2', ['workload']);
    queues.follow(snapshot, 'IngressNginx', [OF_INGRESS_NGINX.queue]);
  }
  queues.define('ingress', byObjectKey(ingress), writing);
  queues.define(
    'frontendStatus',
    byObjectKey(frontendStatusController(snapshot, status, problems, now)),
    writingStatus,
  );
  queues.define('ingressStatus', byObjectKey(ingressStatusController(snapshot, status)), writingStatus);
  queues.define('syncedEvents', byObjectKey(synced.controller(snapshot, events)), writingEvents);
  queues.define('problemEvents', problems.controller(snapshot, events), writingEvents);
  queues.define('gatewayClassStatus', byObjectKey(gatewayClassStatusController(snapshot, status, now)));
  queues.define('gatewayStatus', byObjectKey(gatewayStatusController(snapshot, status, { attached, refused }, now)));
  queues.define('listenerSetStatus', byObjectKey(listenerSetStatusController(snapshot, status, attached, now)));
  for (const kind of ['BackendTLSPolicy', 'XBackendTrafficPolicy'] as const) {
    const queue = backendPolicyStatusQueue(kind);
    queues.define(queue, byObjectKey(backendPolicyStatusController(kind, snapshot, status, now)));
    queues.follow(snapshot, kind, [queue]);
  }
  queues.define(
    'backendObjectStatus',
    byObjectKey(backendObjectStatusController(snapshot, status, now)),
    writingStatus,
  );
  queues.follow(snapshot, 'Backend', ['backendObjectStatus']);
  const installed = instances === 'home' ? undefined : instances.deployment;
  queues.define('envoyGatewayCtl', byObjectKey(envoyGatewayCtlController({ snapshot, targets, installed, now })));
  queues.follow(snapshot, 'EnvoyGatewayCtl', ['envoyGatewayCtl']);
  queues.define('routeStatus', routeStatuses.controller(snapshot, status, now), writingStatus);
  for (const kind of POLICY_KINDS) {
    const queue = policyStatusQueue(kind);
    queues.define(queue, byObjectKey(policyStatusController(kind, snapshot, status, now)), writingStatus);
    queues.follow(snapshot, kind, [queue]);
  }
  // Only the problems are wanted here, and what is said of routes; the agents make traffic of the fragments.
  const sink: TranslationSink = {
    put: (owner, _fragments, found) => problems.put(owner, found),
    drop: (owner) => problems.forget(owner),
  };
  defineTranslation(queues, snapshot, sink, { verdicts: routeStatuses });
  queues.follow(snapshot, 'GatewayClass', ['gatewayClassStatus']);
  queues.follow(snapshot, 'Gateway', ['gatewayStatus']);
  queues.follow(snapshot, 'ListenerSet', ['listenerSetStatus']);

  queues.define('instanceExpiry', byObjectKey(instanceExpiryController(snapshot, targets.instances, now)));
  queues.follow(snapshot, 'Instance', ['instanceExpiry']);
  queues.follow(snapshot, 'ALB2', [
    'alb',
    'albGatewayClass',
    'albLabels',
    'albStatus',
    'ingressClass',
    'loadBalancerService',
  ]);
  queues.follow(snapshot, 'Frontend', ['frontendLabels', 'frontendStatus']);
  queues.follow(snapshot, 'Ingress', ['ingress', 'ingressStatus']);
  followOrphanedRules(queues, snapshot);
  snapshot.onStale((reader) => queues.addReader(reader));
  return queues;
}
