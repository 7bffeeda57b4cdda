import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { describe, expect, test } from 'vitest';
import { loadBuiltInSchemas } from './built-in.ts';
import { fieldErrorText } from './field-error.ts';
import type { JsonObject } from './json.ts';
import type { ObjectSchema } from './object-schema.ts';

const schemas = loadBuiltInSchemas();

function schemaOf(kind: string): ObjectSchema {
  const names = BUILT_IN_KINDS.find((each) => each.kind === kind);
  if (names === undefined) throw new Error(kind);
  return schemas.schemaOf(names);
}

/** What a create does to an object. */
function written(kind: string, object: JsonObject): JsonObject {
  const schema = schemaOf(kind);
  const copy: JsonObject = structuredClone({ apiVersion: 'v1', kind, metadata: { name: 'x' }, ...object });
  schema.prune(copy);
  schema.prepare(copy);
  schema.applyDefaults(copy);
  return copy;
}

function errorsOf(kind: string, object: JsonObject, old?: JsonObject): readonly string[] {
  const before = old === undefined ? undefined : written(kind, old);
  return schemaOf(kind).validate(written(kind, object), before).map(fieldErrorText);
}

test('every built-in kind has a schema with descriptions', () => {
  for (const kind of BUILT_IN_KINDS) {
    expect(schemas.schemaOf(kind).structural.description, kind.kind).not.toBe('');
  }
});

describe('defaults', () => {
  test('of a Service', () => {
    expect(written('Service', { spec: { ports: [{ port: 80 }] } })['spec']).toEqual({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }],
    });
  });

  test('what Go clients send for nothing is dropped', () => {
    const object = written('Service', {
      metadata: { name: 'x', creationTimestamp: null },
      spec: { type: '', ports: [{ port: 80, protocol: '', targetPort: 0 }], selector: null },
    });
    expect(object['metadata']).toEqual({ name: 'x' });
    expect(object['spec']).toMatchObject({ type: 'ClusterIP', ports: [{ port: 80, targetPort: 80, protocol: 'TCP' }] });
  });

  test('of a Deployment', () => {
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i:1' }] } };
    expect(written('Deployment', { spec: { selector: { matchLabels: { a: 'b' } }, template } })).toMatchObject({
      spec: {
        replicas: 1,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: { spec: { restartPolicy: 'Always', containers: [{ imagePullPolicy: 'IfNotPresent' }] } },
      },
    });
  });

  test('stringData of a Secret goes into data', () => {
    const secret = written('Secret', { data: { a: 'QQ==' }, stringData: { a: 'b', c: 'd' } });
    expect(secret).toMatchObject({ type: 'Opaque', data: { a: 'Yg==', c: 'ZA==' } });
    expect(secret).not.toHaveProperty('stringData');
  });

  test('a Namespace is labelled with its name', () => {
    expect(written('Namespace', {})).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': 'x' } },
      status: { phase: 'Active' },
    });
  });
});

const rule = (path: JsonObject): JsonObject => ({ spec: { rules: [{ http: { paths: [path] } }] } });
const backend = { service: { name: 'web', port: { number: 80 } } };
const container = { name: 'c', image: 'i' };

const cases: readonly { name: string; kind: string; object: JsonObject; old?: JsonObject; want: readonly string[] }[] =
  [
    { name: 'a Service', kind: 'Service', object: { spec: { ports: [{ port: 1 }] } }, want: [] },
    {
      name: 'a headless Service without ports',
      kind: 'Service',
      object: { spec: { clusterIP: 'None', clusterIPs: ['None'] } },
      want: [],
    },
    { name: 'a Service without ports', kind: 'Service', object: { spec: {} }, want: ['spec.ports: Required value'] },
    {
      name: 'names and numbers of Service ports',
      kind: 'Service',
      object: { spec: { ports: [{ port: 0 }, { port: 80, name: 'a' }, { port: 80, name: 'a' }] } },
      want: [
        'spec.ports[0].name: Required value',
        'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
        'spec.ports[2].name: Duplicate value: "a"',
        'spec.ports[2]: Duplicate value: {"port":80,"protocol":"TCP"}',
      ],
    },
    {
      name: 'ExternalName needs a name',
      kind: 'Service',
      object: { spec: { type: 'ExternalName' } },
      want: ['spec.externalName: Required value'],
    },
    { name: 'an Ingress', kind: 'Ingress', object: rule({ path: '/', pathType: 'Prefix', backend }), want: [] },
    {
      name: 'an Ingress with nothing',
      kind: 'Ingress',
      object: { spec: {} },
      want: ['spec: Invalid value: []: either `defaultBackend` or `rules` must be specified'],
    },
    {
      name: 'no pathType',
      kind: 'Ingress',
      object: rule({ path: '/', backend }),
      want: ['spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified'],
    },
    {
      name: 'a relative path',
      kind: 'Ingress',
      object: rule({ path: 'x', pathType: 'Exact', backend }),
      want: ['spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path'],
    },
    {
      name: 'no port of a backend',
      kind: 'Ingress',
      object: rule({ path: '/', pathType: 'Exact', backend: { service: { name: 'web' } } }),
      want: ['spec.rules[0].http.paths[0].backend: Required value: port name or number is required'],
    },
    {
      name: 'a loopback address, which a cluster refuses, is a backend at home',
      kind: 'EndpointSlice',
      object: { addressType: 'IPv4', endpoints: [{ addresses: ['127.0.0.1'] }], ports: [{ port: 80 }] },
      want: [],
    },
    {
      name: 'addresses of the wrong family',
      kind: 'EndpointSlice',
      object: { addressType: 'IPv4', endpoints: [{ addresses: ['::1'] }] },
      want: ['endpoints[0].addresses: Invalid value: "::1": must be an IPv4 address'],
    },
    {
      name: 'a link-local address',
      kind: 'EndpointSlice',
      object: { addressType: 'IPv4', endpoints: [{ addresses: ['169.254.169.254'] }] },
      want: [
        'endpoints[0].addresses[0]: Invalid value: "169.254.169.254": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      ],
    },
    {
      name: 'the address type cannot change',
      kind: 'EndpointSlice',
      object: { addressType: 'IPv6', endpoints: [] },
      old: { addressType: 'IPv4', endpoints: [] },
      want: ['addressType: Invalid value: "IPv6": field is immutable'],
    },
    {
      name: 'a TLS Secret needs its keys',
      kind: 'Secret',
      object: { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } },
      want: ['data[tls.key]: Required value'],
    },
    {
      name: 'data that is no base64',
      kind: 'Secret',
      object: { data: { a: '!' } },
      want: ['data.a: Invalid value: "!": data.a in body must be of type byte: "!"'],
    },
    {
      name: 'an immutable ConfigMap',
      kind: 'ConfigMap',
      object: { immutable: true, data: { a: '2' } },
      old: { immutable: true, data: { a: '1' } },
      want: ['data: Forbidden: field is immutable when `immutable` is set'],
    },
    {
      name: 'a selector that misses its own Pods',
      kind: 'Deployment',
      object: { spec: { selector: { matchLabels: { a: 'b' } }, template: { spec: { containers: [container] } } } },
      want: ['spec.template.metadata.labels: Invalid value: {}: `selector` does not match template `labels`'],
    },
    {
      name: 'a Pod without containers',
      kind: 'Pod',
      object: { spec: { containers: [] } },
      want: ['spec.containers: Required value'],
    },
    {
      name: 'a Pod that changes',
      kind: 'Pod',
      object: { spec: { containers: [{ ...container, image: 'other' }] } },
      old: { spec: { containers: [container] } },
      want: [],
    },
    {
      name: 'a controller cannot change',
      kind: 'IngressClass',
      object: { spec: { controller: 'a.b/c' } },
      old: { spec: { controller: 'a.b/d' } },
      want: ['spec.controller: Invalid value: "a.b/c": field is immutable'],
    },
    {
      name: 'labels',
      kind: 'ConfigMap',
      object: { metadata: { name: 'x', labels: { 'a b': 'ok' } } },
      want: [
        "metadata.labels: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      ],
    },
  ];

describe('validation', () => {
  for (const c of cases) test(c.name, () => expect(errorsOf(c.kind, c.object, c.old)).toEqual(c.want));
});

describe('CustomResourceDefinitions', () => {
  const crd = (change: (spec: JsonObject, version: JsonObject) => void): readonly string[] => {
    const version: JsonObject = {
      name: 'v1',
      served: true,
      storage: true,
      schema: { openAPIV3Schema: { type: 'object' } },
    };
    const spec: JsonObject = {
      group: 'a.b',
      scope: 'Namespaced',
      names: { plural: 'xs', kind: 'X' },
      versions: [version],
    };
    change(spec, version);
    return errorsOf('CustomResourceDefinition', { metadata: { name: 'xs.a.b' }, spec });
  };
  const schemaErrors = (fields: JsonObject): readonly string[] =>
    crd((_spec, version) => {
      version['schema'] = { openAPIV3Schema: { type: 'object', properties: fields } };
    }).map((text) => text.replace('spec.validation.openAPIV3Schema.', ''));

  test('a small one is fine', () => expect(crd(() => {})).toEqual([]));
  test('its name follows from plural and group', () =>
    expect(crd((spec) => Object.assign(spec, { group: 'c.d' }))).toEqual([
      'metadata.name: Invalid value: "xs.a.b": must be spec.names.plural+"."+spec.group',
    ]));
  test('exactly one version is stored', () =>
    expect(crd((_spec, version) => Object.assign(version, { storage: false }))).toEqual([
      'spec.versions: Invalid value: [{"name":"v1","served":true,"storage":false}]: must have exactly one version marked as storage version',
      'status.storedVersions: Invalid value: []: must have at least one stored version',
    ]));
  test('a schema is required', () =>
    expect(crd((_spec, version) => delete version['schema'])).toEqual([
      'spec.versions[0].schema.openAPIV3Schema: Required value: schemas are required',
    ]));
  test('types are required', () =>
    expect(schemaErrors({ a: {} })).toEqual([
      'properties[a].type: Required value: must not be empty for specified object fields',
    ]));
  test('what is inside oneOf only checks values', () =>
    expect(schemaErrors({ a: { type: 'string', oneOf: [{ type: 'string' }] } })).toEqual([
      'properties[a].oneOf[0].type: Forbidden: must be empty to be structural',
    ]));
  test('a number or a text may say so in the usual way', () =>
    expect(
      schemaErrors({ a: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } }),
    ).toEqual([]));
  test('patterns are RE2', () =>
    expect(schemaErrors({ a: { type: 'string', pattern: '(?=x)' } })[0]).toContain(
      'must be a valid regular expression',
    ));
  test('a default fits its schema', () =>
    expect(schemaErrors({ a: { type: 'integer', default: 'x' } })[0]).toContain(
      'properties[a].default: Invalid value: "string":  in body must be of type integer',
    ));
  test('keys of a list that is a map are required', () =>
    expect(
      schemaErrors({
        a: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', properties: { k: { type: 'string' } } },
        },
      })[0],
    ).toContain('it must have a default or be a required property'));
});
