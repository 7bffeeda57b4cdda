import { type FieldError, invalid, required } from '../field-error.ts';
import { textAt } from '../json.ts';
import { qualifiedName } from '../names.ts';
import type { KindRules } from './rules.ts';

const NAME_LENGTH = 128;
const NOTE_LENGTH = 1024;

/** Events of events.k8s.io, new ones. Source: Kubernetes pkg/apis/core/validation/events.go, ValidateEventCreate. */
export const eventRules: KindRules = {
  validate(object, old) {
    const errors: FieldError[] = [];
    if (old !== undefined) return errors;
    if (textAt(object, 'eventTime') === '') errors.push(required('eventTime'));
    const type = textAt(object, 'type');
    if (type !== 'Normal' && type !== 'Warning') errors.push(invalid('type', '', `has invalid value: ${type}`));
    const controller = textAt(object, 'reportingController');
    const problem = qualifiedName(controller);
    if (controller === '') errors.push(required('reportingController'));
    else if (problem !== undefined) errors.push(invalid('reportingController', controller, problem));
    for (const field of ['reportingInstance', 'action', 'reason']) {
      const text = textAt(object, field);
      if (text === '') errors.push(required(field));
      if (text.length > NAME_LENGTH) {
        errors.push(invalid(field, '', `can have at most ${NAME_LENGTH} characters`));
      }
    }
    if (textAt(object, 'note').length > NOTE_LENGTH) {
      errors.push(invalid('message', '', `can have at most ${NOTE_LENGTH} characters`));
    }
    return errors;
  },
};
