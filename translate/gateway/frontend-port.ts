import type { Frontend, FrontendProtocol } from '@causeway/apis/gateway/frontend';
import { LABEL_ALB } from '@causeway/apis/gateway/labels';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';

/** Key of the ALB2 that an object's label names; undefined without label. */
export function albOf(object: { readonly metadata: Frontend['metadata'] }): ObjectKey | undefined {
  const name = object.metadata.labels?.[LABEL_ALB] ?? '';
  return name === '' ? undefined : { namespace: object.metadata.namespace ?? '', name };
}

/**
 * The Frontend that serves a port of an ALB, whatever its name; of several the oldest, then the first by name.
 *
 * @param transport tcp and udp do not get in each other's way
 */
export function frontendOfPort(
  view: View,
  alb: ObjectKey,
  port: number,
  transport: 'tcp' | 'udp' = 'tcp',
): Frontend | undefined {
  let first: Frontend | undefined;
  for (const frontend of view.by('Frontend', 'albPort', `${objectKeyText(alb)}:${port}`)) {
    if (transportOf(frontend.spec.protocol) !== transport) continue;
    // Lists are sorted by name already.
    if (first === undefined || created(frontend) < created(first)) first = frontend;
  }
  return first;
}

export function transportOf(protocol: FrontendProtocol): 'tcp' | 'udp' {
  return protocol === 'udp' ? 'udp' : 'tcp';
}

/** grpc with a certificate means TLS, as grpcs does (spec ALB 2.2, decision). */
export function listenerProtocol({ spec }: Frontend): FrontendProtocol {
  return spec.protocol === 'grpc' && (spec.certificate_name ?? '') !== '' ? 'grpcs' : spec.protocol;
}

export function speaksTls(protocol: FrontendProtocol): boolean {
  return protocol === 'https' || protocol === 'grpcs';
}

/** What backends speak when nothing is said (spec ALB 2.2). */
export function defaultBackendProtocol({ spec }: Frontend): 'http' | 'grpc' {
  return spec.protocol === 'grpc' || spec.protocol === 'grpcs' ? 'grpc' : 'http';
}

/** `00080`: ports in names have five digits. */
export function frontendName(alb: string, port: number): string {
  return `${alb}-${String(port).padStart(5, '0')}`;
}

export function isFrontend(a: Frontend, b: Frontend): boolean {
  return objectKeyText(keyOf(a)) === objectKeyText(keyOf(b));
}

function created(frontend: Frontend): string {
  // RFC 3339 in UTC sorts as text; one that is not stored yet is the youngest.
  return frontend.metadata.creationTimestamp ?? '9';
}
