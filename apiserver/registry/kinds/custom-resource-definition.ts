import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { type ApiObject, timestamp } from '../../object.ts';
import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../../schema/json.ts';
import { objectOf } from '../../storage/entry.ts';
import { CRD_CLEANUP_FINALIZER, CRD_KIND } from '../custom-resource-definition.ts';
import { STATUS_ALONE, type Strategy, type StrategyContext } from '../strategy.ts';

/**
 * A CRD gets its conditions in the write that creates it: names are compared with those of the other kinds in its group,
 * and when nothing conflicts it is established, so its objects can be created as soon as the create is answered.
 */
export const customResourceDefinitionStrategy: Strategy = {
  hasGeneration: true,
  allowsUnconditionalUpdate: false,
  fixedByStatus: STATUS_ALONE,

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
      'CustomResource deletion is in progress',
      now,
    );
    object.status = { ...status, conditions: [...conditions, terminating] };
    // Its deletion is no change of what it says.
    delete object.metadata.deletionGracePeriodSeconds;
    object.metadata.generation = Math.max(1, (object.metadata.generation ?? 1) - 1);
  },
};

/**
 * What the names of a CRD are now, and whether it is served.
 *
 * Source: apiextensions-apiserver pkg/controller/status/naming_controller.go.
 */
export function statusOf(object: ApiObject, spec: JsonObject, names: JsonObject, context: StrategyContext): JsonObject {
  const present = objectAt(object, 'status') ?? {};
  const others = othersNames(object.metadata.name, textAt(spec, 'group'), context);
  const { accepted, conflict } = acceptNames(names, objectAt(present, 'acceptedNames'), others);
  const storage = objectsAt(spec, 'versions').find((version) => version.storage === true);
  const stored = new Set([...listAt(present, 'storedVersions'), textAt(storage, 'name')]);
  return {
    ...present,
    acceptedNames: accepted,
    storedVersions: [...stored],
    conditions: replaceConditions(objectsAt(present, 'conditions'), conflict, context.now),
  };
}

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

function replaceConditions(present: readonly JsonObject[], conflict: Conflict | undefined, now: Date): JsonObject[] {
  const established = present.find(({ type, status }) => type === 'Established' && status === 'True');
  const accepted =
    conflict === undefined
      ? condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found', now)
      : condition('NamesAccepted', 'False', conflict.reason, conflict.message, now);
  // What was served once goes on.
  const served =
    conflict === undefined
      ? condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted', now)
      : condition('Established', 'False', 'NotAccepted', 'not all names are accepted', now);
  const wanted = [accepted, established ?? served];
  const merged = wanted.map((want) => {
    const have = present.find(({ type }) => type === want.type);
    if (have === undefined || have.status !== want.status) return want;
    return { ...want, lastTransitionTime: have.lastTransitionTime ?? want.lastTransitionTime ?? '' };
  });
  return [...merged, ...present.filter(({ type }) => !wanted.some((want) => want.type === type))];
}

/** Names that other kinds of the group have. */
interface OthersNames {
  readonly resources: ReadonlySet<unknown>;
  readonly kinds: ReadonlySet<unknown>;
}

function othersNames(name: string, group: string, context: StrategyContext): OthersNames {
  const others: JsonObject[] = context
    .collection(CRD_KIND.group, CRD_KIND.plural)
    .headRange('')
    // A definition is named <plural>.<group>: those of other groups need not be read.
    .filter((entry) => entry.name !== name && entry.name.endsWith(`.${group}`))
    .map((entry) => objectOf(entry))
    .filter((other) => textAt(objectAt(other, 'spec'), 'group') === group)
    .map((other) => objectAt(objectAt(other, 'status'), 'acceptedNames') ?? {});
  for (const { plural, singular, shortNames, kind } of BUILT_IN_KINDS.filter((each) => each.group === group)) {
    others.push({ plural, singular, shortNames: [...shortNames], kind, listKind: `${kind}List` });
  }
  return {
    resources: new Set(others.flatMap((other) => [other.plural, other.singular, ...listAt(other, 'shortNames')])),
    kinds: new Set(others.flatMap((other) => [other.kind, other.listKind])),
  };
}

const NAMES = [
  ['plural', 'PluralConflict', 'resources'],
  ['singular', 'SingularConflict', 'resources'],
  ['shortNames', 'ShortNamesConflict', 'resources'],
  ['kind', 'KindConflict', 'kinds'],
  ['listKind', 'ListKindConflict', 'kinds'],
] as const;

/** Names without a conflict are accepted, the others stay what they were; the last conflict is told. */
function acceptNames(
  wanted: JsonObject,
  present: JsonObject = { plural: '', kind: '' },
  others: OthersNames,
): { readonly accepted: JsonObject; readonly conflict: Conflict | undefined } {
  const accepted: JsonObject = { ...present };
  let conflict: Conflict | undefined;
  for (const [field, reason, taken] of NAMES) {
    const own = new Set([present[field]].flat());
    const names = [wanted[field]].flat().filter((name) => name !== undefined && name !== '');
    const inUse = names.filter((name) => !own.has(name) && others[taken].has(name));
    if (inUse.length > 0) {
      const texts = inUse.map((name) => `${JSON.stringify(name)} is already in use`);
      conflict = { reason, message: texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]` };
    } else if (wanted[field] === undefined) {
      delete accepted[field];
    } else {
      accepted[field] = wanted[field];
    }
  }
  if (wanted.categories === undefined) delete accepted.categories;
  else accepted.categories = wanted.categories;
  return { accepted, conflict };
}

function condition(type: string, status: string, reason: string, message: string, now: Date): JsonObject {
  return { type, status, reason, message, lastTransitionTime: timestamp(now) };
}
