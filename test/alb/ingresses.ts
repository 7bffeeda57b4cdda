/** Ingresses of several hosts and paths, and the Rules that were made of them. */
import type { Ingress, Rule } from '@causeway/resources/kinds';
import type { Installation } from '../acceptance/installation.ts';

export interface PathOf {
  readonly path?: string;
  readonly pathType?: string;
  readonly service?: string;
  /** Number or name. */
  readonly port?: number | string;
}

export interface IngressOf {
  readonly namespace?: string;
  readonly className?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** By host; `''` for any. */
  readonly hosts?: Readonly<Record<string, readonly PathOf[]>>;
  readonly defaultService?: string;
  readonly tls?: NonNullable<Ingress['spec']>['tls'];
}

/** Paths are of type Prefix and go to port 80 of Service `app`, unless they say otherwise. */
export function ingressOf(name: string, options: IngressOf): Ingress {
  const { namespace = 'default', className, annotations, hosts = {}, defaultService, tls } = options;
  const rules = Object.entries(hosts).map(([host, paths]) => ({
    ...(host !== '' && { host }),
    http: { paths: paths.map(pathOf) },
  }));
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, ...(annotations !== undefined && { annotations }) },
    spec: {
      ...(className !== undefined && { ingressClassName: className }),
      ...(tls !== undefined && { tls }),
      ...(defaultService !== undefined && { defaultBackend: backendOf(defaultService, 80) }),
      ...(rules.length > 0 && { rules }),
    },
  };
}

function pathOf({ path = '/', pathType = 'Prefix', service = 'app', port = 80 }: PathOf) {
  return { ...(path !== '' && { path }), pathType, backend: backendOf(service, port) };
}

function backendOf(name: string, port: number | string) {
  return { service: { name, port: typeof port === 'number' ? { number: port } : { name: port } } };
}

/** The Rules of an Ingress, by Frontend and index: `alb-00080 0-1`. */
export async function rulesOf(home: Installation, ingress: string): Promise<Readonly<Record<string, Rule>>> {
  const rules = (await home.list('Rule')).filter(({ spec }) => spec.source?.name === ingress);
  const named = rules.map((rule): [string, Rule] => {
    const labels = rule.metadata.labels ?? {};
    return [`${labels['alb2.cpaas.io/frontend']} ${labels['alb2.cpaas.io/source-index']}`, rule];
  });
  return Object.fromEntries(named.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** `<alb>-<port, 5 digits>` */
export function frontendName(alb: string, port: number): string {
  return `${alb}-${String(port).padStart(5, '0')}`;
}
