import { type FieldError, invalid, required } from '../field-error.ts';
import { type JsonObject, type JsonValue, jsonEqual, numberAt, objectAt, textAt } from '../json.ts';
import { qualifiedNameProblems } from '../names.ts';
import type { KindRules } from './rules.ts';

const NAME_LENGTH = 128;
const NOTE_LENGTH = 1024;

/** What the two groups call the same fields. */
interface Names {
  readonly involved: string;
  readonly controller: string;
  readonly note: string;
}

const CORE: Names = { involved: 'involvedObject', controller: 'reportingComponent', note: 'message' };
const EVENTS: Names = { involved: 'regarding', controller: 'reportingController', note: 'note' };

/** Events of the core group. Source: Kubernetes pkg/apis/core/validation/events.go, legacyValidateEvent. */
export const coreEventRules: KindRules = {
  validate: (object) => legacyErrors(object, CORE),
};

/** Events of events.k8s.io. Source: the same, ValidateEventCreate and ValidateEventUpdate. */
export const eventRules: KindRules = {
  validate(object, old) {
    const errors = [...legacyErrors(object, EVENTS)];
    if (old !== undefined) return [...errors, ...changeErrors(object, old)];
    errors.push(...seriesErrors(object));
    if (textAt(object, 'eventTime') === '') errors.push(required('eventTime'));
    const type = textAt(object, 'type');
    if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`));
    for (const [field, name] of DEPRECATED) {
      if (!isZero(object[field])) errors.push(invalid(name, '', 'needs to be unset'));
    }
    return errors;
  },
};

/** Fields of Events of the core group, by their names here. */
const DEPRECATED: readonly (readonly [field: string, name: string])[] = [
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['deprecatedSource', 'source'],
];

/** What an Event says once is for ever, but how often it happened. */
const IMMUTABLE: readonly (readonly [field: string, name: string])[] = [
  ['regarding', 'involvedObject'],
  ['reason', 'reason'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingController', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
];

function legacyErrors(object: JsonObject, names: Names): readonly FieldError[] {
  const namespace = textAt(objectAt(object, 'metadata'), 'namespace');
  const involved = textAt(objectAt(object, names.involved), 'namespace');
  const elsewhere = invalid('involvedObject.namespace', involved, 'does not match event.namespace');
  if (textAt(object, 'eventTime') === '') {
    // Of what is in no namespace there are Events in `default`.
    return involved === namespace || (involved === '' && namespace === 'default') ? [] : [elsewhere];
  }
  const errors: FieldError[] = [];
  if (involved === '' && namespace !== 'default' && namespace !== 'kube-system') errors.push(elsewhere);
  const controller = textAt(object, names.controller);
  if (controller === '') errors.push(required(names.controller));
  for (const problem of qualifiedNameProblems(controller)) errors.push(invalid(names.controller, controller, problem));
  for (const field of ['reportingInstance', 'action', 'reason']) {
    const text = textAt(object, field);
    if (text === '') errors.push(required(field));
    if (Buffer.byteLength(text) > NAME_LENGTH) {
      errors.push(invalid(field, '', `can have at most ${NAME_LENGTH} characters`));
    }
  }
  if (Buffer.byteLength(textAt(object, names.note)) > NOTE_LENGTH) {
    errors.push(invalid('message', '', `can have at most ${NOTE_LENGTH} characters`));
  }
  return errors;
}

function changeErrors(object: JsonObject, old: JsonObject): readonly FieldError[] {
  const errors = jsonEqual(object['series'], old['series']) ? [] : [...seriesErrors(object)];
  for (const [field, name] of IMMUTABLE) {
    const [now, then] = [object[field], old[field]];
    if (!jsonEqual(now, then) && !(isZero(now) && isZero(then))) {
      errors.push(invalid(name, now ?? null, 'field is immutable'));
    }
  }
  return errors;
}

function seriesErrors(object: JsonObject): readonly FieldError[] {
  const series = objectAt(object, 'series');
  if (series === undefined) return [];
  const errors: FieldError[] = [];
  if ((numberAt(series, 'count') ?? 0) < 2) errors.push(invalid('series.count', '', 'should be at least 2'));
  if (textAt(series, 'lastObservedTime') === '') errors.push(required('series.lastObservedTime'));
  return errors;
}

/** What Go would have for a field that is absent. */
function isZero(value: JsonValue | undefined): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isZero);
  return value === undefined || value === null || value === '' || value === 0;
}
