import { duration } from '../gateway-api/names.ts';
import type { ObjectOfKind } from '../meta/crd.ts';
import { array, boolean, checked, integer, map, object, oneOf, optional, type TypeOf } from '../meta/schema.ts';
import { accessLog } from './access-log.ts';
import { backendTls } from './backend-tls.ts';
import { bootstrap } from './bootstrap.ts';
import { envoyGatewayKind, unserved } from './bundle.ts';
import { envoyDaemonSet, envoyDeployment } from './envoy-pods.ts';
import { envoyHpa, envoyPDB } from './envoy-scaling.ts';
import { envoyService } from './envoy-service.ts';
import { filterPosition } from './filter-position.ts';
import { proxyMetrics } from './proxy-metrics.ts';
import { tracing } from './tracing.ts';
import { name } from './workload-patch.ts';

/** Settings of the data planes of Gateways that name it. Source: GW-05, GW-06; Envoy Gateway v1.7, EnvoyProxy. */
export type EnvoyProxy = ObjectOfKind<typeof EnvoyProxyKind>;

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const;

const kubernetes = checked(
  object('On a cluster.', {
    envoyDeployment: optional(envoyDeployment),
    envoyDaemonSet: optional(envoyDaemonSet),
    envoyService: optional(envoyService),
    envoyHpa: optional(envoyHpa),
    envoyPDB: optional(envoyPDB),
    envoyServiceAccount: optional(object('Who they are.', { name: name('ServiceAccount') })),
    useListenerPortAsContainerPort: optional(boolean('Containers listen on the ports of listeners.')),
  }),
  {
    message: 'only one of envoyDeployment or envoyDaemonSet can be specified',
    rule: '!has(self.envoyDeployment) || !has(self.envoyDaemonSet)',
  },
  {
    message: 'cannot use envoyHpa if envoyDaemonSet is used',
    rule: '!has(self.envoyHpa) || !has(self.envoyDaemonSet)',
  },
);

/** Source: Envoy Gateway v1.7, BackendTLSConfig. */
const spec = object('How a data plane runs.', {
  provider: optional(
    object('On what.', { type: oneOf('Which.', ['Kubernetes', 'Host']), kubernetes: optional(kubernetes) }),
  ),
  concurrency: optional(integer('Processes that serve requests.', { minimum: 1, maximum: 256, format: 'int32' })),
  shutdown: optional(
    object('How it ends.', {
      drainTimeout: optional(duration('How long ports serve on; absent: 60s.')),
      minDrainDuration: optional(duration('How long they do at least.')),
    }),
  ),
  backendTLS: optional(backendTls),
  bootstrap: optional(bootstrap),
  extraArgs: optional(unserved('Further arguments.')),
  filterOrder: optional(
    array('In which order filters of Envoy work. It is fixed: what is otherwise is told.', filterPosition),
  ),
  ipFamily: optional(
    oneOf('Addresses of the Service, and on which the data plane listens.', ['IPv4', 'IPv6', 'DualStack']),
  ),
  logging: optional(
    object('What data planes tell of themselves.', {
      level: optional(map('By component; only `default` is served. Absent: warn.', oneOf('Level.', LEVELS))),
    }),
  ),
  mergeGateways: optional(boolean('One for all Gateways of a class.')),
  preserveRouteOrder: optional(boolean('Routes in the order in which they are written.')),
  routingType: optional(oneOf('Where requests for a Service go; absent: to its endpoints.', ['Endpoint', 'Service'])),
  telemetry: optional(
    object('Metrics, logs and traces.', {
      metrics: optional(proxyMetrics),
      accessLog: optional(accessLog),
      tracing: optional(tracing),
    }),
  ),
});
export type EnvoyProxySpec = TypeOf<typeof spec>;

export const EnvoyProxyKind = envoyGatewayKind({
  kind: 'EnvoyProxy',
  plural: 'envoyproxies',
  shortName: 'eproxy',
  description: 'How the data planes of Gateways run that name it.',
  spec,
});
