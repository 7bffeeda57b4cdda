import { ingressNginxRules } from '@causeway/apis/gateway/ingress-nginx-rules';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { type IngressNginx, KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import { diffObjects, type ManagedMetadata } from '@causeway/targets/objects/diff';
import type { StatusWriter } from '@causeway/targets/status/status-writer';
import {
  ingressNginxClass,
  ingressNginxMistakes,
  LABEL_OWNER,
  ownerOf,
} from '@causeway/translate/gateway/ingress-nginx/class';
import { translateIngressNginx } from '@causeway/translate/gateway/ingress-nginx/instance';
import { translateNginxRoutes } from '@causeway/translate/gateway/ingress-nginx/route';
import { dataPlaneOf, ingressNginxSettings } from '@causeway/translate/gateway/ingress-nginx/settings';
import { nginxAddresses } from '@causeway/translate/gateway/ingress-status';
import type { Demand } from './demand.ts';
import type { Queues } from './queues.ts';
import type { TranslationSink } from './sink.ts';
import { WithdrawnAddresses } from './withdrawn-addresses.ts';

/** IngressNginx -> its data plane and ports; keys are those of data planes, see `dataPlaneOf`. */
export function ingressNginxController(
  snapshot: Snapshot,
  demand: Demand,
  sink: TranslationSink,
): Reconcile<ObjectKey> {
  return async (key) => {
    const reader = `ingressNginx/${objectKeyText(key)}`;
    // As that of an ALB2, so that what follows the data planes sees this one too.
    const owner = `instance/${objectKeyText(dataPlaneOf(key))}`;
    const view = snapshot.view(reader);
    const { instance, listeners, needs, problems } = translateIngressNginx(view, key);
    demand.set(owner, needs);
    if (view.get('IngressNginx', key) === undefined) {
      sink.drop(owner);
      snapshot.forget(reader);
      return done;
    }
    sink.put(owner, instance === undefined ? [] : [instance, ...listeners], problems);
    return done;
  };
}

/** Ingress -> routes of the IngressNginx data planes that serve it. */
export function nginxRouteController(snapshot: Snapshot, demand: Demand, sink: TranslationSink): Reconcile<ObjectKey> {
  return async (key) => {
    const owner = `nginxRoute/${objectKeyText(key)}`;
    if (!hasIngressNginx(snapshot) || !snapshot.has('Ingress', key)) {
      demand.set(owner, []);
      sink.drop(owner);
      snapshot.forget(owner);
      return done;
    }
    const { routes, passthroughs, needs, problems } = translateNginxRoutes(snapshot.view(owner), key);
    demand.set(owner, needs);
    sink.put(owner, [...routes, ...passthroughs], problems);
    return done;
  };
}

/** Feeds {@link nginxRouteController}; where there is no IngressNginx, Ingresses cost nothing. */
export function followNginxRoutes(queues: Queues, snapshot: Snapshot): void {
  const add = (key: ObjectKey): void => queues.add('nginxRoute', objectKeyText(key));
  const addAll = (): void => snapshot.keys('Ingress').forEach(add);
  snapshot.onChange('Ingress', (key) => {
    if (hasIngressNginx(snapshot)) add(key);
  });
  snapshot.onChange('IngressNginx', addAll);
  if (hasIngressNginx(snapshot)) addAll();
}

function hasIngressNginx(snapshot: Snapshot): boolean {
  return !snapshot.isEmpty('IngressNginx');
}

/** IngressNginx -> its IngressClass and its status (IN-01), with the addresses that Ingresses were told. A class of somebody else is not touched. */
export function ingressNginxClassController(
  snapshot: Snapshot,
  classes: DerivedObjects,
  status: StatusWriter,
  now: () => Date,
): Reconcile<ObjectKey> {
  const withdrawn = new WithdrawnAddresses(snapshot);
  return async (key) => {
    const owner = `ingressNginxClass/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const object = view.get('IngressNginx', key);
    const want = ingressNginxClass(view, key);
    const have = view.by('IngressClass', 'ingressNginx', ownerOf(key));
    const mistakes = object === undefined ? [] : ingressNginxMistakes(view, object);
    const changes = diffObjects(want === undefined ? [] : [want], have, CLASS_METADATA);
    await classes.put(changes);
    await classes.remove(changes.remove);
    if (object === undefined) {
      if (have.length === 0) snapshot.forget(owner);
      return done;
    }
    const isEnding = object.metadata.deletionTimestamp !== undefined;
    const current = isEnding ? [] : nginxAddresses(view, ingressNginxSettings(object));
    const all = [...new Set([...current, ...(object.status?.addresses ?? [])])].sort();
    const asOwner = { kind: 'IngressNginx', key, current } as const;
    const { published, lookAgainMs } = withdrawn.stillPublished(asOwner, all, now());
    await status.put(KIND_REFS.IngressNginx, object, (stored) => ({
      ...withCondition(object, stored, mistakes, now()),
      ...(published.length === 0 ? {} : { addresses: published }),
    }));
    return lookAgainMs === undefined ? done : { requeueAfterMs: lookAgainMs };
  };
}

const CLASS_METADATA: ManagedMetadata = { label: (key) => key === LABEL_OWNER, annotation: () => false };

function withCondition(
  object: IngressNginx,
  stored: NonNullable<IngressNginx['status']>,
  mistakes: readonly string[],
  time: Date,
): NonNullable<IngressNginx['status']> & Readonly<Record<string, unknown>> {
  const status = mistakes.length === 0 ? 'True' : 'False';
  const before = stored.conditions?.find(({ type }) => type === 'Accepted');
  const lasts = before?.status === status ? before.lastTransitionTime : undefined;
  const { generation } = object.metadata;
  return {
    ingressClass: ingressNginxRules(object).className,
    conditions: [
      {
        type: 'Accepted',
        status,
        reason: mistakes.length === 0 ? 'Accepted' : 'InvalidSettings',
        message: mistakes.join('; '),
        lastTransitionTime: lasts ?? time.toISOString().replace(/\.\d+/, ''),
        ...(generation === undefined ? {} : { observedGeneration: generation }),
      },
    ],
  };
}
