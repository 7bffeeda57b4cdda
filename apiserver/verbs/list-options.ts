import { type FieldError, forbidden, notSupported } from '../schema/field-error.ts';
import { invalidObject } from '../status-error.ts';

/** What a list or watch was asked for beside its selectors, as the query has it. */
export interface ListQuery {
  readonly watch: boolean;
  readonly continue: string | undefined;
  readonly resourceVersion: string | undefined;
  readonly resourceVersionMatch: string | undefined;
  /** undefined: not said */
  readonly sendInitialEvents: boolean | undefined;
}

const MATCH = 'resourceVersionMatch';
const EVENTS = 'sendInitialEvents';

/**
 * Which options go together.
 *
 * Source: apimachinery pkg/apis/meta/internalversion/validation.
 *
 * @throws StatusError 422
 */
export function checkListQuery(query: ListQuery): void {
  const errors = query.watch ? watchErrors(query) : listErrors(query);
  if (errors.length > 0) throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

function listErrors(query: ListQuery): readonly FieldError[] {
  const { resourceVersion, resourceVersionMatch: match, sendInitialEvents } = query;
  const errors: FieldError[] = [];
  if (match !== undefined) {
    if (resourceVersion === undefined) {
      errors.push(forbidden(MATCH, `${MATCH} is forbidden unless resourceVersion is provided`));
    }
    if (query.continue !== undefined) errors.push(forbidden(MATCH, WITH_TOKEN));
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbidden(MATCH, `${MATCH} "exact" is forbidden for resourceVersion "0"`));
    }
  }
  if (sendInitialEvents !== undefined) errors.push(forbidden(EVENTS, `${EVENTS} is forbidden for list`));
  return errors;
}

const WITH_TOKEN = `${MATCH} is forbidden when continue is provided`;

function watchErrors(query: ListQuery): readonly FieldError[] {
  const { resourceVersion = '0', resourceVersionMatch: match, sendInitialEvents } = query;
  const errors: FieldError[] = [];
  // Such a watch begins with what there is, as if it had asked for that.
  const begins = match === undefined && sendInitialEvents === undefined && resourceVersion === '0';
  if (begins && query.continue !== undefined) errors.push(forbidden(MATCH, WITH_TOKEN));
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbidden(MATCH, `${EVENTS} requires setting ${MATCH} to NotOlderThan`));
  }
  if (match === undefined) return errors;
  if (sendInitialEvents === undefined) {
    errors.push(forbidden(MATCH, `${MATCH} is forbidden for watch unless ${EVENTS} is provided`));
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']));
  if (query.continue !== undefined) errors.push(forbidden(MATCH, WITH_TOKEN));
  return errors;
}
