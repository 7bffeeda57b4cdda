import type { Identity } from '../access/identity.ts';
import { type Core, strategyContext } from '../core.ts';
import { type ApiObject, timestamp } from '../object.ts';
import { changedSincePrecondition, forbidden } from '../status-error.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import { checkHead, onHead } from './head.ts';
import { presented } from './presented.ts';
import { headEntry, type Target } from './target.ts';
import { isHeld } from './update.ts';
import { askAboutDeletion, mayAskWebhooks } from './webhooks.ts';
import { admitWrite } from './write.ts';

export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly propagationPolicy: PropagationPolicy | undefined;
  /** The object must still be this one. */
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly warnings: string[];
  /** Annotations of the line in the audit log. */
  readonly audited?: Record<string, string>;
  /** Who deletes; absent: the server itself. */
  readonly identity?: Identity;
}

export const PLAIN_DELETE: DeleteOptions = {
  dryRun: false,
  propagationPolicy: undefined,
  uid: undefined,
  resourceVersion: undefined,
  warnings: [],
};

export interface DeleteResult {
  /** The last state, in the storage version. */
  readonly json: string;
  readonly uid: string;
  /** Gone; otherwise marked, and waiting for its finalizers. */
  readonly removed: boolean;
}

/**
 * Deletes an object, or marks it for deletion when something holds it. There is no grace period: nothing runs here that
 * would need one.
 *
 * @throws StatusError
 */
export function deleteObject(core: Core, target: Target, options: DeleteOptions): Promise<DeleteResult> {
  if (!mayAskWebhooks(core, target, options)) return deleteEntry(core, target, headEntry(target), options, false);
  return onHead(core, target, undefined, options, (entry) => deleteEntry(core, target, entry, options, true));
}

async function deleteEntry(
  core: Core,
  target: Target,
  entry: Entry,
  options: DeleteOptions,
  asks: boolean,
): Promise<DeleteResult> {
  const { resource, version, name } = target;
  checkPreconditions(target, entry, options);
  const object = objectOf(entry);
  const refusal = resource.strategy.refuseDelete?.(object);
  if (refusal !== undefined) throw forbidden(resource, name, refusal);
  admitWrite(core, { operation: 'DELETE', kind: version.names, subresource: '', object }, options.warnings);
  if (asks) {
    await askAboutDeletion(core, target, objectOf(await presented(target, entry)), options);
    checkHead(target, entry);
  }

  const finalizers = finalizersFor(object.metadata.finalizers ?? [], options.propagationPolicy);
  const finalizersChanged = finalizers.join() !== (object.metadata.finalizers ?? []).join();
  if (finalizers.length === 0) delete object.metadata.finalizers;
  else object.metadata.finalizers = finalizers;
  const { uid } = entry;
  if (!isHeld(target, object)) {
    if (options.dryRun) return { json: entry.json, uid, removed: true };
    if (resource.strategy.deletesGracefully === true && !entry.terminating) {
      // First it is marked, as if somebody had to end it; nobody has to, so it goes in the same turn.
      markTerminating(core, target, object);
      const marking = core.store.put(resource.collection, structuredClone(object));
      const [, removed] = await Promise.all([marking, core.store.remove(resource.collection, object)]);
      return { json: removed.json, uid, removed: true };
    }
    const removed = await core.store.remove(resource.collection, object);
    return { json: removed.json, uid, removed: true };
  }
  if (entry.terminating && !finalizersChanged) return { json: entry.json, uid, removed: false };
  if (!entry.terminating) markTerminating(core, target, object);
  if (options.dryRun) return { json: entry.json, uid, removed: false };
  const marked = await core.store.put(resource.collection, object);
  return { json: marked.json, uid, removed: false };
}

function markTerminating(core: Core, { resource }: Target, object: ApiObject): void {
  const context = strategyContext(core);
  object.metadata.deletionTimestamp = timestamp(context.now);
  object.metadata.deletionGracePeriodSeconds = 0;
  if (resource.strategy.hasGeneration) object.metadata.generation = (object.metadata.generation ?? 1) + 1;
  resource.strategy.terminate?.(object, context);
}

function checkPreconditions({ resource, name }: Target, entry: Entry, { uid, resourceVersion }: DeleteOptions): void {
  if (uid !== undefined && uid !== entry.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${entry.uid}).`;
    throw changedSincePrecondition(resource, name, `${why} The object might have been deleted and then recreated`);
  }
  if (resourceVersion !== undefined && resourceVersion !== String(entry.revision)) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record`;
    throw changedSincePrecondition(resource, name, `${why} (${entry.revision}). The object might have been modified`);
  }
}

/** The policy is remembered as a finalizer that the garbage collector removes when it has done its part. */
function finalizersFor(present: readonly string[], policy: PropagationPolicy | undefined): string[] {
  if (policy === undefined) return [...present];
  const others = present.filter((finalizer) => finalizer !== FOREGROUND_FINALIZER && finalizer !== ORPHAN_FINALIZER);
  if (policy === 'Foreground') others.push(FOREGROUND_FINALIZER);
  if (policy === 'Orphan') others.push(ORPHAN_FINALIZER);
  return others;
}
