import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { type ApiObject, timestamp } from '../../object.ts';
import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { objectOf } from '../../storage/entry.ts';
import { CRD_CLEANUP_FINALIZER, CRD_KIND } from '../custom-resource-definition.ts';
import type { Strategy, StrategyContext } from '../strategy.ts';

/**
 * A CRD gets its conditions in the write that creates it: names are compared with those of the other kinds in its group,
 * and when nothing conflicts it is established, so its objects can be created as soon as the create is answered.
 */
export const customResourceDefinitionStrategy: Strategy = {
  hasGeneration: true,
  allowsUnconditionalUpdate: false,

  prepare(object, old, context) {
    const spec = objectAt(object, 'spec');
    const names = objectAt(spec, 'names');
    if (spec === undefined || names === undefined) return;
    names.singular ??= textAt(names, 'kind').toLowerCase();
    names.listKind ??= `${textAt(names, 'kind')}List`;
    spec.conversion ??= { strategy: 'None' };
    const service = objectAt(objectAt(objectAt(objectAt(spec, 'conversion'), 'webhook'), 'clientConfig'), 'service');
    if (service !== undefined) service.port ??= 443;
    object.status = statusOf(object, spec, names, context);
    if (old !== undefined || object.metadata.finalizers?.includes(CRD_CLEANUP_FINALIZER)) return;
    object.metadata.finalizers = [...(object.metadata.finalizers ?? []), CRD_CLEANUP_FINALIZER];
  },

  terminate(object, { now }) {
    const status = objectAt(object, 'status') ?? {};
    const conditions = objectsAt(status, 'conditions').filter(({ type }) => type !== 'Terminating');
    const terminating = condition(
      'Terminating',
      'True',
      'InstanceDeletionInProgress',
      'its objects are being deleted',
      now,
    );
    object.status = { ...status, conditions: [...conditions, terminating] };
  },
};

function statusOf(object: ApiObject, spec: JsonObject, names: JsonObject, context: StrategyContext): JsonObject {
  const present = objectAt(object, 'status') ?? {};
  const conflict = nameConflict(object.metadata.name, textAt(spec, 'group'), names, context);
  const conditions = objectsAt(present, 'conditions');
  const storage = objectsAt(spec, 'versions').find((version) => version.storage === true);
  const stored = new Set([...listAt(present, 'storedVersions'), textAt(storage, 'name')]);
  return {
    ...present,
    acceptedNames: conflict === undefined ? names : (objectAt(present, 'acceptedNames') ?? { plural: '', kind: '' }),
    storedVersions: [...stored],
    conditions: replaceConditions(conditions, conflict, context.now),
  };
}

function replaceConditions(present: readonly JsonObject[], conflict: string | undefined, now: Date): JsonObject[] {
  const wasEstablished = present.some(({ type, status }) => type === 'Established' && status === 'True');
  const wanted =
    conflict === undefined
      ? [
          condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found', now),
          condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted', now),
        ]
      : [
          condition('NamesAccepted', 'False', 'NameConflict', conflict, now),
          wasEstablished
            ? condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted', now)
            : condition('Established', 'False', 'NotAccepted', 'not all names are accepted', now),
        ];
  const merged = wanted.map((want) => {
    const have = present.find(({ type }) => type === want.type);
    return have !== undefined && have.status === want.status && have.reason === want.reason ? have : want;
  });
  return [...merged, ...present.filter(({ type }) => !wanted.some((want) => want.type === type))];
}

/** Which name of this CRD another kind of the group has already. */
function nameConflict(name: string, group: string, names: JsonObject, context: StrategyContext): string | undefined {
  const others: JsonObject[] = context
    .collection(CRD_KIND.group, CRD_KIND.plural)
    .headRange('')
    .filter((entry) => entry.name !== name)
    .map((entry) => objectOf(entry))
    .filter((other) => textAt(objectAt(other, 'spec'), 'group') === group)
    .map((other) => objectAt(objectAt(other, 'status'), 'acceptedNames') ?? {});
  for (const { plural, singular, shortNames, kind } of BUILT_IN_KINDS.filter((kind) => kind.group === group)) {
    others.push({ plural, singular, shortNames: [...shortNames], kind, listKind: `${kind}List` });
  }
  const takenNames = new Set(others.flatMap((other) => [other.plural, other.singular, ...listAt(other, 'shortNames')]));
  const takenKinds = new Set(others.flatMap((other) => [other.kind, other.listKind]));
  for (const wanted of [names.plural, names.singular, ...listAt(names, 'shortNames')]) {
    if (wanted !== undefined && wanted !== '' && takenNames.has(wanted))
      return `${JSON.stringify(wanted)} is already in use`;
  }
  for (const wanted of [names.kind, names.listKind]) {
    if (wanted !== undefined && takenKinds.has(wanted)) return `${JSON.stringify(wanted)} is already in use`;
  }
  return undefined;
}

function condition(type: string, status: string, reason: string, message: string, now: Date): JsonObject {
  return { type, status, reason, message, lastTransitionTime: timestamp(now) };
}
