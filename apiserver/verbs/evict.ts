import type { Core } from '../core.ts';
import { asApiObject } from '../object.ts';
import { EVICTION } from '../registry/subresource.ts';
import { type JsonObject, type JsonValue, objectAt } from '../schema/json.ts';
import { badRequest } from '../status-error.ts';
import { type DeleteOptions, deleteObject } from './delete.ts';
import type { Target } from './target.ts';
import { askAboutPart, mutatedPart } from './webhooks.ts';
import type { WriteOptions } from './write.ts';

const PART = { subresource: 'eviction', kind: EVICTION } as const;

export interface EvictOptions extends WriteOptions {
  /** What the Eviction says of the deletion. @throws StatusError */
  readonly deletion: (options: JsonObject | undefined) => DeleteOptions;
}

/**
 * Deletes a Pod for who wants its node. No budget is asked: none is kept, since nothing runs. Admission is asked about the Eviction, not
 * about the deletion that follows.
 *
 * Source: Kubernetes pkg/registry/core/pod/storage, EvictionREST.
 *
 * @param target a Pod
 * @param body an Eviction
 * @throws StatusError 400, 404, 409
 */
export async function evictPod(
  core: Core,
  target: Target,
  body: JsonValue | undefined,
  options: EvictOptions,
): Promise<void> {
  const given = asApiObject(body);
  if (typeof given === 'string') throw badRequest(given);
  const eviction = await mutatedPart(core, target, PART, given, options);
  if (eviction.metadata.name !== target.name) throw badRequest('name in URL does not match name in Eviction object');
  const { identity: _identity, ...deletion } = options.deletion(objectAt(eviction, 'deleteOptions'));
  await askAboutPart(core, target, PART, eviction, { ...options, dryRun: options.dryRun || deletion.dryRun });
  await deleteObject(core, target, deletion);
}
