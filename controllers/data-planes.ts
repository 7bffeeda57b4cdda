import { type ObjectKey, objectKeyText, parseObjectKey } from '@causeway/apis/meta/object';
import type { GatewayFragment } from '@causeway/ir/gateway';
import type { QueueStats } from '@causeway/reconcile/work-queue';
import { KIND_NAMES, type KindName } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { NginxInstances } from '@causeway/targets/nginx/instances';
import type { InstanceStatus } from '@causeway/targets/nginx/status';
import type { ApiTargets } from '@causeway/targets/objects/api-targets';
import { POLICY_KINDS } from '@causeway/translate/gateway-api/policy/policy-kind';
import type { Logger } from 'pino';
import type { KeptCertificates } from './certificate.ts';
import { ROUTE_KINDS } from './gateway.ts';
import { instanceName, instanceReportController } from './instance-report.ts';
import { byObjectKey, Queues } from './queues.ts';
import type { TranslationSink } from './sink.ts';
import { defineTranslation } from './translation.ts';

/** What data planes are made of. */
export const DATA_PLANE_KINDS: readonly KindName[] = [...KIND_NAMES, 'Node'];
/** What is read only where there is an object of a kind. */
export const KINDS_READ_FOR = {
  IngressNginx: ['Ingress', 'IngressClass'],
  // Policies first: no route shall be served without the one that guards it.
  Gateway: [
    'GatewayClass',
    ...POLICY_KINDS,
    'Backend',
    'EnvoyGatewayCtl',
    'EnvoyProxy',
    'HTTPRouteFilter',
    'TimeoutPolicy',
    ...ROUTE_KINDS,
  ],
} as const satisfies { readonly [K in KindName]?: readonly KindName[] };
const NOT_OF_ALBS: ReadonlySet<KindName> = new Set(['IngressNginx', ...KINDS_READ_FOR.IngressNginx]);
/** What data planes of ALBs are made of: Rules that the leader makes of Ingresses, and Gateways. */
export const ALB_KINDS: readonly KindName[] = DATA_PLANE_KINDS.filter((kind) => !NOT_OF_ALBS.has(kind));

export interface DataPlanesOptions {
  /** Filled and kept by reflectors, complete by now. */
  readonly snapshot: Snapshot;
  readonly instances: NginxInstances;
  readonly targets: Pick<ApiTargets, 'instances' | 'status'>;
  /** Which ALBs have their data plane here. */
  readonly serves: (alb: ObjectKey) => boolean;
  /** Name of this machine. */
  readonly node: string;
  /** Of the Instance object, where one data plane runs; default: {@link instanceName}. */
  readonly instanceName?: string;
  readonly observedResourceVersion: () => string;
  readonly now: () => Date;
  readonly keptCertificates?: KeptCertificates;
  readonly log: Logger;
}

export interface DataPlanes {
  /** Of its work queues, for metrics. */
  stats(): readonly QueueStats[];
  /**
   * Resolves when every data plane that was wanted at the start serves with a
   * full configuration, or has reported that it cannot.
   */
  readonly ready: Promise<void>;
  /** Nothing more goes to nginx or to the API; nginx keeps running. */
  stop(): Promise<void>;
  /** Takes back the Instance objects, after the data planes have ended. */
  withdrawReports(): Promise<void>;
}

/** A data plane that says nothing for this long at the start is not waited for. */
const START_MS = 30_000;

/**
 * Runs the data planes of this machine: what translators say goes to nginx as
 * soon as no translation is under way, so that a change which concerns several
 * objects arrives as one; what nginx says goes into Instance objects.
 */
export function startDataPlanes(options: DataPlanesOptions): DataPlanes {
  const { snapshot, instances, targets, serves, node, observedResourceVersion, now, log } = options;
  const nameOf = (alb: ObjectKey) => options.instanceName ?? instanceName(alb, node);
  const reports = new Map<string, InstanceStatus>();
  const wanted = new Set<string>();
  const translation = new Queues(log);
  // Apart from the translation: a report that waits for the API must not hold back traffic.
  const reporting = new Queues(log);

  const isServed = (fragment: GatewayFragment): boolean => {
    switch (fragment.kind) {
      case 'instance':
        return serves(parseObjectKey(fragment.id));
      case 'listener':
      case 'route':
      case 'passthrough':
        return serves(parseObjectKey(fragment.instance));
      case 'endpointSet':
      case 'certificate':
      case 'place':
        return true;
    }
  };
  const want = (owner: string, fragments: readonly GatewayFragment[]) => {
    instances.put(owner, fragments);
    if (!owner.startsWith('instance/')) return;
    const id = owner.slice('instance/'.length);
    if (fragments.length > 0) {
      wanted.add(id);
    } else if (wanted.delete(id)) {
      reports.delete(id);
      reporting.add('instanceReport', id);
    }
  };
  const sink: TranslationSink = {
    put: (owner, fragments) => want(owner, fragments.filter(isServed)),
    drop: (owner) => want(owner, []),
  };
  defineTranslation(translation, snapshot, sink, {
    now,
    node,
    ...(options.keptCertificates && { kept: options.keptCertificates }),
  });
  const report = instanceReportController({
    snapshot,
    instances: targets.instances,
    status: targets.status,
    node,
    nameOf,
    reportOf: (alb) => reports.get(objectKeyText(alb)),
    observedResourceVersion,
    now,
  });
  reporting.define('instanceReport', byObjectKey(report));
  snapshot.onStale((reader) => {
    translation.addReader(reader);
    reporting.addReader(reader);
  });

  const ready = new Promise<void>((resolve) => {
    let settledOnce = false;
    const check = () => {
      if (!settledOnce || ![...wanted].every((id) => isDecided(reports.get(id)))) return;
      clearTimeout(timer);
      resolve();
    };
    const giveUp = () => {
      for (const id of wanted) {
        if (!isDecided(reports.get(id))) log.error({ alb: id }, 'the data plane does not start; not waiting for it');
      }
      resolve();
    };
    const timer = setTimeout(giveUp, START_MS);
    timer.unref();
    const settle = () => {
      instances.settle();
      settledOnce = true;
      check();
    };
    instances.onStatus((id, status) => {
      if (!wanted.has(id)) return;
      reports.set(id, status);
      reporting.add('instanceReport', id);
      check();
    });
    if (translation.idle) settle();
    translation.onIdle(settle);
  });

  return {
    ready,
    stats: () => [...translation.stats(), ...reporting.stats()],
    stop: async () => {
      await Promise.all([translation.stop(), reporting.stop()]);
    },
    withdrawReports: async () => {
      const stored = [...reports.keys()]
        .map(parseObjectKey)
        .flatMap((alb) => snapshot.present.get('Instance', { namespace: alb.namespace, name: nameOf(alb) }) ?? []);
      await targets.instances.remove(stored);
    },
  };
}

/** It serves, or it said why it cannot. */
function isDecided(report: InstanceStatus | undefined): boolean {
  return report !== undefined && (report.ready === true || report.message !== undefined);
}
