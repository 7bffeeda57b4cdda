/** What ALBs refer to: Ingresses, Services, EndpointSlices, Secrets, classes. Source: the Kubernetes API. */
import { type BadInput, object } from './bad-input.ts';

const backend = { service: { name: 'app', port: { number: 80 } } };

function ingress(name: string, spec: object, says: string): BadInput {
  return { name: `Ingress: ${name}`, object: object('Ingress', 'networking.k8s.io/v1', 'default', { spec }), says };
}

function path(name: string, fields: object, says: string): BadInput {
  const paths = [{ path: '/bad-input', pathType: 'Prefix', backend, ...fields }];
  return ingress(name, { rules: [{ host: 'a.com', http: { paths } }] }, says);
}

function service(name: string, spec: object, says: string): BadInput {
  const valid = { ports: [{ port: 80 }] };
  return {
    name: `Service: ${name}`,
    object: object('Service', 'v1', 'default', { spec: { ...valid, ...spec } }),
    says,
  };
}

function endpoints(name: string, fields: object, says: string): BadInput {
  const valid = { addressType: 'IPv4', endpoints: [{ addresses: ['127.0.0.1'] }], ports: [{ port: 80 }] };
  return {
    name: `EndpointSlice: ${name}`,
    object: object('EndpointSlice', 'discovery.k8s.io/v1', 'default', { ...valid, ...fields }),
    says,
  };
}

function secret(name: string, fields: object, says: string): BadInput {
  return { name: `Secret: ${name}`, object: object('Secret', 'v1', 'default', fields), says };
}

export const REFERENCES: readonly BadInput[] = [
  ingress(
    'neither rules nor backend',
    {},
    'spec: Invalid value: []: either `defaultBackend` or `rules` must be specified',
  ),
  ingress(
    'rules are no list',
    { rules: {} },
    'spec.rules: Invalid value: "object": spec.rules in body must be of type array: "object"',
  ),
  ingress('no paths', { rules: [{ http: { paths: [] } }] }, 'spec.rules[0].http.paths: Required value'),
  ingress(
    'an address as host',
    { rules: [{ host: '10.0.0.1', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
    'spec.rules[0].host: Invalid value: "10.0.0.1": must be a DNS name, not an IP address',
  ),
  ingress(
    'a host in upper case',
    { rules: [{ host: 'A.com' }] },
    'spec.rules[0].host: Invalid value: "A.com": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric',
  ),
  ingress(
    'a host with a port',
    { rules: [{ host: 'a.com:80' }] },
    'spec.rules[0].host: Invalid value: "a.com:80": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric',
  ),
  ingress(
    'a star inside a host',
    { rules: [{ host: 'a.*.com' }] },
    'spec.rules[0].host: Invalid value: "a.*.com": a wildcard DNS-1123 subdomain must start with \'*.\', followed by a valid',
  ),
  ingress(
    'a host that is configuration',
    { rules: [{ host: 'a.com; } evil' }] },
    'spec.rules[0].host: Invalid value: "a.com; } evil": a lowercase RFC 1123 subdomain must consist of lower case',
  ),
  ingress(
    'a TLS host that is none',
    { defaultBackend: backend, tls: [{ hosts: ['a_b!'] }] },
    'spec.tls[0].hosts[0]: Invalid value: "a_b!": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric',
  ),
  ingress(
    'default backend without Service',
    { defaultBackend: {} },
    'spec.defaultBackend: Invalid value: "": resource or service backend is required',
  ),
  ingress(
    'class that is no name',
    { ingressClassName: 'A_B', defaultBackend: backend },
    'spec.ingressClassName: Invalid value: "A_B": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric',
  ),
  path(
    'a path without slash',
    { path: 'x' },
    'spec.rules[0].http.paths[0].path: Invalid value: "x": must be an absolute path',
  ),
  path('no path', { path: '' }, 'spec.rules[0].http.paths[0].path: Invalid value: "": must be an absolute path'),
  path('no pathType', { pathType: undefined }, 'spec.rules[0].http.paths[0].pathType: Required value'),
  path(
    'unknown pathType',
    { pathType: 'Regex' },
    'spec.rules[0].http.paths[0].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"',
  ),
  path(
    'two slashes',
    { path: '/a//b' },
    'spec.rules[0].http.paths[0].path: Invalid value: "/a//b": must not contain \'//\'',
  ),
  path(
    'dot segments',
    { path: '/a/../b' },
    'spec.rules[0].http.paths[0].path: Invalid value: "/a/../b": must not contain \'/../\'',
  ),
  path(
    'an encoded slash',
    { path: '/a%2fb' },
    'spec.rules[0].http.paths[0].path: Invalid value: "/a%2fb": must not contain \'%2f\'',
  ),
  path(
    'no backend',
    { backend: undefined },
    'spec.rules[0].http.paths[0].backend: Invalid value: "": resource or service backend is required',
  ),
  path(
    'no service port',
    { backend: { service: { name: 'app' } } },
    'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
  ),
  path(
    'service port by both ways',
    { backend: { service: { name: 'app', port: { number: 80, name: 'http' } } } },
    'spec.rules[0].http.paths[0].backend: Invalid value: "": cannot set both port name & port number',
  ),
  path(
    'service port 0',
    { backend: { service: { name: 'app', port: { number: 0 } } } },
    'spec.rules[0].http.paths[0].backend: Required value: port name or number is required',
  ),
  path(
    'service port 65536',
    { backend: { service: { name: 'app', port: { number: 65_536 } } } },
    'spec.rules[0].http.paths[0].backend.service.port.number: Invalid value: 65536: must be between 1 and 65535, inclusive',
  ),
  path(
    'service name',
    { backend: { service: { name: 'App_1', port: { number: 80 } } } },
    'spec.rules[0].http.paths[0].backend.service.name: Invalid value: "App_1": a DNS-1035 label must consist of lower case',
  ),
  path(
    'no service name',
    { backend: { service: { port: { number: 80 } } } },
    'spec.rules[0].http.paths[0].backend.service.name: Required value',
  ),
  service('no ports', { ports: [] }, 'spec.ports: Required value'),
  service(
    'port 0',
    { ports: [{ port: 0 }] },
    'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ),
  service(
    'port 65536',
    { ports: [{ port: 65_536 }] },
    'spec.ports[0].port: Invalid value: 65536: must be between 1 and 65535, inclusive',
  ),
  service('ports without names', { ports: [{ port: 80 }, { port: 81 }] }, 'spec.ports[0].name: Required value'),
  service(
    'one name twice',
    {
      ports: [
        { name: 'a', port: 80 },
        { name: 'a', port: 81 },
      ],
    },
    'spec.ports[1].name: Duplicate value: "a"',
  ),
  service(
    'name of a port',
    { ports: [{ name: 'A_B', port: 80 }] },
    'spec.ports[0].name: Invalid value: "A_B": a lowercase RFC 1123 label must consist of lower case alphanumeric characters',
  ),
  service(
    'protocol',
    { ports: [{ port: 80, protocol: 'QUIC' }] },
    'spec.ports[0].protocol: Unsupported value: "QUIC": supported values: "SCTP", "TCP", "UDP"',
  ),
  service(
    'target port',
    { ports: [{ port: 80, targetPort: 70_000 }] },
    'spec.ports[0].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ),
  service(
    'node port',
    { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] },
    'spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ),
  service(
    'type',
    { type: 'Internal' },
    'spec.type: Unsupported value: "Internal": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort"',
  ),
  service('no external name', { type: 'ExternalName' }, 'spec.externalName: Required value'),
  service(
    'external name',
    { type: 'ExternalName', externalName: 'a b' },
    'spec.externalName: Invalid value: "a b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric',
  ),
  service(
    'cluster address',
    { clusterIP: '1.2.3' },
    'spec.clusterIPs[0]: Invalid value: "1.2.3": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ),
  endpoints(
    'address type',
    { addressType: 'Unix' },
    'addressType: Unsupported value: "Unix": supported values: "FQDN", "IPv4", "IPv6"',
  ),
  endpoints('no address type', { addressType: undefined }, 'addressType: Required value'),
  endpoints(
    'an address that is none',
    { endpoints: [{ addresses: ['127.0.0.256'] }] },
    'endpoints[0].addresses[0]: Invalid value: "127.0.0.256": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
  ),
  endpoints(
    'IPv6 among IPv4',
    { endpoints: [{ addresses: ['::1'] }] },
    'endpoints[0].addresses: Invalid value: "::1": must be an IPv4 address',
  ),
  endpoints(
    'no addresses',
    { endpoints: [{ addresses: [] }] },
    'endpoints[0].addresses: Required value: must contain at least 1 address',
  ),
  endpoints(
    'name of a port',
    { ports: [{ name: 'A_B', port: 80 }] },
    'ports[0].name: Invalid value: "A_B": a lowercase RFC 1123 label must consist of lower case alphanumeric',
  ),
  endpoints(
    'link-local',
    { endpoints: [{ addresses: ['169.254.169.254'] }] },
    'endpoints[0].addresses[0]: Invalid value: "169.254.169.254": may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ),
  secret(
    'TLS without key',
    { type: 'kubernetes.io/tls', data: { 'tls.crt': 'YQ==' } },
    'data[tls.key]: Required value',
  ),
  secret('TLS without data', { type: 'kubernetes.io/tls' }, 'data[tls.crt]: Required value'),
  secret(
    'data that is no base64',
    { data: { a: '%%%' } },
    'data.a: Invalid value: "%%%": data.a in body must be of type byte: "%%%"',
  ),
  secret(
    'a key with a slash',
    { data: { 'a/b': 'YQ==' } },
    "data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g.",
  ),
  {
    name: 'IngressClass: controller',
    object: object('IngressClass', 'networking.k8s.io/v1', '', {
      metadata: { name: 'refused' },
      spec: { controller: 'a b' },
    }),
    says: 'spec.controller: Invalid value: "a b": must be a domain-prefixed path (such as "acme.io/foo")',
  },
  {
    name: 'Namespace: name',
    object: object('Namespace', 'v1', '', { metadata: { name: 'A_B' } }),
    says: 'metadata.name: Invalid value: "A_B": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or',
  },
];
