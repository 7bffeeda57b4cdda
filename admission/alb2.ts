import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { type Cause, type Findings, forbidden, invalid } from './verdict.ts';

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
  causes.push(...checkPortProjects(config.portProjects), ...checkBindNic(config.bindNIC));
  const warnings = spec.config === undefined ? ['spec.config: an ALB2 without config is not served'] : [];
  return { causes, warnings };
}

function checkPortProjects(text: string | undefined): Cause[] {
  if (text === undefined || text === '') return [];
  const field = 'spec.config.portProjects';
  const entries = parseJson(text);
  if (!Array.isArray(entries)) return [invalid(field, text, 'must be a JSON list of {"port","projects"}')];
  return entries.flatMap((entry: unknown, index) => {
    const port: unknown = isRecord(entry) ? entry['port'] : undefined;
    const projects: unknown = isRecord(entry) ? entry['projects'] : undefined;
    const causes = isPortRange(port) ? [] : [invalid(`${field}[${index}].port`, port, 'must be a port or from-to')];
    const named = Array.isArray(projects) && projects.every((project) => typeof project === 'string');
    return named ? causes : [...causes, invalid(`${field}[${index}].projects`, projects, 'must be a list of projects')];
  });
}

/** `8080` or `8080-8090`, 1 to 65535, ascending. */
function isPortRange(port: unknown): boolean {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(port));
  if (match === null) return false;
  const from = Number(match[1]);
  const to = match[2] === undefined ? from : Number(match[2]);
  return from >= 1 && to <= 65_535 && (match[2] === undefined || from < to);
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
