import type { ALB2, ALB2Config } from '@causeway/apis/gateway/alb2';
import { isProject, parsePortProjects } from '@causeway/apis/gateway/port-project';
import { isNetwork } from '@causeway/apis/meta/address';
import { checkPolicyConfig } from './policy-config.ts';
import { checkSecretName } from './service-group.ts';
import { type Cause, type Findings, forbidden, invalid, notSupported, required } from './verdict.ts';

/** Kubernetes resource quantity: decimal number with an optional suffix. Source: k8s.io/apimachinery, resource.Quantity. */
const QUANTITY = /^[+-]?(\d+|\d+\.\d*|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/;

/** `<alb>-<port, 5 digits>` names Frontends and is a label value of their Rules (ALB-18), which ends at 63 characters. */
const NAME_MAX = 63 - '-00080'.length;

const SETTINGS_OF_CONFIG = ['networkMode', 'replicas', 'resources', 'projects'];

/** Source: spec ALB section 2.1, ALB-02 (bad input), ALB-123, ALB-126. */
export function checkAlb2(alb: ALB2): Findings {
  const { spec } = alb;
  const config = spec.config ?? {};
  const causes: Cause[] = SETTINGS_OF_CONFIG.filter((name) => name in spec).map((name) =>
    forbidden(`spec.${name}`, `belongs in spec.config.${name}`),
  );
  const { resources } = config;
  for (const [path, quantities] of [
    ['limits', resources?.limits],
    ['requests', resources?.requests],
    ['alb.limits', resources?.alb?.limits],
    ['alb.requests', resources?.alb?.requests],
  ] as const) {
    for (const [name, quantity] of Object.entries(quantities ?? {})) {
      if (quantity === undefined || QUANTITY.test(String(quantity))) continue;
      causes.push(invalid(`spec.config.resources.${path}.${name}`, quantity, 'must be a quantity, e.g. 500m or 2Gi'));
    }
  }
  const servesRules = config.enableALb ?? config.enableAlb ?? true;
  if (servesRules && alb.metadata.name.length > NAME_MAX) {
    const detail = `must be no more than ${NAME_MAX} characters, so that the names of its Frontends fit a label`;
    causes.push(invalid('metadata.name', alb.metadata.name, detail));
  }
  causes.push(
    ...checkProjects(config),
    ...checkBindNic(config.bindNIC),
    ...checkPorts(config),
    ...checkSwitches(config),
  );
  causes.push(...checkTrustedProxies(config.trustedProxies), ...checkGateway(config.gateway));
  causes.push(...checkSecretName('spec.config.defaultSSLCert', config.defaultSSLCert));
  causes.push(...checkPolicyConfig('spec.config', config));
  const warnings = spec.config === undefined ? ['spec.config: an ALB2 without config is not served'] : [];
  return { causes, warnings };
}

function checkProjects({ projects, portProjects }: ALB2Config): Cause[] {
  const causes = (projects ?? []).flatMap((project, index) =>
    isProject(project) ? [] : [invalid(`spec.config.projects[${index}]`, project, 'must be a name that fits a label')],
  );
  const parsed = parsePortProjects(portProjects);
  if ('entries' in parsed) return causes;
  const mistakes = parsed.mistakes.map(({ field, value, detail }) =>
    value === undefined
      ? required(`spec.config.portProjects${field}`, detail)
      : invalid(`spec.config.portProjects${field}`, value, detail),
  );
  return [...causes, ...mistakes];
}

/** One address cannot have two listeners on a port; 0 stands for none. */
function checkPorts(config: ALB2Config): Cause[] {
  const { ingressHTTPPort: http = 80, ingressHTTPSPort: https = 443, metricsPort = 1936 } = config;
  const causes: Cause[] = [];
  if (http !== 0 && http === https) {
    causes.push(invalid('spec.config.ingressHTTPSPort', https, 'ingressHTTPPort is the same'));
  }
  for (const [name, port] of [
    ['ingressHTTPPort', http],
    ['ingressHTTPSPort', https],
  ] as const) {
    if (port !== 0 && port === metricsPort) {
      causes.push(invalid('spec.config.metricsPort', metricsPort, `${name} is the same`));
    }
  }
  return causes;
}

const SWITCHES = [
  'enableIngress',
  'enablePrometheus',
  'enablePortprobe',
  'enableIPV6',
  'enableHTTP2',
  'enableGzip',
  'enableCrossClusters',
] as const;

/** Switches are texts in ALB2; what is neither would silently mean the default. */
function checkSwitches(config: ALB2Config): Cause[] {
  return SWITCHES.flatMap((name) => {
    const value = config[name] ?? '';
    const known = value === '' || value === 'true' || value === 'false';
    return known ? [] : [notSupported(`spec.config.${name}`, value, ['true', 'false'])];
  });
}

function checkTrustedProxies(networks: readonly string[] | undefined): Cause[] {
  return (networks ?? []).flatMap((network, index) =>
    isNetwork(network)
      ? []
      : [
          invalid(
            `spec.config.trustedProxies[${index}]`,
            network,
            'must be a network, e.g. 10.0.0.0/8 or 2001:db8::/32',
          ),
        ],
  );
}

function checkGateway(gateway: ALB2Config['gateway']): Cause[] {
  const { mode = '', name = '' } = gateway ?? {};
  if (mode !== '' && mode !== 'shared' && mode !== 'standalone') {
    return [notSupported('spec.config.gateway.mode', mode, ['shared', 'standalone'])];
  }
  return mode === 'standalone' && name === ''
    ? [required('spec.config.gateway.name', 'a standalone ALB serves one Gateway')]
    : [];
}

function checkBindNic(text: string | undefined): Cause[] {
  if (text === undefined || text === '') return [];
  const value = parseJson(text);
  const nic: unknown = isRecord(value) ? (value['nic'] ?? []) : undefined;
  const wellFormed = Array.isArray(nic) && nic.every((name) => typeof name === 'string');
  return wellFormed ? [] : [invalid('spec.config.bindNIC', text, 'must be JSON like {"nic":["eth0"]}')];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
