import type { JsonObject, JsonValue } from '@causeway/apiserver/schema/json';
import type { EventsStep, RequestStep, Sequence, Step, WatchStep } from '../sequence.ts';

type Options = Omit<Partial<RequestStep>, 'method' | 'path'>;

export const APPLY = 'application/apply-patch+yaml';
export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';
export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
export const METADATA_ONLY = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';
export const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io';

export const get = (path: string, options: Options = {}): RequestStep => ({ method: 'GET', path, ...options });
export const post = (path: string, body: JsonValue, options: Options = {}): RequestStep => ({
  method: 'POST',
  path,
  body,
  ...options,
});
export const put = (path: string, body: JsonValue, options: Options = {}): RequestStep => ({
  method: 'PUT',
  path,
  body,
  ...options,
});
export const patch = (path: string, contentType: string, body: JsonValue, options: Options = {}): RequestStep => ({
  method: 'PATCH',
  path,
  contentType,
  body,
  ...options,
});
export const remove = (path: string, body?: JsonValue, options: Options = {}): RequestStep => ({
  method: 'DELETE',
  path,
  ...(body === undefined ? {} : { body }),
  ...options,
});
export const watch = (name: string, path: string, accept?: string): WatchStep => ({
  watch: name,
  path,
  ...(accept === undefined ? {} : { accept }),
});
export const events = (name: string, count: number): EventsStep => ({ events: name, count });
export const sequence = (name: string, ...steps: readonly Step[]): Sequence => ({ name, steps });

/** Where objects of a kind of this sequence's namespace are. */
export const core = (plural: string, rest = ''): string => `/api/v1/namespaces/<<ns>>/${plural}${rest}`;
export const grouped = (groupVersion: string, plural: string, rest = ''): string =>
  `/apis/${groupVersion}/namespaces/<<ns>>/${plural}${rest}`;

/** `{ apiVersion, kind, metadata: { name, ...metadata }, ...rest }` */
export function object(
  apiVersion: string,
  kind: string,
  name: string,
  rest: JsonObject = {},
  metadata: JsonObject = {},
): JsonObject {
  return { apiVersion, kind, metadata: { name, ...metadata }, ...rest };
}

export const configMap = (name: string, data: JsonObject = { a: '1' }, metadata: JsonObject = {}): JsonObject =>
  object('v1', 'ConfigMap', name, { data }, metadata);

export const service = (name: string, spec: JsonObject = {}): JsonObject =>
  object('v1', 'Service', name, { spec: { selector: { app: 'a' }, ports: [{ port: 80 }], ...spec } });

export const deployment = (name: string, spec: JsonObject = {}, containers: JsonValue = [CONTAINER]): JsonObject =>
  object('apps/v1', 'Deployment', name, {
    spec: {
      selector: { matchLabels: { app: 'a' } },
      template: { metadata: { labels: { app: 'a' } }, spec: { containers } },
      ...spec,
    },
  });

export const CONTAINER: JsonObject = { name: 'main', image: 'example.org/main:1' };

export const pod = (name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject =>
  object('v1', 'Pod', name, { spec: { containers: [CONTAINER], ...spec } }, metadata);

export const ingress = (name: string, spec: JsonObject): JsonObject =>
  object('networking.k8s.io/v1', 'Ingress', name, { spec });

export const DEPLOYMENTS = grouped('apps/v1', 'deployments');
export const INGRESSES = grouped('networking.k8s.io/v1', 'ingresses');
export const CONFIG_MAPS = core('configmaps');
export const SERVICES = core('services');
export const PODS = core('pods');

/** A sequence that creates one object after the other. */
export const creations = (name: string, list: string, bodies: readonly JsonObject[]): Sequence =>
  sequence(name, ...bodies.map((body) => post(list, body)));
