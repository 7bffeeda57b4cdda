import type { KubernetesObject } from '@causeway/apis/meta/object';
import { keyPairMistake } from './pem.ts';
import type { RouteReading } from './route-reading.ts';

/** What clients of a Route are shown. */
export interface RouteCertificate {
  /** In the namespace of the Route; absent: the default of the listener. */
  readonly secret?: string;
  /** The Secret itself, when the Route brings its content. */
  readonly objects: readonly KubernetesObject[];
}

/** Of a Route that ends TLS at the gateway. Source: spec MG-13. */
export function routeCertificate({ route, key, options, gateway, tell }: RouteReading): RouteCertificate {
  const { certificate = '', key: privateKey = '', caCertificate = '', externalCertificate } = route.spec.tls ?? {};
  if (externalCertificate !== undefined && externalCertificate.name !== '') {
    return { secret: externalCertificate.name, objects: grants(externalCertificate.name) };
  }
  if (certificate === '' && privateKey === '') {
    tell('I302', 'spec.tls.certificate', `absent: the first certificate of listener ${options.httpsListener} is shown`);
    return { objects: [] };
  }
  const mistake = keyPairMistake(certificate, privateKey);
  if (mistake !== undefined) {
    tell(
      'E301',
      'spec.tls',
      `${mistake}; no Secret written, the first certificate of listener ${options.httpsListener} is shown`,
    );
    return { objects: [] };
  }
  const name = `${key.name}-tls`;
  if (!options.emitGateway) {
    const text = `add Secret ${key.namespace}/${name} to the certificateRefs of listener ${options.httpsListener} of Gateway ${gateway.namespace}/${gateway.name}`;
    tell('I301', 'spec.tls.certificate', text);
  }
  const chain = [certificate, caCertificate].filter((pem) => pem !== '').map((pem) => `${pem.trim()}\n`);
  const secret = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: key.namespace },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(chain.join('')), 'tls.key': base64(`${privateKey.trim()}\n`) },
  };
  return { secret: name, objects: [secret, ...grants(name)] };

  /** A Gateway of another namespace needs leave to read the Secret. */
  function grants(name: string): readonly KubernetesObject[] {
    if (gateway.namespace === key.namespace) return [];
    const grant = {
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      kind: 'ReferenceGrant',
      metadata: { name: `${key.name}-certificate`, namespace: key.namespace },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: gateway.namespace }],
        to: [{ group: '', kind: 'Secret', name }],
      },
    };
    return [grant];
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
