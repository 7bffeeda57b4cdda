/** Ports: spec ALB section 2.2, ALB-04, ALB-105, section 9. */
import { ALB } from '../lab.ts';
import { type BadInput, frontend } from './bad-input.ts';

const group = { services: [{ namespace: 'default', name: 'app', port: 80 }] };

function layer4(name: string, spec: object, says: string): BadInput {
  return frontend(name, { protocol: 'tcp', serviceGroup: group, ...spec }, says);
}

function keepalive(name: string, settings: object, says: string): BadInput {
  return frontend(name, { config: { keepalive: settings } }, says);
}

/** @param ports those that are in use already */
export function frontends(ports: {
  readonly web: number;
  readonly layer4: number;
  readonly metrics: number;
}): readonly BadInput[] {
  return [
    frontend('no port', { port: undefined }, 'spec.port: Required value'),
    frontend(
      'port 0',
      { port: 0 },
      'spec.port: Invalid value: 0: spec.port in body should be greater than or equal to 1',
    ),
    frontend(
      'port 70000',
      { port: 70_000 },
      'spec.port: Invalid value: 70000: spec.port in body should be less than or equal to 65535',
    ),
    frontend(
      'port below 0',
      { port: -80 },
      'spec.port: Invalid value: -80: spec.port in body should be greater than or equal to 1',
    ),
    frontend(
      'port is a text',
      { port: '80' },
      'spec.port: Invalid value: "string": spec.port in body must be of type integer: "string"',
    ),
    frontend(
      'port with a fraction',
      { port: 80.5 },
      'spec.port: Invalid value: "number": spec.port in body must be of type integer: "number"',
    ),
    frontend('no protocol', { protocol: undefined }, 'spec.protocol: Required value'),
    frontend(
      'unknown protocol',
      { protocol: 'ftp' },
      'spec.protocol: Unsupported value: "ftp": supported values: "http", "https", "grpc", "grpcs", "tcp", "udp"',
    ),
    frontend(
      'protocol in upper case',
      { protocol: 'HTTP' },
      'spec.protocol: Unsupported value: "HTTP": supported values: "http", "https", "grpc", "grpcs", "tcp", "udp"',
    ),
    frontend(
      'grpcs without certificate',
      { protocol: 'grpcs' },
      'spec.certificate_name: Required value: grpcs needs a certificate',
    ),
    frontend(
      'certificate without namespace',
      { protocol: 'https', certificate_name: 'tls' },
      'spec.certificate_name: Invalid value: "tls": must be "namespace/name" of a Secret',
    ),
    frontend(
      'certificate with a path',
      { protocol: 'https', certificate_name: '../etc/passwd' },
      'spec.certificate_name: Invalid value: "../etc/passwd": must be "namespace/name" of a Secret',
    ),
    frontend(
      'backend protocol',
      { backendProtocol: 'gopher' },
      'spec.backendProtocol: Unsupported value: "gopher": supported values: "", "http", "https", "grpc", "grpcs"',
    ),
    frontend(
      'the port of another Frontend',
      { port: ports.web },
      `spec.port: Invalid value: ${ports.web}: TCP port already used by Frontend "web" of ALB "alb"`,
    ),
    frontend(
      'tcp on the port of http',
      { port: ports.web, protocol: 'tcp', serviceGroup: group },
      `spec.port: Invalid value: ${ports.web}: TCP port already used by Frontend "web" of ALB "alb"`,
    ),
    frontend(
      'http on the port of tcp',
      { port: ports.layer4 },
      `spec.port: Invalid value: ${ports.layer4}: TCP port already used by Frontend "layer4" of ALB "alb"`,
    ),
    frontend(
      'the port of the metrics',
      { port: ports.metrics },
      `spec.port: Invalid value: ${ports.metrics}: metricsPort of ALB "alb"`,
    ),
    frontend(
      'a name that fits no label',
      {},
      'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters, so that Rules can name it in a label',
      { name: 'a'.repeat(64) },
    ),
    frontend(
      'a name that is none',
      {},
      'metadata.name: Invalid value: "Web_1": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric',
      { name: 'Web_1' },
    ),
    frontend(
      'service port 0',
      { serviceGroup: { services: [{ ...group.services[0], port: 0 }] } },
      'spec.serviceGroup.services[0].port: Invalid value: 0: spec.serviceGroup.services[0].port in body should be greater than or equal to 1',
    ),
    frontend(
      'unknown policy',
      { serviceGroup: { ...group, session_affinity_policy: 'least' } },
      'spec.serviceGroup.session_affinity_policy: Unsupported value: "least": supported values: "", "rr", "sip-hash", "cookie", "header", "ewma"',
    ),
    frontend(
      'header without name',
      { serviceGroup: { ...group, session_affinity_policy: 'header' } },
      'spec.serviceGroup.session_affinity_attribute: Required value: name of the header',
    ),
    frontend(
      'tcp without services',
      { protocol: 'tcp' },
      'spec.serviceGroup: Required value: serviceGroup is required for tcp',
    ),
    frontend(
      'udp without services',
      { protocol: 'udp' },
      'spec.serviceGroup: Required value: serviceGroup is required for udp',
    ),
    layer4(
      'tcp with a certificate',
      { certificate_name: 'default/tls' },
      'spec.certificate_name: Forbidden: tcp ports do not terminate TLS',
    ),
    layer4(
      'udp with a certificate',
      { protocol: 'udp', certificate_name: 'default/tls' },
      'spec.certificate_name: Forbidden: udp ports do not terminate TLS',
    ),
    layer4(
      'tcp, affinity by cookie (ALB-56)',
      { serviceGroup: { ...group, session_affinity_policy: 'cookie' } },
      'spec.serviceGroup.session_affinity_policy: Forbidden: cookie needs http',
    ),
    layer4(
      'udp, affinity by header',
      {
        protocol: 'udp',
        serviceGroup: { ...group, session_affinity_policy: 'header', session_affinity_attribute: 'x' },
      },
      'spec.serviceGroup.session_affinity_policy: Forbidden: header needs http',
    ),
    layer4(
      'tcp, by latency',
      { serviceGroup: { ...group, session_affinity_policy: 'ewma' } },
      'spec.serviceGroup.session_affinity_policy: Forbidden: ewma needs http',
    ),
    layer4(
      'udp, PROXY protocol',
      { protocol: 'udp', config: { proxyProtocol: { receive: true } } },
      'spec.config.proxyProtocol.receive: Forbidden: udp ports do not speak it',
    ),
    frontend(
      'http, PROXY protocol to backends',
      { config: { proxyProtocol: { send: 'v1' } } },
      'spec.config.proxyProtocol.send: Forbidden: only on tcp ports, this one is http',
    ),
    layer4(
      'PROXY protocol of an unknown version',
      { config: { proxyProtocol: { send: 'v3' } } },
      'spec.config.proxyProtocol.send: Unsupported value: "v3": supported values: "v1", "v2"',
    ),
    keepalive(
      'a time that is none',
      { http: { timeout: 'long' } },
      'spec.config.keepalive.http.timeout: Invalid value: "long": must be a time, e.g. 75s or 1h30m',
    ),
    keepalive(
      'a time with more behind it',
      { http: { timeout: '75s; evil' } },
      'spec.config.keepalive.http.timeout: Invalid value: "75s; evil": must be a time, e.g. 75s or 1h30m',
    ),
    keepalive(
      'a header time that is none',
      { http: { header_timeout: '1 day' } },
      'spec.config.keepalive.http.header_timeout: Invalid value: "1 day": must be a time, e.g. 75s or 1h30m',
    ),
    keepalive(
      'no requests',
      { http: { requests: 0 } },
      'spec.config.keepalive.http.requests: Invalid value: 0: must be at least 1',
    ),
    keepalive(
      'tcp idle that is none',
      { tcp: { idle: '-1s' } },
      'spec.config.keepalive.tcp.idle: Invalid value: "-1s": must be a time, e.g. 75s or 1h30m',
    ),
    keepalive(
      'tcp interval that is none',
      { tcp: { interval: 'x' } },
      'spec.config.keepalive.tcp.interval: Invalid value: "x": must be a time, e.g. 75s or 1h30m',
    ),
    keepalive(
      'no probes',
      { tcp: { count: 0 } },
      'spec.config.keepalive.tcp.count: Invalid value: 0: must be at least 1',
    ),
    frontend(
      'redirect to nowhere',
      { config: { redirect: {} } },
      'spec.config.redirect: Required value: one of url, scheme, host, port, prefix_match and replace_prefix',
    ),
    frontend(
      'passwords without namespace',
      { config: { auth: { basic: { secret: 'p' } } } },
      'spec.config.auth.basic.secret: Invalid value: "p": must be "namespace/name" of a Secret',
    ),
    frontend(
      'timeout below 0',
      { config: { timeout: { proxy_connect_timeout_ms: -5 } } },
      'spec.config.timeout.proxy_connect_timeout_ms: Invalid value: -5: spec.config.timeout.proxy_connect_timeout_ms in body should be greater than or equal to 0',
    ),
    frontend(
      'a label that is none',
      {},
      'metadata.labels: Invalid value: "alb!": a valid label must be an empty string or consist of alphanumeric characters,',
      { labels: { 'alb2.cpaas.io/name': `${ALB}!` } },
    ),
    frontend(
      'source without namespace',
      { source: { type: 'ingress', name: 'x' } },
      'spec.source.namespace: Required value',
    ),
  ];
}
