import type { Core } from '../core.ts';
import { type ApiObject, asApiObject } from '../object.ts';
import { SCALE, type Subresource } from '../registry/subresource.ts';
import type { JsonObject } from '../schema/json.ts';
import type { AdmissionQuestion } from '../webhook/admission-review.ts';
import type { Target } from './target.ts';
import type { WriteOptions } from './write.ts';

/*
 * Admission webhooks are asked about what clients write, not about what the server itself does.
 */

/** The webhooks' part of a deletion. @throws StatusError when one refuses, or cannot be asked */
export async function askAboutDeletion(
  core: Core,
  { resource, version, namespace, name }: Target,
  old: ApiObject,
  { identity, dryRun, warnings, audited = {} }: Pick<WriteOptions, 'identity' | 'dryRun' | 'warnings' | 'audited'>,
): Promise<void> {
  if (identity === undefined) return;
  const question: AdmissionQuestion = {
    ...{ operation: 'DELETE', resource, version, subresource: '', namespace, name, object: undefined, old },
    ...{ dryRun, fieldManager: '', identity, warnings, audited },
  };
  await core.webhooks?.mutated(question);
  await core.webhooks?.validate(question);
}

/** An object that is sent to a subresource that only creates (Binding, Eviction). */
export interface CreatedPart {
  readonly subresource: string;
  readonly kind: Subresource['kind'];
}

type PartOptions = Pick<WriteOptions, 'dryRun' | 'identity' | 'warnings' | 'writer' | 'audited'>;

/** The object as webhooks want it. @throws StatusError when one refuses, or cannot be asked */
export async function mutatedPart(
  core: Core,
  target: Target,
  part: CreatedPart,
  object: ApiObject,
  options: PartOptions,
): Promise<ApiObject> {
  const question = questionOfPart(target, part, object, options);
  return (question === undefined ? undefined : await core.webhooks?.mutated(question)) ?? object;
}

/** @throws StatusError when a webhook or a policy refuses, or cannot be asked */
export async function askAboutPart(
  core: Core,
  target: Target,
  part: CreatedPart,
  object: ApiObject,
  options: PartOptions,
): Promise<void> {
  const question = questionOfPart(target, part, object, options);
  if (question !== undefined) await core.webhooks?.validate(question);
}

function questionOfPart(
  { resource, version, namespace, name }: Target,
  part: CreatedPart,
  object: ApiObject,
  { identity, dryRun, writer, warnings, audited = {} }: PartOptions,
): AdmissionQuestion | undefined {
  if (identity === undefined) return undefined;
  const asked = { operation: 'CREATE', resource, version, ...part, namespace, name, object, old: undefined } as const;
  return { ...asked, dryRun, fieldManager: writer.manager, identity, warnings, audited };
}

/** Whether a write of this resource may have to wait for webhooks. */
export function mayAskWebhooks(
  { webhooks }: Pick<Core, 'webhooks'>,
  { resource }: Pick<Target, 'resource'>,
  { identity }: Pick<WriteOptions, 'identity'>,
): boolean {
  return webhooks !== undefined && identity !== undefined && webhooks.concern(resource);
}

/** The object as webhooks want it, with what only the server decides as it was. @throws StatusError */
export async function mutatedObject(
  core: Core,
  target: Target,
  object: ApiObject,
  old: ApiObject | undefined,
  options: WriteOptions,
): Promise<ApiObject> {
  // A Scale is no part of the object that its fields could be patched into.
  if (options.scale !== undefined) return object;
  const question = questionOf(target, object, old, options);
  const changed = question === undefined ? object : await core.webhooks?.mutated(question);
  if (changed === undefined || changed === object) return object;
  for (const field of ['name', 'namespace', 'uid', 'creationTimestamp', 'resourceVersion', 'generation'] as const) {
    const value = object.metadata[field];
    if (value === undefined) delete changed.metadata[field];
    else Object.assign(changed.metadata, { [field]: value });
  }
  changed.apiVersion = object.apiVersion;
  changed.kind = object.kind;
  return changed;
}

/** @throws StatusError when a webhook refuses, or cannot be asked */
export async function askValidators(
  core: Core,
  target: Target,
  object: ApiObject,
  old: ApiObject | undefined,
  options: WriteOptions,
): Promise<void> {
  const question = questionOf(target, object, old, options);
  if (question !== undefined) await core.webhooks?.validate(question);
}

function questionOf(
  { resource, version, namespace }: Target,
  object: ApiObject,
  old: ApiObject | undefined,
  { identity, subresource, dryRun, writer, warnings, audited = {}, scale }: WriteOptions,
): AdmissionQuestion | undefined {
  if (identity === undefined) return undefined;
  return {
    operation: old === undefined ? 'CREATE' : 'UPDATE',
    resource,
    version,
    ...(scale === undefined ? { subresource } : { subresource: 'scale', kind: SCALE }),
    namespace,
    name: object.metadata.name,
    object: scale === undefined ? object : shown(scale(object)),
    old: old === undefined || scale === undefined ? old : shown(scale(old)),
    dryRun,
    fieldManager: writer.manager,
    identity,
    warnings,
    audited,
  };
}

function shown(scale: JsonObject): ApiObject {
  const object = asApiObject(scale);
  if (typeof object === 'string') throw new TypeError(object);
  return object;
}
