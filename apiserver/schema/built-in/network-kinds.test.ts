import { BUILT_IN_KINDS } from '@causeway/apis/kubernetes/kinds';
import { describe, expect, test } from 'vitest';
import { loadBuiltInSchemas } from '../built-in.ts';
import { fieldErrorText } from '../field-error.ts';
import type { JsonObject } from '../json.ts';
import type { ObjectSchema } from '../object-schema.ts';

/*
 * What Ingresses, IngressClasses, EndpointSlices, Endpoints and Events are refused for. The words are those of Kubernetes 1.33, as
 * conformance/apiserver has recorded them.
 */

const schemas = loadBuiltInSchemas();

interface Case {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly object: JsonObject;
  readonly old?: JsonObject;
  readonly errors?: readonly string[];
  readonly warnings?: readonly string[];
}

function schemaOf({ kind, group }: Case): ObjectSchema {
  const names = BUILT_IN_KINDS.find((each) => each.kind === kind && (group === undefined || each.group === group));
  if (names === undefined) throw new Error(`no kind ${kind}`);
  return schemas.schemaOf(names);
}

function written(schema: ObjectSchema, object: JsonObject): JsonObject {
  const copy: JsonObject = { metadata: { name: 'x', namespace: 'n' }, ...structuredClone(object) };
  schema.prune(copy);
  schema.prepare(copy);
  schema.applyDefaults(copy);
  return copy;
}

const service = { name: 's', port: { number: 80 } };
const ruleTo = (backend: JsonObject): JsonObject => ({
  spec: { rules: [{ http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
});
const annotated = (value: string, spec: JsonObject): JsonObject => ({
  metadata: { name: 'x', annotations: { 'kubernetes.io/ingress.class': value } },
  spec: { defaultBackend: { service }, ...spec },
});
const secret = (secretName: string): JsonObject => ({ spec: { defaultBackend: { service }, tls: [{ secretName }] } });
const published = (ingress: JsonObject[]): JsonObject => ({
  ...ruleTo({ service }),
  status: { loadBalancer: { ingress } },
});
const slice = (addressType: string, addresses: string[], more: JsonObject = {}): JsonObject => ({
  addressType,
  endpoints: [{ addresses, ...more }],
});
const PATH = 'spec.rules[0].http.paths[0].backend';
const IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const LABEL =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

const ingresses: readonly Omit<Case, 'kind'>[] = [
  {
    name: 'no backend',
    object: ruleTo({}),
    errors: [`${PATH}: Invalid value: "": resource or service backend is required`],
  },
  {
    name: 'a port by name and number',
    object: ruleTo({ service: { name: 's', port: { number: 80, name: 'web' } } }),
    errors: [`${PATH}: Invalid value: "": cannot set both port name & port number`],
  },
  { name: 'a resource', object: ruleTo({ resource: { apiGroup: 'example.org', kind: 'Bucket', name: 'b' } }) },
  {
    name: 'a resource without a kind and with a name of two parts',
    object: ruleTo({ resource: { apiGroup: 'A B', kind: '', name: 'a/b' } }),
    errors: [
      `${PATH}.resource.apiGroup: Invalid value: "A B": ${SUBDOMAIN}`,
      `${PATH}.resource.kind: Required value: kind is required`,
      `${PATH}.resource.name: Invalid value: "a/b": may not contain '/'`,
    ],
  },
  {
    name: 'a Secret that cannot be',
    object: secret('T_'),
    errors: [`spec.tls[0].secretName: Invalid value: "T_": ${SUBDOMAIN}`],
  },
  { name: 'a Secret that could not be before either', object: secret('T_'), old: secret('U_') },
  { name: 'the class twice', object: annotated('a', { ingressClassName: 'a' }) },
  {
    name: 'two classes',
    object: annotated('b', { ingressClassName: 'a' }),
    errors: [
      'annotations.kubernetes.io/ingress.class: Invalid value: "b": must match `ingressClassName` when both are specified',
    ],
  },
  {
    name: 'the class by its annotation',
    object: annotated('b', {}),
    warnings: [`annotation "kubernetes.io/ingress.class" is deprecated, please use 'spec.ingressClassName' instead`],
  },
  { name: 'a change of one whose class is an annotation', object: annotated('b', {}), old: annotated('b', {}) },
  {
    name: 'addresses that are none',
    object: published([{ ip: 'x' }, { hostname: '10.0.0.1' }, { hostname: 'A_' }]),
    old: published([{ ip: '10.0.0.1' }]),
    errors: [
      `status.loadBalancer.ingress[0].ip: Invalid value: "x": ${IP}`,
      'status.loadBalancer.ingress[1].hostname: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
      `status.loadBalancer.ingress[2].hostname: Invalid value: "A_": ${SUBDOMAIN}`,
    ],
  },
];

const classes: readonly Omit<Case, 'kind'>[] = [
  { name: 'no controller', object: { spec: { controller: '' } }, errors: ['spec.controller: Required value'] },
  {
    name: 'a controller without a domain',
    object: { spec: { controller: 'c' } },
    errors: ['spec.controller: Invalid value: "c": must be a domain-prefixed path (such as "acme.io/foo")'],
  },
  {
    name: 'parameters of a namespace, which it does not name',
    object: { spec: { controller: 'a.b/c', parameters: { kind: 'K', name: 'n', scope: 'Namespace' } } },
    errors: ["spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"],
  },
];

const slices: readonly Omit<Case, 'kind'>[] = [
  { name: 'any number of a port', object: { addressType: 'IPv4', endpoints: [], ports: [{ port: 70_000 }] } },
  {
    name: 'ports before endpoints',
    object: { ...slice('IPv4', ['x']), ports: [{ name: 'A', protocol: 'X' }] },
    errors: [
      `ports[0].name: Invalid value: "A": ${LABEL}`,
      'ports[0].protocol: Unsupported value: "X": supported values: "SCTP", "TCP", "UDP"',
      `endpoints[0].addresses[0]: Invalid value: "x": ${IP}`,
    ],
  },
  {
    name: 'an address of IPv6 that could be shorter',
    object: slice('IPv6', ['2001:db8:0::1']),
    errors: ['endpoints[0].addresses[0]: Invalid value: "2001:db8:0::1": must be in canonical form ("2001:db8::1")'],
  },
  {
    name: 'the same where it was before',
    object: slice('IPv6', ['2001:db8:0::1']),
    old: slice('IPv6', ['2001:db8:0::1']),
    warnings: [
      'endpoints[0].addresses[0]: IPv6 address "2001:db8:0::1" should be in RFC 5952 canonical format ("2001:db8::1")',
    ],
  },
  {
    name: 'names',
    object: slice('FQDN', ['example.org.']),
    warnings: ['spec.addressType: FQDN endpoints are deprecated'],
  },
  {
    name: 'a name of one label',
    object: slice('FQDN', ['example']),
    errors: [
      'endpoints[0].addresses[0]: Invalid value: "example": should be a domain with at least two segments separated by dots',
    ],
  },
  {
    name: 'names of machines',
    object: slice('IPv4', ['10.0.0.1'], { nodeName: 'A_', hostname: 'b.c' }),
    errors: [
      `endpoints[0].nodeName: Invalid value: "A_": ${SUBDOMAIN}`,
      'endpoints[0].hostname: Invalid value: "b.c": must not contain dots',
    ],
  },
  {
    name: 'another type of addresses, where those that are there do not count',
    object: slice('IPv6', ['10.0.0.1']),
    old: slice('IPv4', ['10.0.0.1']),
    errors: ['addressType: Invalid value: "IPv6": field is immutable'],
  },
];

const endpoints: readonly Omit<Case, 'kind'>[] = [
  { name: 'this machine, at home', object: { subsets: [{ addresses: [{ ip: '127.0.0.1' }], ports: [{ port: 80 }] }] } },
  {
    name: 'addresses that lead nowhere',
    object: { subsets: [{ addresses: [{ ip: 'x' }, { ip: '169.254.1.1' }, { ip: '224.0.0.1' }, { ip: '0.0.0.0' }] }] },
    errors: [
      `subsets[0].addresses[0].ip: Invalid value: "x": ${IP}`,
      'subsets[0].addresses[0].ip: Invalid value: "x": must be a valid IP address',
      'subsets[0].addresses[1].ip: Invalid value: "169.254.1.1": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
      'subsets[0].addresses[2].ip: Invalid value: "224.0.0.1": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
      'subsets[0].addresses[3].ip: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)',
    ],
  },
];

const eventTime = '2020-01-01T00:00:00.000000Z';
const involvedObject = { kind: 'Pod', name: 'p', namespace: 'n' };
const mine = { reportingComponent: 'example.org/c', reportingInstance: 'i', action: 'A', reason: 'R', eventTime };
const note = {
  regarding: involvedObject,
  reportingController: 'example.org/c',
  reportingInstance: 'i',
  action: 'A',
  reason: 'R',
  type: 'Normal',
  eventTime,
};

const events: readonly Omit<Case, 'kind'>[] = [
  { name: 'about an object of its namespace', group: '', object: { involvedObject } },
  {
    name: 'about one of another',
    group: '',
    object: { involvedObject: { ...involvedObject, namespace: 'm' } },
    errors: ['involvedObject.namespace: Invalid value: "m": does not match event.namespace'],
  },
  {
    name: 'about one of none',
    group: '',
    object: { involvedObject: { kind: 'Node', name: 'n' } },
    errors: ['involvedObject.namespace: Invalid value: "": does not match event.namespace'],
  },
  {
    name: 'about one of none, where such are',
    group: '',
    object: { metadata: { name: 'x', namespace: 'default' }, involvedObject: { kind: 'Node', name: 'n' } },
  },
  {
    name: 'a new one that says too little',
    group: '',
    object: { involvedObject, eventTime, reportingInstance: 'i'.repeat(129), reportingComponent: 'c' },
    errors: [
      'reportingInstance: Invalid value: "": can have at most 128 characters',
      'action: Required value',
      'reason: Required value',
    ],
  },
  { name: 'a new one', group: '', object: { involvedObject, ...mine } },
  { name: 'one of events.k8s.io', group: 'events.k8s.io', object: note },
  {
    name: 'a series of one',
    group: 'events.k8s.io',
    object: { ...note, series: { count: 1 }, deprecatedCount: 3 },
    errors: [
      'series.count: Invalid value: "": should be at least 2',
      'series.lastObservedTime: Required value',
      'count: Invalid value: "": needs to be unset',
    ],
  },
  {
    name: 'one that says something else now',
    group: 'events.k8s.io',
    object: { ...note, note: 'b', series: { count: 2, lastObservedTime: eventTime } },
    old: { ...note, note: 'a' },
    errors: ['message: Invalid value: "b": field is immutable'],
  },
];

const cases: readonly Case[] = [
  ...ingresses.map((each) => ({ ...each, kind: 'Ingress' })),
  ...classes.map((each) => ({ ...each, kind: 'IngressClass' })),
  ...slices.map((each) => ({ ...each, kind: 'EndpointSlice' })),
  ...endpoints.map((each) => ({ ...each, kind: 'Endpoints' })),
  ...events.map((each) => ({ ...each, kind: 'Event' })),
];

describe.each(['Ingress', 'IngressClass', 'EndpointSlice', 'Endpoints', 'Event'])('%s', (kind) => {
  const own = cases.filter((each) => each.kind === kind);
  test.each(own.map((each) => [each.name, each] as const))('%s', (_name, each) => {
    const schema = schemaOf(each);
    const object = written(schema, each.object);
    const old = each.old === undefined ? undefined : written(schema, each.old);
    expect(schema.validate(object, old).map(fieldErrorText)).toEqual(each.errors ?? []);
    if (each.errors === undefined) expect(schema.warnings?.(object, old)).toEqual(each.warnings ?? []);
  });
});
