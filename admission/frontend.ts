import type { Frontend } from '@causeway/apis/gateway/frontend';
import { LABEL_ALB } from '@causeway/apis/gateway/labels';
import { checkProject } from './project.ts';
import type { Read } from './read.ts';
import { checkSecretName, checkServiceGroup } from './service-group.ts';
import { type Cause, type Findings, forbidden, invalid, required } from './verdict.ts';

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
  if (spec.protocol !== 'tcp' && (proxyProtocol?.receive === true || proxyProtocol?.send !== undefined)) {
    causes.push(forbidden('spec.config.proxyProtocol', `only tcp ports speak it, this one is ${spec.protocol}`));
  }
  causes.push(...checkSecretName('spec.certificate_name', spec.certificate_name));
  causes.push(...checkServiceGroup('spec.serviceGroup', spec.serviceGroup, layer4));
  causes.push(...checkProject(frontend, read));
  if (alb !== undefined) causes.push(...checkPortIsFree(frontend, alb, read));
  return { causes, warnings };
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
