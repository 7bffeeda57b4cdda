import type { HTTPBackendRef } from '@causeway/apis/gateway-api/http-route';
import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import { fieldOf, type IngressReading } from './ingress-reading.ts';

export type IngressBackend = NonNullable<NonNullable<Ingress['spec']>['defaultBackend']>;

/** A Service of the Ingress by the number of its port; undefined: it cannot be told, which was. */
export function backendRef(
  { services, key, tell }: IngressReading,
  backend: IngressBackend,
  field: string,
): HTTPBackendRef | undefined {
  const { service } = backend;
  if (service === undefined) {
    tell('E503', field, 'only Services can be backends');
    return undefined;
  }
  const { number, name } = service.port ?? {};
  if (number !== undefined) return { name: service.name, port: number };
  const ports = services.ports({ namespace: key.namespace, name: service.name });
  const found = ports?.find((port) => port.name === name);
  if (found !== undefined) return { name: service.name, port: found.port };
  const title = `Service ${key.namespace}/${service.name}`;
  tell(
    'E504',
    `${field}.service.port`,
    ports === undefined ? `a name, and the input does not have ${title}` : `${title} has no port ${name}`,
  );
  return undefined;
}

/** TLS towards the Services of an Ingress whose backends speak it. */
export function backendTlsPolicies(reading: IngressReading, services: readonly string[]): readonly KubernetesObject[] {
  const { key, tell, reader } = reading;
  const protocol = (reading.ingress.metadata.annotations?.['nginx.ingress.kubernetes.io/backend-protocol'] ?? '')
    .trim()
    .toUpperCase();
  const field = fieldOf(reading, 'backend-protocol');
  if (protocol === 'GRPC' || protocol === 'GRPCS') {
    tell(
      'W507',
      field,
      'the ports of its Services need appProtocol kubernetes.io/h2c (GRPC), which Services say themselves',
    );
  } else if (!['', 'HTTP', 'HTTPS', 'AUTO_HTTP'].includes(protocol)) {
    tell('W508', field, `${JSON.stringify(protocol)} is not converted`);
  }
  if (protocol !== 'HTTPS' && protocol !== 'GRPCS') return [];
  const read = reader();
  const [secret = '', namespace = key.namespace] = (read.value('proxy-ssl-secret') ?? '').split('/').toReversed();
  const own = secret !== '' && namespace === key.namespace;
  const text = own
    ? 'a gateway verifies certificates of backends, with their names: confirm <service>.<namespace>.svc, or set proxy-ssl-name'
    : 'a gateway verifies certificates of backends, here by the authorities of the system; nginx does not unless it is told to';
  tell('W507', field, text);
  return [...new Set(services)].toSorted().map(
    (name) =>
      ({
        apiVersion: 'gateway.networking.k8s.io/v1',
        kind: 'BackendTLSPolicy',
        metadata: { name: `${name}-backend-tls`, namespace: key.namespace },
        spec: {
          targetRefs: [{ group: '', kind: 'Service', name }],
          validation: {
            ...(own
              ? { caCertificateRefs: [{ group: '', kind: 'Secret', name: secret }] }
              : { wellKnownCACertificates: 'System' }),
            hostname: read.value('proxy-ssl-name') ?? `${name}.${key.namespace}.svc`,
          },
        },
      }) as KubernetesObject,
  );
}
