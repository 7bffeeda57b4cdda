/** Load balancers and projects: spec ALB section 2.1, ALB-02, ALB-123, ALB-126. */
import { alb2, type BadInput, object } from './bad-input.ts';

function ports(name: string, list: unknown, says: string): BadInput {
  return alb2(name, { portProjects: typeof list === 'string' ? list : JSON.stringify(list) }, says);
}

export const ALB2S: readonly BadInput[] = [
  alb2('no type', {}, 'spec.type: Required value', { type: undefined }),
  alb2('type f5', {}, 'spec.type: Unsupported value: "f5": supported values: "nginx"', { type: 'f5' }),
  alb2('networkMode beside config', {}, 'spec.networkMode: Forbidden: belongs in spec.config.networkMode', {
    networkMode: 'host',
  }),
  alb2('replicas beside config', {}, 'spec.replicas: Forbidden: belongs in spec.config.replicas', { replicas: 1 }),
  alb2('resources beside config', {}, 'spec.resources: Forbidden: belongs in spec.config.resources', { resources: {} }),
  alb2('projects beside config', {}, 'spec.projects: Forbidden: belongs in spec.config.projects', { projects: ['p1'] }),
  alb2(
    'config is a text',
    {},
    'spec.config: Invalid value: "string": spec.config in body must be of type object: "string"',
    { config: 'host' },
  ),
  alb2(
    'address is a list',
    {},
    'spec.address: Invalid value: "array": spec.address in body must be of type string: "array"',
    { address: ['10.0.0.1'] },
  ),
  alb2(
    'networkMode',
    { networkMode: 'bridge' },
    'spec.config.networkMode: Unsupported value: "bridge": supported values: "host", "container"',
  ),
  alb2(
    'replicas below 0',
    { replicas: -1 },
    'spec.config.replicas: Invalid value: -1: spec.config.replicas in body should be greater than or equal to 0',
  ),
  alb2(
    'replicas is a text',
    { replicas: 'two' },
    'spec.config.replicas: Invalid value: "string": spec.config.replicas in body must be of type integer: "string"',
  ),
  alb2(
    'workerLimit below 0',
    { workerLimit: -1 },
    'spec.config.workerLimit: Invalid value: -1: spec.config.workerLimit in body should be greater than or equal to 0',
  ),
  alb2(
    'cpu',
    { resources: { limits: { cpu: 'abc' } } },
    'spec.config.resources.limits.cpu: Invalid value: "abc": must be a quantity, e.g. 500m or 2Gi',
  ),
  alb2(
    'memory',
    { resources: { requests: { memory: '2 GB' } } },
    'spec.config.resources.requests.memory: Invalid value: "2 GB": must be a quantity, e.g. 500m or 2Gi',
  ),
  alb2(
    'cpu of the controller',
    { resources: { alb: { limits: { cpu: '1x' } } } },
    'spec.config.resources.alb.limits.cpu: Invalid value: "1x": must be a quantity, e.g. 500m or 2Gi',
  ),
  alb2(
    'memory of the controller',
    { resources: { alb: { requests: { memory: '' } } } },
    'spec.config.resources.alb.requests.memory: Invalid value: "": must be a quantity, e.g. 500m or 2Gi',
  ),
  alb2(
    'HTTP port',
    { ingressHTTPPort: 65_536 },
    'spec.config.ingressHTTPPort: Invalid value: 65536: spec.config.ingressHTTPPort in body should be less than or equal to 65535',
  ),
  alb2(
    'HTTPS port',
    { ingressHTTPSPort: -1 },
    'spec.config.ingressHTTPSPort: Invalid value: -1: spec.config.ingressHTTPSPort in body should be greater than or equal to 0',
  ),
  alb2(
    'metrics port',
    { metricsPort: 100_000 },
    'spec.config.metricsPort: Invalid value: 100000: spec.config.metricsPort in body should be less than or equal to 65535',
  ),
  alb2(
    'one port for HTTP and HTTPS',
    { ingressHTTPPort: 8080, ingressHTTPSPort: 8080 },
    'spec.config.ingressHTTPSPort: Invalid value: 8080: ingressHTTPPort is the same',
  ),
  alb2(
    'HTTPS on the default port of HTTP',
    { ingressHTTPSPort: 80 },
    'spec.config.ingressHTTPSPort: Invalid value: 80: ingressHTTPPort is the same',
  ),
  alb2(
    'metrics on the HTTP port',
    { ingressHTTPPort: 1936 },
    'spec.config.metricsPort: Invalid value: 1936: ingressHTTPPort is the same',
  ),
  alb2(
    'defaultSSLStrategy',
    { defaultSSLStrategy: 'Sometimes' },
    'spec.config.defaultSSLStrategy: Unsupported value: "Sometimes": supported values: "Never", "Always", "Request", "Both"',
  ),
  alb2(
    'defaultSSLCert',
    { defaultSSLCert: 'cert' },
    'spec.config.defaultSSLCert: Invalid value: "cert": must be "namespace/name" of a Secret',
  ),
  alb2(
    'enableIngress',
    { enableIngress: 'yes' },
    'spec.config.enableIngress: Unsupported value: "yes": supported values: "true", "false"',
  ),
  alb2(
    'enableIngress is no text',
    { enableIngress: true },
    'spec.config.enableIngress: Invalid value: "boolean": spec.config.enableIngress in body must be of type string: "boolean"',
  ),
  alb2(
    'enableHTTP2',
    { enableHTTP2: 'on' },
    'spec.config.enableHTTP2: Unsupported value: "on": supported values: "true", "false"',
  ),
  alb2(
    'enableGzip',
    { enableGzip: 'True' },
    'spec.config.enableGzip: Unsupported value: "True": supported values: "true", "false"',
  ),
  alb2(
    'enableIPV6',
    { enableIPV6: '0' },
    'spec.config.enableIPV6: Unsupported value: "0": supported values: "true", "false"',
  ),
  alb2(
    'enablePortprobe',
    { enablePortprobe: 'no' },
    'spec.config.enablePortprobe: Unsupported value: "no": supported values: "true", "false"',
  ),
  alb2(
    'enablePrometheus',
    { enablePrometheus: '1' },
    'spec.config.enablePrometheus: Unsupported value: "1": supported values: "true", "false"',
  ),
  alb2(
    'ingressSSLRedirect',
    { ingressSSLRedirect: 'true' },
    'spec.config.ingressSSLRedirect: Invalid value: "string": spec.config.ingressSSLRedirect in body must be of type boolean: "string"',
  ),
  alb2(
    'backlog 0',
    { backlog: 0 },
    'spec.config.backlog: Invalid value: 0: spec.config.backlog in body should be greater than or equal to 1',
  ),
  alb2(
    'backlog beyond what kernels know',
    { backlog: 1e15 },
    'spec.config.backlog: Invalid value: 1000000000000000: spec.config.backlog in body should be less than or equal to 1048576',
  ),
  alb2(
    'accessLogFormat',
    { accessLogFormat: 'xml' },
    'spec.config.accessLogFormat: Unsupported value: "xml": supported values: "text", "json"',
  ),
  alb2(
    'bindNIC is no JSON',
    { bindNIC: 'eth0' },
    'spec.config.bindNIC: Invalid value: "eth0": must be JSON like {"nic":["eth0"]}',
  ),
  alb2(
    'bindNIC is a list',
    { bindNIC: '["eth0"]' },
    'spec.config.bindNIC: Invalid value: "[\\"eth0\\"]": must be JSON like {"nic":["eth0"]}',
  ),
  alb2(
    'bindNIC holds a number',
    { bindNIC: '{"nic":[0]}' },
    'spec.config.bindNIC: Invalid value: "{\\"nic\\":[0]}": must be JSON like {"nic":["eth0"]}',
  ),
  alb2(
    'trusted proxy that is an address',
    { trustedProxies: ['10.0.0.1'] },
    'spec.config.trustedProxies[0]: Invalid value: "10.0.0.1": must be a network, e.g. 10.0.0.0/8 or 2001:db8::/32',
  ),
  alb2(
    'trusted proxy with 33 bits',
    { trustedProxies: ['10.0.0.0/33'] },
    'spec.config.trustedProxies[0]: Invalid value: "10.0.0.0/33": must be a network, e.g. 10.0.0.0/8 or 2001:db8::/32',
  ),
  alb2(
    'trusted proxy that is configuration',
    { trustedProxies: ['127.0.0.0/8', '10.0.0.0/8; } evil'] },
    'spec.config.trustedProxies[1]: Invalid value: "10.0.0.0/8; } evil": must be a network, e.g. 10.0.0.0/8 or 2001:db8::/32',
  ),
  alb2(
    'trusted proxy that is a name',
    { trustedProxies: ['proxy.example/8'] },
    'spec.config.trustedProxies[0]: Invalid value: "proxy.example/8": must be a network, e.g. 10.0.0.0/8 or 2001:db8::/32',
  ),
  alb2(
    'gateway mode',
    { gateway: { mode: 'both' } },
    'spec.config.gateway.mode: Unsupported value: "both": supported values: "shared", "standalone"',
  ),
  alb2(
    'a Gateway of its own, without name',
    { gateway: { mode: 'standalone' } },
    'spec.config.gateway.name: Required value: a standalone ALB serves one Gateway',
  ),
  alb2(
    'ipFamilyPolicy',
    { vip: { lbSvcIpFamilyPolicy: 'Dual' } },
    'spec.config.vip.lbSvcIpFamilyPolicy: Unsupported value: "Dual": supported values: "SingleStack", "PreferDualStack", "RequireDualStack"',
  ),
  alb2(
    'enableLbSvc is a text',
    { vip: { enableLbSvc: 'true' } },
    'spec.config.vip.enableLbSvc: Invalid value: "string": spec.config.vip.enableLbSvc in body must be of type boolean: "string"',
  ),
  alb2(
    'projects is a text',
    { projects: 'p1' },
    'spec.config.projects: Invalid value: "string": spec.config.projects in body must be of type array: "string"',
  ),
  alb2(
    'a project that is none',
    { projects: ['p1', 'p 2'] },
    'spec.config.projects[1]: Invalid value: "p 2": must be a name that fits a label',
  ),
  alb2(
    'an empty project',
    { projects: [''] },
    'spec.config.projects[0]: Invalid value: "": must be a name that fits a label',
  ),
  ports(
    'portProjects broken (ALB-126)',
    '[{"port"',
    'spec.config.portProjects: Invalid value: "[{\\"port\\"": must be a JSON list of {"port","projects"}',
  ),
  ports(
    'portProjects is an object',
    { port: '80' },
    'spec.config.portProjects: Invalid value: "{\\"port\\":\\"80\\"}": must be a JSON list of {"port","projects"}',
  ),
  ports(
    'portProjects: range upside down',
    [{ port: '90-80', projects: ['p1'] }],
    'spec.config.portProjects[0].port: Invalid value: "90-80": must be a port or from-to',
  ),
  ports(
    'portProjects: a name',
    [{ port: 'a', projects: ['p1'] }],
    'spec.config.portProjects[0].port: Invalid value: "a": must be a port or from-to',
  ),
  ports(
    'portProjects: 70000',
    [{ port: '70000', projects: ['p1'] }],
    'spec.config.portProjects[0].port: Invalid value: "70000": must be a port or from-to',
  ),
  ports(
    'portProjects: 0',
    [
      { port: '80', projects: ['p1'] },
      { port: 0, projects: ['p1'] },
    ],
    'spec.config.portProjects[1].port: Invalid value: 0: must be a port or from-to',
  ),
  ports(
    'portProjects: no projects',
    [{ port: '80' }],
    'spec.config.portProjects[0].projects: Required value: must be a list of projects',
  ),
  ports(
    'portProjects: a project that is none',
    [{ port: '80', projects: ['/'] }],
    'spec.config.portProjects[0].projects: Invalid value: ["/"]: must be a list of projects',
  ),
  alb2(
    'modsecurity',
    { modsecurity: { enable: true, cmRef: 'x' } },
    'spec.config.modsecurity.cmRef: Invalid value: "x": must be "namespace/name#key" of a ConfigMap',
  ),
  alb2(
    'otel',
    { otel: { enable: true, exporter: { collector: { address: 'http://' } } } },
    'spec.config.otel.exporter.collector.address: Invalid value: "http://": must be an http or https URL',
  ),
  alb2(
    'timeout',
    { timeout: { proxy_read_timeout_ms: '1' } },
    'spec.config.timeout.proxy_read_timeout_ms: Invalid value: "string": spec.config.timeout.proxy_read_timeout_ms in body must be of type integer: "string"',
  ),
  {
    name: 'a name that leaves no room for a port',
    object: named('a'.repeat(58)),
    says: 'metadata.name: Invalid value: "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa": must be no more than 57 characters',
  },
  { name: 'a name that is none', object: named('ALB_1'), says: 'metadata.name: Invalid value: "ALB_1"' },
];

function named(name: string): BadInput['object'] {
  return object('ALB2', 'crd.alauda.io/v2beta1', 'kube-system', {
    metadata: { name, namespace: 'kube-system' },
    spec: { type: 'nginx', config: {} },
  });
}
