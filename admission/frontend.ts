import type { Frontend } from '@causeway/apis/gateway/frontend';
import { LABEL_ALB } from '@causeway/apis/gateway/labels';
import { checkPolicyConfig } from './policy-config.ts';
import { checkProject } from './project.ts';
import type { Read } from './read.ts';
import { checkSecretName, checkServiceGroup } from './service-group.ts';
import { type Cause, type Findings, forbidden, invalid, notSupported, required } from './verdict.ts';

const BACKEND_PROTOCOLS = ['', 'http', 'https', 'grpc', 'grpcs'];
const LABEL_MAX = 63;

/** Source: spec ALB section 2.2, ALB-04. */
export function checkFrontend(frontend: Frontend, read: Read): Findings {
  const { spec } = frontend;
  const layer4 = spec.protocol === 'tcp' || spec.protocol === 'udp';
  const causes: Cause[] = [];
  const warnings: string[] = [];
  const alb = frontend.metadata.labels?.[LABEL_ALB];
  if (alb === undefined) warnings.push(`metadata.labels: without ${LABEL_ALB} no ALB serves this Frontend`);
  if (layer4 && spec.serviceGroup === undefined) {
    causes.push(required('spec.serviceGroup', `serviceGroup is required for ${spec.protocol}`));
  }
  if (spec.protocol === 'grpcs' && (spec.certificate_name ?? '') === '') {
    causes.push(required('spec.certificate_name', 'grpcs needs a certificate'));
  }
  if (layer4 && (spec.certificate_name ?? '') !== '') {
    causes.push(forbidden('spec.certificate_name', `${spec.protocol} ports do not terminate TLS`));
  }
  const { proxyProtocol } = spec.config ?? {};
  if (spec.protocol === 'udp' && proxyProtocol?.receive === true) {
    causes.push(forbidden('spec.config.proxyProtocol.receive', 'udp ports do not speak it'));
  }
  if (spec.protocol !== 'tcp' && proxyProtocol?.send !== undefined) {
    causes.push(forbidden('spec.config.proxyProtocol.send', `only on tcp ports, this one is ${spec.protocol}`));
  }
  const protocol = (spec.backendProtocol ?? '').toLowerCase();
  if (!BACKEND_PROTOCOLS.includes(protocol)) {
    causes.push(notSupported('spec.backendProtocol', protocol, BACKEND_PROTOCOLS));
  }
  if (frontend.metadata.name.length > LABEL_MAX) {
    const detail = `must be no more than ${LABEL_MAX} characters, so that Rules can name it in a label`;
    causes.push(invalid('metadata.name', frontend.metadata.name, detail));
  }
  causes.push(...checkPolicyConfig('spec.config', spec.config), ...checkKeepalive(spec.config?.keepalive));
  causes.push(...checkSecretName('spec.certificate_name', spec.certificate_name));
  causes.push(...checkServiceGroup('spec.serviceGroup', spec.serviceGroup, layer4));
  causes.push(...checkProject(frontend, read));
  if (alb !== undefined) causes.push(...checkPortIsFree(frontend, alb, read), ...checkMetricsPort(frontend, alb, read));
  return { causes, warnings };
}

/** What nginx accepts as a time: `75s`, `1h30m`. Source: nginx, Configuration file measurement units. */
const NGINX_TIME = /^(\d+(ms|[smhdwMy])?)+$/;

/** ALB-105. */
function checkKeepalive(keepalive: NonNullable<Frontend['spec']['config']>['keepalive']): Cause[] {
  const times = [
    ['tcp.idle', keepalive?.tcp?.idle],
    ['tcp.interval', keepalive?.tcp?.interval],
    ['http.timeout', keepalive?.http?.timeout],
    ['http.header_timeout', keepalive?.http?.header_timeout],
  ] as const;
  const causes = times.flatMap(([name, time = '']) =>
    time === '' || NGINX_TIME.test(time)
      ? []
      : [invalid(`spec.config.keepalive.${name}`, time, 'must be a time, e.g. 75s or 1h30m')],
  );
  for (const [name, count = 1] of [
    ['tcp.count', keepalive?.tcp?.count],
    ['http.requests', keepalive?.http?.requests],
  ] as const) {
    if (count < 1) causes.push(invalid(`spec.config.keepalive.${name}`, count, 'must be at least 1'));
  }
  return causes;
}

/** The data plane has a listener of its own there. */
function checkMetricsPort(frontend: Frontend, alb: string, read: Read): Cause[] {
  const owner = read.get('ALB2', { namespace: frontend.metadata.namespace ?? '', name: alb });
  if (owner === undefined || transportOf(frontend) === 'UDP') return [];
  const metricsPort = owner.spec.config?.metricsPort ?? 1936;
  return frontend.spec.port === metricsPort ? [invalid('spec.port', metricsPort, `metricsPort of ALB "${alb}"`)] : [];
}

/** Two Frontends of an ALB cannot share a port on one transport; udp and the others can. */
function checkPortIsFree(frontend: Frontend, alb: string, read: Read): Cause[] {
  const namespace = frontend.metadata.namespace ?? '';
  const rival = read
    .by('Frontend', 'alb', `${namespace}/${alb}`)
    .find(
      (other) =>
        other.metadata.name !== frontend.metadata.name &&
        other.spec.port === frontend.spec.port &&
        transportOf(other) === transportOf(frontend),
    );
  if (rival === undefined) return [];
  const detail = `${transportOf(frontend)} port already used by Frontend "${rival.metadata.name}" of ALB "${alb}"`;
  return [invalid('spec.port', frontend.spec.port, detail)];
}

function transportOf(frontend: Frontend): 'TCP' | 'UDP' {
  return frontend.spec.protocol === 'udp' ? 'UDP' : 'TCP';
}
