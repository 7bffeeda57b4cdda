/**
 * What a run has in the API, as the run itself remembers it: every change goes into this model and to the API, so in the
 * end the model says what every worker must answer, without help of the code under test.
 */
import type { KindMap } from '@causeway/resources/kinds';
import { ALB, type AlbPorts, benchAlb } from '../control/objects.ts';

export const NAMESPACE = 'default';

/** A Service without selector; its endpoints are HTTP backends, by number. */
export interface ServiceModel {
  readonly name: string;
  first: number;
  /** In an EndpointSlice of its own, which comes and goes. */
  second: number | undefined;
}

/** A host name that a Rule or an Ingress serves. */
export interface SiteModel {
  readonly kind: 'Rule' | 'Ingress';
  readonly name: string;
  readonly host: string;
  service: ServiceModel;
  /** Whether the object is there. Only guests come and go; nobody sends them traffic before the end. */
  present: boolean;
  readonly guest: boolean;
  /** Name of its Secret: an Ingress with TLS. */
  readonly secret?: string;
}

export interface SecretModel {
  readonly name: string;
  /** Number of the certificate in it. */
  certificate: number;
}

export interface World {
  readonly services: readonly ServiceModel[];
  readonly sites: readonly SiteModel[];
  readonly secrets: readonly SecretModel[];
  /** Number of the TCP backend behind the TCP port. */
  readonly tcp: { backend: number };
}

export interface Certificate {
  readonly chainPem: string;
  readonly keyPem: string;
}

/** What does not change during a run. */
export interface Setting {
  readonly ports: AlbPorts & { readonly tcp: number };
  /** Ports of the backends, by number. */
  readonly http: readonly number[];
  readonly tcp: readonly number[];
  /** Each is valid for every site with TLS. */
  readonly certificates: readonly Certificate[];
}

export const TLS_NAMES = '*.tls.soak.example';

const SIZES = { services: 20, rules: 30, ingresses: 30, guests: 10, tls: 6 } as const;

export function newWorld(backends: number): World {
  const services = Array.from({ length: SIZES.services }, (_, index) => ({
    name: `s${index}`,
    first: index % backends,
    second: undefined,
  }));
  const sites: SiteModel[] = [];
  const add = (count: number, prefix: string, site: Pick<SiteModel, 'kind' | 'guest'>): void => {
    for (let index = 0; index < count; index += 1) {
      const name = `${prefix}${index}`;
      const service = services[index % services.length];
      if (service !== undefined) sites.push({ ...site, name, host: `${name}.soak.example`, service, present: true });
    }
  };
  add(SIZES.rules, 'rule', { kind: 'Rule', guest: false });
  add(SIZES.ingresses, 'ingress', { kind: 'Ingress', guest: false });
  add(SIZES.guests, 'guest-rule', { kind: 'Rule', guest: true });
  add(SIZES.guests, 'guest-ingress', { kind: 'Ingress', guest: true });
  const secrets = Array.from({ length: SIZES.tls }, (_, index) => ({ name: `secret${index}`, certificate: 0 }));
  for (const [index, { name: secret }] of secrets.entries()) {
    const service = services[index];
    const name = `tls${index}`;
    const host = `${name}.tls.soak.example`;
    if (service !== undefined) {
      sites.push({ kind: 'Ingress', name, host, service, present: true, guest: false, secret });
    }
  }
  return { services, sites, secrets, tcp: { backend: 0 } };
}

/** Numbers of the backends that may answer for a site. */
export function backendsOf({ service: { first, second } }: SiteModel): readonly number[] {
  return second === undefined || second === first ? [first] : [first, second];
}

/** Everything, in an order in which it can be created. */
export function* initialObjects(world: World, setting: Setting): Generator<KindMap[keyof KindMap]> {
  for (const service of world.services) yield* [serviceObject(service.name), sliceObject(service, 1, setting)];
  yield serviceObject('tcp');
  yield tcpSlice(world.tcp.backend, setting);
  for (const secret of world.secrets) yield secretObject(secret, setting);
  yield benchAlb(setting.ports);
  yield frontendObject(setting.ports.http, { protocol: 'http' });
  const services = [{ namespace: NAMESPACE, name: 'tcp', port: 80, weight: 100 }];
  yield frontendObject(setting.ports.tcp, { protocol: 'tcp', serviceGroup: { services } });
  for (const site of world.sites) yield siteObject(site, setting);
}

/** As the controllers would call it, had the first Ingress brought it. */
function frontendName(port: number): string {
  return `${ALB.name}-${String(port).padStart(5, '0')}`;
}

export function siteObject(site: SiteModel, { ports }: Setting): KindMap['Rule'] | KindMap['Ingress'] {
  return site.kind === 'Rule' ? ruleObject(site, ports.http) : ingressObject(site);
}

function ruleObject({ name, host, service }: SiteModel, port: number): KindMap['Rule'] {
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Rule',
    metadata: {
      namespace: ALB.namespace,
      name,
      labels: { 'alb2.cpaas.io/name': ALB.name, 'alb2.cpaas.io/frontend': frontendName(port) },
    },
    spec: {
      priority: 5,
      dslx: [{ type: 'HOST', values: [['EQ', host]] }],
      serviceGroup: { services: [{ namespace: NAMESPACE, name: service.name, port: 80, weight: 100 }] },
    },
  };
}

function ingressObject({ name, host, service, secret }: SiteModel): KindMap['Ingress'] {
  const backend = { service: { name: service.name, port: { number: 80 } } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { namespace: NAMESPACE, name },
    spec: {
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }],
      ...(secret !== undefined && { tls: [{ hosts: [host], secretName: secret }] }),
    },
  };
}

/** @param number 1 for the first endpoint, 2 for the second */
export function sliceObject(service: ServiceModel, number: 1 | 2, { http }: Setting): KindMap['EndpointSlice'] {
  const backend = number === 1 ? service.first : (service.second ?? service.first);
  return endpointSlice(service.name, number, http[backend] ?? 0);
}

export function tcpSlice(backend: number, { tcp }: Setting): KindMap['EndpointSlice'] {
  return endpointSlice('tcp', 1, tcp[backend] ?? 0);
}

function endpointSlice(service: string, number: 1 | 2, port: number): KindMap['EndpointSlice'] {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${service}-${number}`,
      namespace: NAMESPACE,
      labels: { 'kubernetes.io/service-name': service },
    },
    addressType: 'IPv4',
    ports: [{ name: 'http', port, protocol: 'TCP' }],
    endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
  };
}

export function secretObject({ name, certificate }: SecretModel, { certificates }: Setting): KindMap['Secret'] {
  const { chainPem, keyPem } = certificates[certificate] ?? { chainPem: '', keyPem: '' };
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE },
    type: 'kubernetes.io/tls',
    data: { 'tls.crt': base64(chainPem), 'tls.key': base64(keyPem) },
  };
}

function serviceObject(name: string): KindMap['Service'] {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace: NAMESPACE },
    spec: { ports: [{ name: 'http', port: 80, protocol: 'TCP', targetPort: 8080 }] },
  };
}

function frontendObject(port: number, spec: Omit<KindMap['Frontend']['spec'], 'port'>): KindMap['Frontend'] {
  return {
    apiVersion: 'crd.alauda.io/v1',
    kind: 'Frontend',
    metadata: {
      namespace: ALB.namespace,
      name: frontendName(port),
      labels: { 'alb2.cpaas.io/name': ALB.name },
    },
    spec: { port, ...spec },
  };
}
