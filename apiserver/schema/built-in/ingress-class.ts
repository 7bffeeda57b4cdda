import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import { objectAt, textAt } from '../json.ts';
import { qualifiedName } from '../names.ts';
import type { KindRules } from './rules.ts';

const MAX_CONTROLLER = 250;

/** Source: Kubernetes pkg/apis/networking/validation, ValidateIngressClass. */
export const ingressClassRules: KindRules = {
  validate(object, old) {
    const spec = objectAt(object, 'spec');
    const controller = textAt(spec, 'controller');
    const errors: FieldError[] = [];
    if (controller.length > MAX_CONTROLLER) errors.push(tooLong('spec.controller', MAX_CONTROLLER));
    if (controller !== '') {
      const problem = controller.includes('/')
        ? qualifiedName(`${controller.split('/')[0] ?? ''}/x`)
        : 'must be a domain-prefixed path (such as "acme.io/foo")';
      if (problem !== undefined) errors.push(invalid('spec.controller', controller, problem));
    }
    if (old !== undefined && textAt(objectAt(old, 'spec'), 'controller') !== controller) {
      errors.push(invalid('spec.controller', controller, 'field is immutable'));
    }
    const parameters = objectAt(spec, 'parameters');
    if (parameters !== undefined) {
      const namespace = textAt(parameters, 'namespace');
      if (textAt(parameters, 'scope') === 'Namespace') {
        if (namespace === '')
          errors.push(required('spec.parameters.namespace', "`parameters.scope` is set to 'Namespace'"));
      } else if (namespace !== '') {
        errors.push(forbidden('spec.parameters.namespace', "`parameters.scope` is set to 'Cluster'"));
      }
    }
    return errors;
  },
};
