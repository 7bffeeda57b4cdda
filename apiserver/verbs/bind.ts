import { type Core, strategyContext } from '../core.ts';
import { type ApiObject, asApiObject, timestamp } from '../object.ts';
import { BINDING } from '../registry/subresource.ts';
import { type FieldError, notSupported, required } from '../schema/field-error.ts';
import { type JsonObject, type JsonValue, listAt, objectAt, objectsAt, textAt } from '../schema/json.ts';
import { badRequest, changedSincePrecondition, conflict, invalidObject } from '../status-error.ts';
import { type Entry, objectOf } from '../storage/entry.ts';
import { headEntry, type Target } from './target.ts';
import { askAboutPart, mutatedPart } from './webhooks.ts';
import type { WriteOptions } from './write.ts';

const PART = { subresource: 'binding', kind: BINDING } as const;

/**
 * Says on which node a Pod runs, as a scheduler does. That is for ever.
 *
 * Source: Kubernetes pkg/registry/core/pod/storage, BindingREST.
 *
 * @param target a Pod
 * @param body a Binding
 * @throws StatusError 400, 404, 409, 422
 */
export async function bindPod(
  core: Core,
  target: Target,
  body: JsonValue | undefined,
  options: WriteOptions,
): Promise<void> {
  const given = asApiObject(body);
  if (typeof given === 'string') throw badRequest(given);
  const binding = await mutatedPart(core, target, PART, given, options);
  if (binding.metadata.name !== target.name) throw badRequest('name in URL does not match name in Binding object');
  const node = objectAt(binding, 'target');
  const errors: FieldError[] = [];
  const kind = textAt(node, 'kind');
  if (kind !== '' && kind !== 'Node') errors.push(notSupported('target.kind', kind, ['Node', '<empty>']));
  if (textAt(node, 'name') === '') errors.push(required('target.name'));
  if (errors.length > 0) throw invalidObject({ group: '', kind: 'Binding' }, target.name, errors);

  await askAboutPart(core, target, PART, binding, options);
  const entry = headEntry(target);
  checkPreconditions(target, entry, binding);
  const pod = objectOf(entry);
  const spec = objectAt(pod, 'spec') ?? {};
  const refusal = refusalOf(pod, spec);
  if (refusal !== undefined) throw conflict({ group: '', plural: 'pods/binding' }, target.name, refusal);
  pod.spec = { ...spec, nodeName: textAt(node, 'name') };
  const { annotations } = binding.metadata;
  if (annotations !== undefined) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
  pod.status = scheduled(objectAt(pod, 'status') ?? {}, timestamp(strategyContext(core).now));
  if (!options.dryRun) await core.store.put(target.resource.collection, pod);
}

function checkPreconditions({ resource, name }: Target, entry: Entry, { metadata }: ApiObject): void {
  const { uid, resourceVersion } = metadata;
  if (uid !== undefined && uid !== '' && uid !== entry.uid) {
    throw changedSincePrecondition(resource, name, `Precondition failed: UID in precondition: ${uid}`);
  }
  if (resourceVersion && resourceVersion !== String(entry.revision)) {
    throw changedSincePrecondition(resource, name, `Precondition failed: ResourceVersion: ${resourceVersion}`);
  }
}

/** Why a Pod cannot be put on a node. */
function refusalOf({ metadata }: ApiObject, spec: JsonObject): string | undefined {
  const { name } = metadata;
  if (metadata.deletionTimestamp !== undefined) return `pod ${name} is being deleted, cannot be assigned to a host`;
  const node = textAt(spec, 'nodeName');
  if (node !== '') return `pod ${name} is already assigned to node ${JSON.stringify(node)}`;
  if (listAt(spec, 'schedulingGates').length > 0) return `pod ${name} has non-empty .spec.schedulingGates`;
  return undefined;
}

function scheduled(status: JsonObject, time: string): JsonObject {
  const others = objectsAt(status, 'conditions').filter((each) => each['type'] !== 'PodScheduled');
  return { ...status, conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: time }, ...others] };
}
