import { defineKind } from '../meta/crd.ts';
import type { KubernetesObject } from '../meta/object.ts';
import {
  array,
  boolean,
  integer,
  type JsonSchema,
  map,
  object,
  oneOf,
  optional,
  string,
  type TypeOf,
} from '../meta/schema.ts';
import { globalLimitStore } from './global-limit.ts';
import { ALB_GROUP } from './group.ts';
import { inheritedSettings } from './inherited-settings.ts';
import { ipFamilyPolicy, quantities, resources } from './policy-config.ts';

/** A load balancer. Source: spec ALB section 2.1. */
export type ALB2 = KubernetesObject & { readonly spec: TypeOf<typeof spec>; readonly status?: TypeOf<typeof status> };
export type ALB2Spec = ALB2['spec'];
export type ALB2Config = NonNullable<ALB2Spec['config']>;
export type ALB2Status = NonNullable<ALB2['status']>;
export type ALB2State = NonNullable<ALB2Status['state']>;

const port = { minimum: 0, maximum: 65_535 } as const;

const config = object(
  'Settings; defaults are applied field by field. Unknown fields are kept.',
  {
    loadbalancerName: optional(string('Compatibility only; always the name of the object.')),
    loadbalancerType: optional(string('nginx.')),
    networkMode: optional(
      oneOf('host: the network of the node; container: an address of its own. Default host.', ['host', 'container']),
    ),
    replicas: optional(integer('Instances; default 3. At home one, or none with 0.', { minimum: 0 })),
    nodeSelector: optional(map('Labels of the nodes that may run it.', string('Value.'))),
    antiAffinityKey: optional(
      string('Instances of ALBs with the same key exclude each other per node; default local.'),
    ),
    resources: optional(
      object('Compute resources of an instance; what stands under alb has no effect: there is one container.', {
        limits: optional(quantities),
        requests: optional(quantities),
        alb: optional(resources),
      }),
    ),
    workerLimit: optional(integer('Most nginx workers; default 8, 0 counts as 4.', { minimum: 0 })),
    readonlyFS: optional(boolean('Read-only root file system; default true.')),
    projects: optional(array('Projects served; ALL_ALL: every project. Default none.', string('Project.'))),
    enablePortProject: optional(boolean('Projects are assigned to ports (ALB-126).')),
    portProjects: optional(string('JSON: [{"port":"113-333","projects":["p1"]}].')),
    vip: optional(
      object('LoadBalancer Service (ALB-124).', {
        enableLbSvc: optional(boolean('Create it.')),
        lbSvcAnnotations: optional(map('Its annotations.', string('Value.'))),
        lbSvcIpFamilyPolicy: optional(ipFamilyPolicy),
        allocateLoadBalancerNodePorts: optional(boolean('Default true.')),
      }),
    ),
    enableALb: optional(boolean('Read Frontends and Rules; default true.')),
    enableAlb: optional(boolean('The other spelling of enableALb.')),
    enableIngress: optional(string('"true" or "false": read Ingresses and create an IngressClass; default "true".')),
    defaultIngressClass: optional(boolean('The IngressClass is the default of the cluster.')),
    ingressController: optional(string('No effect.')),
    ingressHTTPPort: optional(integer('HTTP port of Ingresses; default 80, 0: none.', port)),
    ingressHTTPSPort: optional(integer('HTTPS port of Ingresses; default 443, 0: none.', port)),
    ingressSSLRedirect: optional(boolean('Redirect the whole HTTP port of Ingresses to https.')),
    defaultSSLStrategy: optional(
      oneOf('Which hosts without certificate are served by https (ALB-17); default Never.', [
        'Never',
        'Always',
        'Request',
        'Both',
      ]),
    ),
    defaultSSLCert: optional(string('Certificate of the HTTPS port of Ingresses: Secret `namespace/name`.')),
    gateway: optional(
      object('Gateway API.', {
        enable: optional(boolean('Serve Gateways.')),
        mode: optional(string('shared or standalone.')),
        name: optional(string('Name of the class, or `<gateway>/<namespace>`.')),
      }),
    ),
    metricsPort: optional(integer('Metrics and health; default 1936.', port)),
    enablePrometheus: optional(string('"true" or "false"; default "true".')),
    enableGoMonitor: optional(boolean('No effect.')),
    goMonitorPort: optional(integer('No effect.', port)),
    enableProfile: optional(boolean('No effect.')),
    enablePortprobe: optional(
      string('No effect: a port that another process has is always reported, and hurts no other.'),
    ),
    enableIPV6: optional(string('"true" or "false"; default "true".')),
    enableHTTP2: optional(string('"true" or "false"; default "true".')),
    enableGzip: optional(string('"true" or "false"; default "true".')),
    enableCrossClusters: optional(string('"true" or "false"; default "false".')),
    backlog: optional(
      integer('Accept queue of http and https ports; default 2048.', { minimum: 1, maximum: 1_048_576 }),
    ),
    interval: optional(integer('Seconds; no effect, changes are event driven.')),
    reloadtimeout: optional(integer('Seconds; no effect.')),
    resyncPeriod: optional(integer('Seconds; no effect, changes are event driven.')),
    syncPolicyInterval: optional(integer('Seconds; no effect, changes are pushed.')),
    cleanMetricsInterval: optional(integer('Seconds; default 2592000.')),
    maxTermSeconds: optional(integer('Seconds that business ports serve after the end was asked for; default 30.')),
    policyZip: optional(
      boolean('No effect: what instances serve is kept for their user only, in memory where there is room.'),
    ),
    bindNIC: optional(string('JSON: {"nic":["eth0"]}.')),
    trustedProxies: optional(
      array('Networks whose X-Real-IP and X-Forwarded-For are believed; default none.', string('CIDR.')),
    ),
    accessLogFormat: optional(oneOf('Format of the access log; default text.', ['text', 'json'])),
    traceHeader: optional(
      boolean(
        'Requests with the header cpaas-trace: true get x-cpaas-trace, which names rule and endpoint; default true.',
      ),
    ),
    allowCrossNamespaceReferences: optional(
      boolean('Secrets of other namespaces are used without a ReferenceGrant. For migration; default false.'),
    ),
    overwrite: optional(
      object('Replacements.', {
        image: optional(
          array(
            'Images; the last entry that fits wins.',
            object('Images for one operator version.', {
              target: optional(string('Operator version; empty: all.')),
              alb: optional(string('Image of our programs, nginx included.')),
              nginx: optional(string('No effect.')),
            }),
          ),
        ),
        configmap: optional(
          array(
            'nginx settings; the last entry that fits wins. Known directives only; others are told by an event.',
            object('Settings for one operator version.', {
              target: optional(string('Operator version; empty: all.')),
              name: optional(string('ConfigMap `namespace/name`.')),
            }),
          ),
        ),
      }),
    ),
    ...inheritedSettings,
    globalLimitStore: optional(globalLimitStore),
  },
  { preserveUnknown: true },
);

/** The schemas of the single settings of spec.config. */
export const ALB2_CONFIG_SETTINGS: Readonly<Record<string, JsonSchema | undefined>> = config.json.properties ?? {};

const state = oneOf('Pending, Progressing, Running or Warning.', ['Pending', 'Progressing', 'Running', 'Warning']);

const status = object('What the controllers found.', {
  state: optional(state),
  reason: optional(string('Why; empty when Running.')),
  probeTime: optional(integer('Unix seconds of the last change.', { format: 'int64' })),
  probeTimeStr: optional(string('The same as text.')),
  detail: optional(
    object('By concern.', {
      deploy: optional(
        object('The data planes.', {
          state: optional(state),
          reason: optional(string('Why.')),
          probeTimeStr: optional(string('Time of the last change.')),
        }),
      ),
      address: optional(
        object('Addresses of the LoadBalancer Service.', {
          ok: optional(boolean('There is no such Service, or it has an address.')),
          msg: optional(string('All addresses, joined by ",".')),
          ipv4: optional(array('IPv4.', string('Address.'))),
          ipv6: optional(array('IPv6.', string('Address.'))),
          host: optional(array('Host names.', string('Name.'))),
          published: optional(
            array(
              'Addresses ever written into Ingress status; those no longer ours are taken out of it.',
              string('Address or name.'),
            ),
          ),
        }),
      ),
      version: optional(
        object('Program.', {
          version: optional(string('Version.')),
          imagePatch: optional(string('"not patch" or "patched,alb: ..,nginx: ..".')),
        }),
      ),
      alb: optional(
        object('Ports.', {
          portstatus: optional(
            map(
              'By `<protocol>-<port>`; only ports in conflict.',
              object('One port.', {
                conflict: boolean('Taken by another process.'),
                msg: optional(string('"conflict on host/pod, ..".')),
                probeTimeStr: optional(string('Time of the last change.')),
              }),
            ),
          ),
        }),
      ),
    }),
  ),
});

/** Unknown fields are kept: those of v1, and those that belong in config, which admission refuses by name (ALB-02). */
const spec = object(
  'The load balancer.',
  {
    type: oneOf('nginx.', ['nginx']),
    address: optional(
      string('Comma separated addresses and host names by which it is reached; written into Ingress status.'),
    ),
    config: optional(config),
  },
  { preserveUnknown: true },
);

/** v1 has no config of its own; what was written through other versions is kept (ALB-03). */
const specV1 = object(
  'The load balancer.',
  {
    type: oneOf('nginx.', ['nginx']),
    address: optional(string('Comma separated addresses and host names by which it is reached.')),
    bind_address: optional(string('Deprecated; no effect.')),
    domains: optional(array('Deprecated; no effect.', string('Domain.'))),
    iaas_id: optional(string('Deprecated; no effect.')),
  },
  { preserveUnknown: true },
);

const columns = [
  { name: 'manually-address', type: 'string', jsonPath: '.spec.address' },
  { name: 'allocated-address', type: 'string', jsonPath: '.status.detail.address.msg' },
  { name: 'state', type: 'string', jsonPath: '.status.state' },
  { name: 'reason', type: 'string', jsonPath: '.status.reason' },
  { name: 'mode', type: 'string', jsonPath: '.spec.config.networkMode' },
] as const;

const current = { description: 'A load balancer.', spec, status, columns };

export const ALB2Kind = defineKind({
  names: {
    group: ALB_GROUP,
    version: 'v2beta1',
    kind: 'ALB2',
    plural: 'alaudaloadbalancer2',
    singular: 'alaudaloadbalancer2',
    shortNames: ['alb2'],
    categories: [],
    namespaced: true,
    statusSubresource: true,
  },
  versions: [
    {
      name: 'v1',
      deprecationWarning: 'crd.alauda.io/v1 ALB2 is deprecated; use crd.alauda.io/v2',
      description: 'A load balancer; deprecated form without config.',
      spec: specV1,
      status,
      columns,
    },
    { name: 'v2beta1', ...current },
    { name: 'v2', ...current },
  ],
});
