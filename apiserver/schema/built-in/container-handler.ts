import { child, type FieldError, forbidden, invalid, notSupported, required } from '../field-error.ts';
import { type JsonObject, listAt, objectAt, objectsAt, textAt } from '../json.ts';
import { negativeErrors } from './amount.ts';
import { portReferenceErrors } from './service-ports.ts';

/* What asks or tells a container something. Source: Kubernetes pkg/apis/core/validation, validateHandler, validateProbe. */

const SCHEMES = ['HTTP', 'HTTPS'];
const HEADER = /^[-A-Za-z0-9]+$/;
const HEADER_SENTENCE =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";

/** Ways to reach a container, of which a handler has exactly one: what is wrong with each. */
const HANDLERS: Readonly<Record<string, (handler: JsonObject, path: string) => readonly FieldError[]>> = {
  exec: (handler, path) => (listAt(handler, 'command').length === 0 ? [required(child(path, 'command'))] : []),
  httpGet: httpErrors,
  tcpSocket: (handler, path) => portReferenceErrors(handler['port'] ?? 0, child(path, 'port')),
  grpc: (handler, path) => portReferenceErrors(handler['port'] ?? 0, child(path, 'port')),
  sleep: () => [],
};

export function handlerErrors(handler: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  let found = false;
  for (const [key, check] of Object.entries(HANDLERS)) {
    const each = objectAt(handler, key);
    if (each === undefined) continue;
    const at = child(path, key);
    if (found) errors.push(forbidden(at, 'may not specify more than 1 handler type'));
    else errors.push(...check(each, at));
    found = true;
  }
  return found ? errors : [required(path, 'must specify a handler type')];
}

export function probeErrors(probe: JsonObject, path: string): readonly FieldError[] {
  const grace = probe['terminationGracePeriodSeconds'];
  return [
    ...handlerErrors(probe, path),
    ...negativeErrors(probe, path, [
      'initialDelaySeconds',
      'timeoutSeconds',
      'periodSeconds',
      'successThreshold',
      'failureThreshold',
    ]),
    ...(typeof grace === 'number' && grace <= 0
      ? [invalid(child(path, 'terminationGracePeriodSeconds'), grace, 'must be greater than 0')]
      : []),
  ];
}

function httpErrors(handler: JsonObject, path: string): readonly FieldError[] {
  const scheme = textAt(handler, 'scheme');
  return [
    ...portReferenceErrors(handler['port'] ?? 0, child(path, 'port')),
    ...(scheme === '' || SCHEMES.includes(scheme) ? [] : [notSupported(child(path, 'scheme'), scheme, SCHEMES)]),
    ...objectsAt(handler, 'httpHeaders').flatMap((header) => {
      const name = textAt(header, 'name');
      return HEADER.test(name) ? [] : [invalid(child(path, 'httpHeaders'), name, HEADER_SENTENCE)];
    }),
  ];
}
