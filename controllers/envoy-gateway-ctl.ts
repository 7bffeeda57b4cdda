import type { GatewayCondition } from '@causeway/apis/gateway-api/condition';
import { type KubernetesObject, keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { done, type Reconcile } from '@causeway/reconcile/reconcile';
import { KIND_REFS } from '@causeway/resources/kinds';
import type { Snapshot } from '@causeway/resources/snapshot';
import type { View } from '@causeway/resources/view';
import type { ApiTargets } from '@causeway/targets/objects/api-targets';
import type { DerivedObjects } from '@causeway/targets/objects/derived-objects';
import {
  diffDefaultedObjects,
  diffObjects,
  type ManagedMetadata,
  type ObjectChanges,
} from '@causeway/targets/objects/diff';
import { isRefusal } from '@causeway/targets/objects/refusal';
import { isMadeFor } from '@causeway/translate/gateway-api/class/class-owner';
import { controllersName } from '@causeway/translate/gateway-api/class/controllers-deployment';
import { CONFIG_MAP } from '@causeway/translate/gateway-api/class/ctl-config-map';
import { translateCtl } from '@causeway/translate/gateway-api/class/envoy-gateway-ctl';
import { gatewayClassName } from '@causeway/translate/gateway-api/class/gateway-class-name';
import { asConditions, verdict } from '@causeway/translate/gateway-api/condition';
import { albMetadata } from './derived-metadata.ts';

export interface CtlControllerOptions {
  readonly snapshot: Snapshot;
  readonly targets: ApiTargets;
  /** The Deployment that the controllers of this cluster are installed as; absent: they are no Pods. */
  readonly installed?: ObjectKey | undefined;
  readonly now: () => Date;
}

/** What is refused today may be allowed tomorrow. */
const TRY_AGAIN_MS = 30_000;

/** By uid, `metadata.generation` after it was written last: with another one somebody has changed what it says. */
type WrittenGenerations = Map<string, number | undefined>;

/** Labels never change: Pods are known by them. */
const METADATA: ManagedMetadata = {
  label: () => false,
  annotation: (key) => albMetadata.annotation(key) || key.startsWith('envoy-gateway.'),
};

/**
 * An EnvoyGatewayCtl -> its GatewayClass, its configuration to be read, its controllers on a cluster, and what became of it (GW-02). Objects of
 * such names that are somebody else's stay.
 */
export function envoyGatewayCtlController({
  snapshot,
  targets,
  installed,
  now,
}: CtlControllerOptions): Reconcile<ObjectKey> {
  const written: WrittenGenerations = new Map();
  return async (key) => {
    const owner = `envoyGatewayCtl/${objectKeyText(key)}`;
    const view = snapshot.view(owner);
    const { gatewayClass, configMap, deployment, accepted, config } = translateCtl(view, key, installed);
    const have = view.get('GatewayClass', { namespace: '', name: gatewayClassName(key) });
    if (gatewayClass !== undefined && have === undefined) {
      await targets.gatewayClasses.put({ create: [gatewayClass], update: [] });
    }
    if (gatewayClass === undefined && have !== undefined && isMadeFor(have, key)) {
      await targets.gatewayClasses.remove([have]);
    }
    const { ConfigMap: configMaps, Deployment: deployments } = targets.workloads;
    const storedMap = view.get('ConfigMap', { namespace: key.namespace, name: CONFIG_MAP });
    await bring(configMaps, diffObjects(present(configMap), ownOf(storedMap, key), METADATA));
    const refused =
      installed && (await bringDeployment(view, key, installed, deployment, { target: deployments, written }));
    const ctl = view.get('EnvoyGatewayCtl', key);
    if (ctl === undefined) {
      if (have === undefined) snapshot.forget(owner);
      return done;
    }
    if (accepted === undefined) return done;
    const verdicts = [refused === undefined ? accepted : verdict('Accepted', false, 'InvalidParameters', refused)];
    const { generation = 0 } = ctl.metadata;
    await targets.status.put(KIND_REFS.EnvoyGatewayCtl, ctl, (stored) => {
      const before = (stored as { readonly conditions?: readonly GatewayCondition[] }).conditions ?? [];
      const conditions = asConditions(verdicts, before, { generation, now: now() });
      return { ...stored, conditions, ...(config === undefined ? {} : { config }) };
    });
    return refused === undefined ? done : { requeueAfterMs: TRY_AGAIN_MS };
  };
}

/** @returns why there is no such Deployment, or not as it is wanted */
async function bringDeployment(
  view: View,
  key: ObjectKey,
  { namespace }: ObjectKey,
  wanted: KubernetesObject | undefined,
  { target, written }: { readonly target: DerivedObjects; readonly written: WrittenGenerations },
): Promise<string | undefined> {
  const stored = view.get('Deployment', { namespace, name: controllersName(key) });
  const own = ownOf(stored, key);
  if (wanted !== undefined && stored !== undefined && own.length === 0) {
    return `Deployment ${objectKeyText(keyOf(stored))} belongs to somebody else and is not touched`;
  }
  try {
    const isEdited = ({ metadata: { uid = '', generation } }: KubernetesObject) => written.get(uid) !== generation;
    const changes = diffDefaultedObjects(present(wanted), own, METADATA, isEdited);
    for (const { metadata } of [...own, ...(await bring(target, changes))]) {
      written.set(metadata.uid ?? '', metadata.generation);
    }
    for (const { metadata } of changes.remove) written.delete(metadata.uid ?? '');
    return undefined;
  } catch (error) {
    if (isRefusal(error)) return error.message;
    throw error;
  }
}

/** @returns what is stored now */
async function bring(target: DerivedObjects, changes: ObjectChanges): Promise<readonly KubernetesObject[]> {
  const stored = await target.put(changes);
  await target.remove(changes.remove);
  return stored;
}

function present<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}

function ownOf<T extends KubernetesObject>(stored: T | undefined, ctl: ObjectKey): readonly T[] {
  return stored !== undefined && isMadeFor(stored, ctl) ? [stored] : [];
}
