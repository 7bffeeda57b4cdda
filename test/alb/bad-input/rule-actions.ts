/** What a Rule does with requests: spec ALB sections 2.3, 2.4, 6.2, 7. */
import { type BadInput, LAYER_4, rule } from './bad-input.ts';

function services(...list: readonly unknown[]): object {
  return { serviceGroup: { services: list } };
}

const app = { namespace: 'default', name: 'app', port: 80, weight: 100 };

export const RULE_ACTIONS: readonly BadInput[] = [
  rule(
    'a layer 4 Frontend (ALB-05)',
    {},
    'metadata.labels[alb2.cpaas.io/frontend]: Forbidden: Frontend "layer4" is tcp and takes no Rules',
    { 'alb2.cpaas.io/frontend': LAYER_4 },
  ),
  rule(
    'a Frontend of another ALB',
    {},
    'metadata.labels[alb2.cpaas.io/frontend]: Forbidden: Frontend "web" belongs to ALB "alb"',
    { 'alb2.cpaas.io/name': 'other' },
  ),
  rule(
    'a label that is none',
    {},
    'metadata.labels: Invalid value: "a/b": a valid label must be an empty string or consist of alphanumeric characters,',
    { 'alb2.cpaas.io/frontend': 'a/b' },
  ),
  rule(
    'a label that is too long',
    {},
    'metadata.labels: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 63 characters',
    { 'alb2.cpaas.io/frontend': 'a'.repeat(64) },
  ),
  rule(
    'services are no list',
    { serviceGroup: { services: app } },
    'spec.serviceGroup.services: Invalid value: "object": spec.serviceGroup.services in body must be of type array: "object"',
  ),
  rule(
    'service without namespace',
    services({ ...app, namespace: undefined }),
    'spec.serviceGroup.services[0].namespace: Required value',
  ),
  rule(
    'service with an empty namespace',
    services({ ...app, namespace: '' }),
    'spec.serviceGroup.services[0].namespace: Invalid value: "": spec.serviceGroup.services[0].namespace in body should be at least 1 chars long',
  ),
  rule(
    'service without name',
    services({ ...app, name: undefined }),
    'spec.serviceGroup.services[0].name: Required value',
  ),
  rule(
    'service with an empty name',
    services({ ...app, name: '' }),
    'spec.serviceGroup.services[0].name: Invalid value: "": spec.serviceGroup.services[0].name in body should be at least 1 chars long',
  ),
  rule(
    'service without port',
    services({ ...app, port: undefined }),
    'spec.serviceGroup.services[0].port: Required value',
  ),
  rule(
    'service port 0',
    services({ ...app, port: 0 }),
    'spec.serviceGroup.services[0].port: Invalid value: 0: spec.serviceGroup.services[0].port in body should be greater than or equal to 1',
  ),
  rule(
    'service port 65536',
    services(app, { ...app, port: 65_536 }),
    'spec.serviceGroup.services[1].port: Invalid value: 65536: spec.serviceGroup.services[1].port in body should be less than or equal to 65535',
  ),
  rule(
    'service port by name',
    services({ ...app, port: 'http' }),
    'spec.serviceGroup.services[0].port: Invalid value: "string": spec.serviceGroup.services[0].port in body must be of type integer: "string"',
  ),
  rule(
    'weight is a text',
    services({ ...app, weight: '100' }),
    'spec.serviceGroup.services[0].weight: Invalid value: "string": spec.serviceGroup.services[0].weight in body must be of type integer: "string"',
  ),
  rule(
    'weight with a fraction',
    services({ ...app, weight: 0.5 }),
    'spec.serviceGroup.services[0].weight: Invalid value: "number": spec.serviceGroup.services[0].weight in body must be of type integer: "number"',
  ),
  rule(
    'unknown policy (6.2)',
    { serviceGroup: { session_affinity_policy: 'random' } },
    'spec.serviceGroup.session_affinity_policy: Unsupported value: "random": supported values: "", "rr", "sip-hash", "cookie", "header", "ewma"',
  ),
  rule(
    'policy in upper case',
    { serviceGroup: { session_affinity_policy: 'RR' } },
    'spec.serviceGroup.session_affinity_policy: Unsupported value: "RR": supported values: "", "rr", "sip-hash", "cookie", "header", "ewma"',
  ),
  rule(
    'header without name (ALB-53)',
    { serviceGroup: { session_affinity_policy: 'header' } },
    'spec.serviceGroup.session_affinity_attribute: Required value: name of the header',
  ),
  rule(
    'name of a header with a blank',
    { serviceGroup: { session_affinity_policy: 'header', session_affinity_attribute: 'X User' } },
    'spec.serviceGroup.session_affinity_attribute: Invalid value: "X User": not the name of a header',
  ),
  rule(
    'name of a header with a line end',
    { serviceGroup: { session_affinity_policy: 'header', session_affinity_attribute: 'X\r\nY' } },
    'spec.serviceGroup.session_affinity_attribute: Invalid value: "X\\r\\nY": not the name of a header',
  ),
  rule(
    'name of a cookie with ;',
    { serviceGroup: { session_affinity_policy: 'cookie', session_affinity_attribute: 'a;b' } },
    'spec.serviceGroup.session_affinity_attribute: Invalid value: "a;b": not the name of a cookie',
  ),
  rule(
    'slow start below 0',
    { serviceGroup: { slow_start_seconds: -1 } },
    'spec.serviceGroup.slow_start_seconds: Invalid value: -1: spec.serviceGroup.slow_start_seconds in body should be greater than or equal to 0',
  ),
  rule(
    'slow start above an hour',
    { serviceGroup: { slow_start_seconds: 3601 } },
    'spec.serviceGroup.slow_start_seconds: Invalid value: 3601: spec.serviceGroup.slow_start_seconds in body should be less than or equal to 3600',
  ),
  rule(
    'backend protocol',
    { backendProtocol: 'ftp' },
    'spec.backendProtocol: Unsupported value: "ftp": supported values: "", "http", "https", "grpc", "grpcs"',
  ),
  rule(
    'backend protocol FCGI',
    { backendProtocol: 'FCGI' },
    'spec.backendProtocol: Unsupported value: "fcgi": supported values: "", "http", "https", "grpc", "grpcs"',
  ),
  rule(
    'certificate without domain',
    { certificate_name: 'default/c' },
    'spec.domain: Required value: certificate_name is shown for this host',
  ),
  rule(
    'certificate without namespace',
    { domain: 'a.com', certificate_name: 'c' },
    'spec.certificate_name: Invalid value: "c": must be "namespace/name" of a Secret',
  ),
  rule(
    'certificate with two slashes',
    { domain: 'a.com', certificate_name: 'a/b/c' },
    'spec.certificate_name: Invalid value: "a/b/c": must be "namespace/name" of a Secret',
  ),
  rule(
    'certificate in upper case',
    { domain: 'a.com', certificate_name: 'Default/c' },
    'spec.certificate_name: Invalid value: "Default/c": must be "namespace/name" of a Secret',
  ),
  rule(
    'certificate of no namespace',
    { domain: 'a.com', certificate_name: '/c' },
    'spec.certificate_name: Invalid value: "/c": must be "namespace/name" of a Secret',
  ),
  rule(
    'domain with a path',
    { domain: 'a.com/x' },
    'spec.domain: Invalid value: "a.com/x": must be a host name; the first label may be *',
  ),
  rule(
    'domain with a port',
    { domain: 'a.com:80' },
    'spec.domain: Invalid value: "a.com:80": must be a host name; the first label may be *',
  ),
  rule(
    'domain with a star inside',
    { domain: 'a.*.com' },
    'spec.domain: Invalid value: "a.*.com": must be a host name; the first label may be *',
  ),
  rule(
    'domain that is a star',
    { domain: '*' },
    'spec.domain: Invalid value: "*": must be a host name; the first label may be *',
  ),
  rule(
    'domain with a blank',
    { domain: 'a .com' },
    'spec.domain: Invalid value: "a .com": must be a host name; the first label may be *',
  ),
  rule(
    'vhost with a second header',
    { vhost: 'a.com\r\nX-Admin: 1' },
    'spec.vhost: Invalid value: "a.com\\r\\nX-Admin: 1": must be a host, with or without port',
  ),
  rule(
    'vhost with a path',
    { vhost: 'a.com/x' },
    'spec.vhost: Invalid value: "a.com/x": must be a host, with or without port',
  ),
  rule(
    'vhost with port 0',
    { vhost: 'a.com:0' },
    'spec.vhost: Invalid value: "a.com:0": must be a host, with or without port',
  ),
  rule(
    'vhost that is a URL',
    { vhost: 'http://a.com' },
    'spec.vhost: Invalid value: "http://a.com": must be a host, with or without port',
  ),
  rule(
    'rewrite_base that does not compile (ALB-72)',
    { rewrite_base: '(', rewrite_target: '/' },
    'spec.rewrite_base: Invalid value: "(": error parsing regexp: missing closing ): `(`',
  ),
  rule(
    'url that does not compile',
    { url: '[', rewrite_target: '/' },
    'spec.url: Invalid value: "[": error parsing regexp: missing closing ]: `[`',
  ),
  rule(
    'redirectCode 200 (ALB-69)',
    { redirectCode: 200 },
    'spec.redirectCode: Invalid value: 200: must be one of 301, 302, 303, 307, 308',
  ),
  rule(
    'redirectCode 304',
    { redirectCode: 304 },
    'spec.redirectCode: Invalid value: 304: must be one of 301, 302, 303, 307, 308',
  ),
  rule(
    'redirectURL with a line end',
    { redirectURL: '/x\r\nSet-Cookie: a=1' },
    'spec.redirectURL: Invalid value: "/x\\r\\nSet-Cookie: a=1": must be a URL, blanks and control characters encoded',
  ),
  rule(
    'redirectURL with a blank',
    { redirectURL: '/x y' },
    'spec.redirectURL: Invalid value: "/x y": must be a URL, blanks and control characters encoded',
  ),
  rule(
    'redirect to nowhere',
    { config: { redirect: { code: 301 } } },
    'spec.config.redirect: Required value: one of url, scheme, host, port, prefix_match and replace_prefix',
  ),
  rule(
    'redirect code 300',
    { config: { redirect: { code: 300, url: '/' } } },
    'spec.config.redirect.code: Invalid value: 300: must be one of 301, 302, 303, 307, 308',
  ),
  rule(
    'redirect scheme',
    { config: { redirect: { scheme: 'ftp' } } },
    'spec.config.redirect.scheme: Unsupported value: "ftp": supported values: "http", "https"',
  ),
  rule(
    'redirect port 70000',
    { config: { redirect: { port: 70_000 } } },
    'spec.config.redirect.port: Invalid value: 70000: spec.config.redirect.port in body should be less than or equal to 65535',
  ),
  rule(
    'redirect port below 0',
    { config: { redirect: { port: -1 } } },
    'spec.config.redirect.port: Invalid value: -1: spec.config.redirect.port in body should be greater than or equal to 0',
  ),
  rule(
    'redirect host with a port',
    { config: { redirect: { host: 'a.com:80' } } },
    'spec.config.redirect.host: Invalid value: "a.com:80": must be a host without port',
  ),
  rule(
    'redirect host with a path',
    { config: { redirect: { host: 'a.com/x' } } },
    'spec.config.redirect.host: Invalid value: "a.com/x": must be a host without port',
  ),
  rule(
    'redirect replaces a prefix that is not named',
    { config: { redirect: { replace_prefix: '/b' } } },
    'spec.config.redirect.prefix_match: Required value: replace_prefix takes its place',
  ),
  rule(
    'timeout below 0',
    { config: { timeout: { proxy_read_timeout_ms: -1 } } },
    'spec.config.timeout.proxy_read_timeout_ms: Invalid value: -1: spec.config.timeout.proxy_read_timeout_ms in body should be greater than or equal to 0',
  ),
  rule(
    'timeout with a unit',
    { config: { timeout: { proxy_read_timeout_ms: '5s' } } },
    'spec.config.timeout.proxy_read_timeout_ms: Invalid value: "string": spec.config.timeout.proxy_read_timeout_ms in body must be of type integer: "string"',
  ),
  rule(
    'timeout above 49 days',
    { config: { timeout: { proxy_send_timeout_ms: 4_294_967_296 } } },
    'spec.config.timeout.proxy_send_timeout_ms: Invalid value: 4294967296: spec.config.timeout.proxy_send_timeout_ms in body should be less than or equal to 4294967295',
  ),
  rule(
    'timeout with a fraction',
    { config: { timeout: { proxy_connect_timeout_ms: 0.5 } } },
    'spec.config.timeout.proxy_connect_timeout_ms: Invalid value: "number": spec.config.timeout.proxy_connect_timeout_ms in body must be of type integer: "number"',
  ),
  rule(
    'authentication by both ways',
    { config: { auth: { basic: { secret: 'a/b' }, forward: { url: 'http://a' } } } },
    'spec.config.auth: Forbidden: either basic or forward',
  ),
  rule(
    'passwords without namespace',
    { config: { auth: { basic: { secret: 'passwords' } } } },
    'spec.config.auth.basic.secret: Invalid value: "passwords": must be "namespace/name" of a Secret',
  ),
  rule(
    'passwords in an unknown form',
    { config: { auth: { basic: { secret: 'a/b', secret_type: 'ldap' } } } },
    'spec.config.auth.basic.secret_type: Unsupported value: "ldap": supported values: "auth-file", "auth-map"',
  ),
  rule(
    'authentication of an unknown kind',
    { config: { auth: { basic: { secret: 'a/b', auth_type: 'ntlm' } } } },
    'spec.config.auth.basic.auth_type: Unsupported value: "ntlm": supported values: "basic"',
  ),
  rule(
    'asks a file',
    { config: { auth: { forward: { url: 'file:///etc/passwd' } } } },
    'spec.config.auth.forward.url: Invalid value: "file:///etc/passwd": must be an http or https URL',
  ),
  rule(
    'asks a URL with a line end',
    { config: { auth: { forward: { url: 'http://a/\r\nX: 1' } } } },
    'spec.config.auth.forward.url: Invalid value: "http://a/\\r\\nX: 1": has blanks or control characters',
  ),
  rule(
    'asks by a method that is none',
    { config: { auth: { forward: { url: 'http://a', method: 'G ET' } } } },
    'spec.config.auth.forward.method: Invalid value: "G ET": not a method',
  ),
  rule(
    'headers of a ConfigMap without namespace',
    { config: { auth: { forward: { url: 'http://a', auth_headers_cm_ref: 'c' } } } },
    'spec.config.auth.forward.auth_headers_cm_ref: Invalid value: "c": must be "namespace/name" of a ConfigMap',
  ),
  rule(
    'upstream header that is none',
    { config: { auth: { forward: { url: 'http://a', upstream_headers: ['Remote-User', 'a:b'] } } } },
    'spec.config.auth.forward.upstream_headers[1]: Invalid value: "a:b": "a:b" is not the name of a header',
  ),
  rule(
    'always_set_cookie is a text',
    { config: { auth: { forward: { url: 'http://a', always_set_cookie: 'yes' } } } },
    'spec.config.auth.forward.always_set_cookie: Invalid value: "string": spec.config.auth.forward.always_set_cookie in body must be of type boolean: "string"',
  ),
  rule('tracing without enable', { config: { otel: {} } }, 'spec.config.otel.enable: Required value'),
  rule(
    'sampler',
    { config: { otel: { enable: true, sampler: { name: 'sometimes' } } } },
    'spec.config.otel.sampler.name: Unsupported value: "sometimes": supported values: "always_on", "always_off", "trace_id_ratio", "parent_base"',
  ),
  rule(
    'sampler of roots',
    { config: { otel: { enable: true, sampler: { name: 'parent_base', options: { parent_name: 'x' } } } } },
    'spec.config.otel.sampler.options.parent_name: Unsupported value: "x": supported values: "always_on", "always_off", "trace_id_ratio", "parent_base"',
  ),
  rule(
    'fraction above 1',
    { config: { otel: { enable: true, sampler: { options: { fraction: '1.5' } } } } },
    'spec.config.otel.sampler.options.fraction: Invalid value: "1.5": must be a number from "0" to "1"',
  ),
  rule(
    'fraction that is no number',
    { config: { otel: { enable: true, sampler: { options: { fraction: 'half' } } } } },
    'spec.config.otel.sampler.options.fraction: Invalid value: "half": must be a number from "0" to "1"',
  ),
  rule(
    'collector',
    { config: { otel: { enable: true, exporter: { collector: { address: 'ftp://a' } } } } },
    'spec.config.otel.exporter.collector.address: Invalid value: "ftp://a": must be an http or https URL',
  ),
  rule(
    'firewall without enable',
    { config: { modsecurity: { useCoreRules: true } } },
    'spec.config.modsecurity.enable: Required value',
  ),
  rule(
    'firewall rules without key',
    { config: { modsecurity: { enable: true, cmRef: 'a/b' } } },
    'spec.config.modsecurity.cmRef: Invalid value: "a/b": must be "namespace/name#key" of a ConfigMap',
  ),
  rule(
    'firewall rules without namespace',
    { config: { modsecurity: { enable: true, cmRef: 'b#c' } } },
    'spec.config.modsecurity.cmRef: Invalid value: "b#c": must be "namespace/name#key" of a ConfigMap',
  ),
  rule('source without name', { source: { type: 'ingress', namespace: 'a' } }, 'spec.source.name: Required value'),
  rule(
    'enableCORS is a text',
    { enableCORS: 'true' },
    'spec.enableCORS: Invalid value: "string": spec.enableCORS in body must be of type boolean: "string"',
  ),
];
