import { isIP } from 'node:net';
import { child, element, type FieldError, invalid, required } from '../field-error.ts';
import { numberAt, objectsAt, textAt } from '../json.ts';
import { dnsLabel, portNumber } from '../names.ts';
import type { KindRules } from './rules.ts';

/** Source: Kubernetes pkg/apis/core/validation, ValidateEndpoints; loopback addresses are allowed at home (design, section 3). */
export const endpointsRules: KindRules = {
  validate(object) {
    const errors: FieldError[] = [];
    for (const [index, subset] of objectsAt(object, 'subsets').entries()) {
      const path = element('subsets', index);
      const lists = ['addresses', 'notReadyAddresses'];
      if (lists.every((list) => objectsAt(subset, list).length === 0)) {
        errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
      }
      for (const list of lists) {
        for (const [at, address] of objectsAt(subset, list).entries()) {
          const ip = textAt(address, 'ip');
          if (isIP(ip) !== 0) continue;
          const field = child(element(child(path, list), at), 'ip');
          errors.push(invalid(field, ip, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'));
        }
      }
      const ports = objectsAt(subset, 'ports');
      for (const [at, port] of ports.entries()) {
        const field = element(child(path, 'ports'), at);
        const name = textAt(port, 'name');
        if (name === '' && ports.length > 1) errors.push(required(child(field, 'name')));
        const nameProblem = name === '' ? undefined : dnsLabel(name);
        if (nameProblem !== undefined) errors.push(invalid(child(field, 'name'), name, nameProblem));
        const number = numberAt(port, 'port') ?? 0;
        const problem = portNumber(number);
        if (problem !== undefined) errors.push(invalid(child(field, 'port'), number, problem));
      }
    }
    return errors;
  },
};
