import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { RouteBackend } from './backend.ts';
import { certificatesOf } from './pem.ts';
import type { RouteReading } from './route-reading.ts';

/** TLS towards one Service, as one Route wants it. A Service can have one such policy only. */
export interface BackendTls {
  /** `namespace/service:port name`. */
  readonly target: string;
  /** Equal texts: the same verification. */
  readonly verification: string;
  readonly policy: KubernetesObject;
}

export interface ReencryptedBackends {
  readonly backends: readonly BackendTls[];
  /** The authorities, when the Route brings them. */
  readonly objects: readonly KubernetesObject[];
}

/** @returns undefined: it cannot be converted, which was told. Source: spec MG-14. */
export function reencryptedBackends(
  reading: RouteReading,
  backends: readonly RouteBackend[],
): ReencryptedBackends | undefined {
  const authority = authorityOf(reading);
  if (authority === undefined) return undefined;
  const { key, options } = reading;
  const { namespace } = key;
  const unique = backends.filter(
    ({ service, portName }, index) =>
      backends.findIndex((other) => other.service.name === service.name && other.portName === portName) === index,
  );
  return {
    objects: authority.objects,
    backends: unique.map(({ service, portName }) => {
      const hostname = options.backendHostname ?? `${service.name}.${namespace}.svc`;
      const suffix = unique.length === 1 ? '' : `-${service.name}`;
      return {
        target: `${namespace}/${service.name}:${portName ?? ''}`,
        verification: `${authority.identity} ${hostname}`,
        policy: {
          apiVersion: 'gateway.networking.k8s.io/v1',
          kind: 'BackendTLSPolicy',
          metadata: { name: `${key.name}-backend-tls${suffix}`, namespace },
          spec: {
            targetRefs: [
              {
                group: '',
                kind: 'Service',
                name: service.name,
                ...(portName === undefined ? {} : { sectionName: portName }),
              },
            ],
            validation: { ...authority.validation, hostname },
          },
        } as KubernetesObject,
      };
    }),
  };
}

interface Authority {
  /** Equal texts: the same authorities. */
  readonly identity: string;
  readonly validation: Readonly<Record<string, unknown>>;
  readonly objects: readonly KubernetesObject[];
}

function authorityOf({ route, key, options, tell }: RouteReading): Authority | undefined {
  const { destinationCACertificate = '' } = route.spec.tls ?? {};
  const field = 'spec.tls.destinationCACertificate';
  if (destinationCACertificate !== '') {
    if (certificatesOf(destinationCACertificate) === undefined) {
      tell('E303', field, 'holds no PEM certificate; not converted, since the backend would not be verified');
      return undefined;
    }
    if (options.backendHostname === undefined) {
      const text =
        'the router does not check the name in the certificate of the backend, a gateway does: confirm <service>.<namespace>.svc, or give --backend-hostname';
      tell('W303', field, text);
    }
    const name = `${key.name}-backend-ca`;
    const ca = `${destinationCACertificate.trim()}\n`;
    return {
      identity: ca,
      validation: configMapAuthority(name),
      objects: [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name, namespace: key.namespace },
          data: { 'ca.crt': ca },
        } as KubernetesObject,
      ],
    };
  }
  const { serviceCa } = options;
  if (serviceCa === undefined) {
    const text =
      'absent: authorities that the system trusts must have signed the certificate of the backend; the router trusts the service CA, or verifies nothing (--service-ca)';
    tell('W303', field, text);
    return { identity: 'System', validation: { wellKnownCACertificates: 'System' }, objects: [] };
  }
  if (serviceCa.namespace !== key.namespace) {
    const text = `a policy takes a ConfigMap of its own namespace: ${serviceCa.namespace}/${serviceCa.name} must be copied to ${key.namespace}, with its certificates in ca.crt`;
    tell('W303', field, text);
  }
  return { identity: `ConfigMap ${serviceCa.name}`, validation: configMapAuthority(serviceCa.name), objects: [] };
}

function configMapAuthority(name: string): Readonly<Record<string, unknown>> {
  return { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name }] };
}
