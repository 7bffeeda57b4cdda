import { type FieldError, forbidden, invalid, required, tooLong } from '../field-error.ts';
import { objectAt, textAt } from '../json.ts';
import { dnsLabel, dnsSubdomain } from '../names.ts';
import type { KindRules } from './rules.ts';
import { typedReferenceErrors } from './typed-reference.ts';

const MAX_CONTROLLER = 250;
const CONTROLLER = 'spec.controller';
const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";

/** Source: Kubernetes pkg/apis/networking/validation, ValidateIngressClass. */
export const ingressClassRules: KindRules = {
  validate(object, old) {
    const spec = objectAt(object, 'spec');
    const controller = textAt(spec, 'controller');
    const errors: FieldError[] = [];
    if (old !== undefined && textAt(objectAt(old, 'spec'), 'controller') !== controller) {
      errors.push(invalid(CONTROLLER, controller, 'field is immutable'));
    }
    if (controller.length > MAX_CONTROLLER) errors.push(tooLong(CONTROLLER, MAX_CONTROLLER));
    errors.push(...prefixedPathErrors(controller));
    const parameters = objectAt(spec, 'parameters');
    if (parameters === undefined) return errors;
    errors.push(...typedReferenceErrors(parameters, 'spec.parameters'));
    const namespace = parameters['namespace'];
    const field = 'spec.parameters.namespace';
    switch (textAt(parameters, 'scope')) {
      case 'Namespace': {
        if (typeof namespace !== 'string') {
          errors.push(required(field, "`parameters.scope` is set to 'Namespace'"));
          break;
        }
        const problem = dnsLabel(namespace);
        if (problem !== undefined) errors.push(invalid(field, namespace, problem));
        break;
      }
      case 'Cluster':
        if (namespace !== undefined) errors.push(forbidden(field, "`parameters.scope` is set to 'Cluster'"));
        break;
      default: // the schema speaks of it
    }
    return errors;
  },
};

/** `example.com/name`. Source: apimachinery pkg/util/validation, IsDomainPrefixedPath. */
function prefixedPathErrors(text: string): readonly FieldError[] {
  if (text === '') return [required(CONTROLLER)];
  const at = text.indexOf('/');
  const [domain, path] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  if (domain === '' || path === '') {
    return [invalid(CONTROLLER, text, 'must be a domain-prefixed path (such as "acme.io/foo")')];
  }
  const errors: FieldError[] = [];
  const problem = dnsSubdomain(domain);
  if (problem !== undefined) errors.push(invalid(CONTROLLER, domain, problem));
  if (!new RegExp(`^${HTTP_PATH}$`).test(path)) {
    errors.push(invalid(CONTROLLER, path, `Invalid path (regex used for validation is '${HTTP_PATH}')`));
  }
  return errors;
}
