import type { KubernetesObject } from '@causeway/apis/meta/object';
import type { OpenShiftRouteSpec } from '@causeway/apis/openshift/route';
import { deepFreeze } from '@causeway/test/golden/cases';
import { expect } from 'vitest';
import { refusals } from '../../testing/storable.ts';
import { convertRoutes } from '../convert.ts';
import { DEFAULT_ROUTE_OPTIONS, type RouteOptions } from '../options.ts';

type Annotations = Readonly<Record<string, string>>;

export const H = 'haproxy.router.openshift.io/';
export const R = 'router.openshift.io/';

/** `demo/web`, which leads to port 8080 of Service `web`; `fields` come over its spec. */
export function route(
  annotations: Annotations = {},
  fields: object = {},
  name = 'web',
  namespace = 'demo',
): KubernetesObject {
  const spec: OpenShiftRouteSpec = { host: 'example.com', to: { name: 'web' }, port: { targetPort: 8080 }, ...fields };
  return {
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    metadata: { name, namespace, annotations },
    spec,
  } as KubernetesObject;
}

export function edge(annotations: Annotations = {}, fields: object = {}): KubernetesObject {
  return route(annotations, { tls: { termination: 'edge', ...fields } });
}

export function service(ports: readonly object[], name = 'web', namespace = 'demo'): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports } } as KubernetesObject;
}

/** Port 8080 under its own number: nothing is to be said about it. */
export const WEB = service([{ port: 8080 }]);

export interface Converted {
  readonly objects: readonly KubernetesObject[];
  /** `code field`, without what is said of every Route. */
  readonly told: readonly string[];
  readonly texts: readonly string[];
  /** `Kind namespace/name` */
  readonly names: readonly string[];
  /** A field of the one object of a kind, and perhaps name. */
  field(kind: string, path: string, name?: string): unknown;
  /** A field of the first rule of `web`. */
  rule(path: string): unknown;
}

const ALWAYS = ['I205', 'I302', 'I400'];

/** Whatever comes out must be something that the API server takes. */
export function converted(input: readonly KubernetesObject[], options: Partial<RouteOptions> = {}): Converted {
  const { objects, messages } = convertRoutes(deepFreeze([...input, ...(input.some(isService) ? [] : [WEB])]), {
    ...DEFAULT_ROUTE_OPTIONS,
    ...options,
  });
  expect(refusals(objects)).toEqual([]);
  const field = (kind: string, path: string, name?: string): unknown => {
    const found = objects.filter(
      (object) => object.kind === kind && (name ?? object.metadata.name) === object.metadata.name,
    );
    expect(found.length).toBeLessThan(2);
    return path
      .split('.')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], found[0]);
  };
  return {
    objects,
    told: messages.filter(({ code }) => !ALWAYS.includes(code)).map(({ code, field: where }) => `${code} ${where}`),
    texts: messages.map(({ code, object, field: where, text }) => `${code} ${object} ${where}: ${text}`),
    names: objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
    field,
    rule: (path) => field('HTTPRoute', `spec.rules.0${path === '' ? '' : `.${path}`}`, 'web'),
  };
}

function isService({ kind }: KubernetesObject): boolean {
  return kind === 'Service';
}
