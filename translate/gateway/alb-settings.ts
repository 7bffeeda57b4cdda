import { type AlbGateway, albGatewayOf } from '@causeway/apis/gateway/alb-gateway';
import { type ALB2, ALB2_CONFIG_SETTINGS, type ALB2Config } from '@causeway/apis/gateway/alb2';
import {
  ALL_PROJECTS,
  ANNOTATION_IGNORE,
  ANNOTATION_MIGRATE_BACKUP,
  ANNOTATION_NGINX_ENV,
} from '@causeway/apis/gateway/labels';
import { type PortProject, parsePortProjects } from '@causeway/apis/gateway/port-project';
import { isNetwork } from '@causeway/apis/meta/address';
import { keyOf } from '@causeway/apis/meta/object';
import { parseQuantity } from '@causeway/apis/meta/quantity';
import { schemaMistake } from '@causeway/apis/meta/schema-mistake';
import type { Problem } from './problem.ts';

/**
 * The settings of an ALB2 with every default applied and every text parsed.
 *
 * Source: spec ALB section 2.1.
 */
export interface AlbSettings {
  readonly workers: number;
  readonly metricsPort: number;
  readonly ipv6: boolean;
  readonly http2: boolean;
  readonly gzip: boolean;
  readonly backlog: number;
  readonly accessLog: 'text' | 'json';
  readonly metricsAuth: boolean;
  readonly networkMode: 'host' | 'container';
  readonly interfaces: readonly string[];
  /** Seconds. */
  readonly maxTermSeconds: number;
  readonly trustedProxies: readonly string[];
  readonly replicas: number;
  /** Serve Frontends and Rules. */
  readonly serveRules: boolean;
  readonly serveIngress: boolean;
  /** Projects of the whole ALB. */
  readonly projects: ReadonlySet<string>;
  /** Ingresses are served by the projects of their ports, not by those of the ALB (ALB-126). */
  readonly portProjectMode: boolean;
  /** In port project mode, which projects a port belongs to; absent when that cannot be read: what was decided before stays. */
  readonly portProjects?: readonly PortProject[];
  /** 0: none. */
  readonly ingressHttpPort: number;
  readonly ingressHttpsPort: number;
  readonly defaultSslStrategy: 'Never' | 'Always' | 'Request' | 'Both';
  /** As written: `namespace/name` or `namespace_name`. */
  readonly defaultSslCert?: string;
  /** Show the default certificate of a port also for unknown names (ALB-109). */
  readonly fallbackDefaultPortCert: boolean;
  readonly wantsLoadBalancerService: boolean;
  readonly allowCrossNamespaceReferences: boolean;
  /** Endpoints that Submariner brought from other clusters are backends too (ALB-60). */
  readonly otherClusters: boolean;
  /** Absent: it serves no Gateways. */
  readonly gateway?: AlbGateway;
  /** The config itself, for what is passed on as it is. */
  readonly config: ALB2Config;
  readonly problems: readonly Problem[];
}

const cache = new WeakMap<ALB2, AlbSettings | { readonly missing: true }>();

/**
 * @returns undefined when the ALB2 has no config: such an object is ignored (spec ALB 2.1)
 */
export function albSettings(alb: ALB2): AlbSettings | undefined {
  // Every Rule asks; the answer depends on nothing but the object.
  let settings = cache.get(alb);
  if (settings === undefined) {
    settings = resolve(alb) ?? { missing: true };
    cache.set(alb, settings);
  }
  return 'missing' in settings ? undefined : settings;
}

/**
 * Reports whether the operator leaves an ALB2 alone: nothing is written because of it. Its data plane serves on if it was
 * one of ours before, and is not made if it was not.
 */
export function isIgnored(alb: ALB2): boolean {
  return alb.metadata.annotations?.[ANNOTATION_IGNORE] === 'true';
}

/** Reports whether requests of `project` (undefined: namespace without one) are for this ALB (ALB-15). */
export function servesProject(settings: AlbSettings, project: string | undefined): boolean {
  return settings.projects.has(ALL_PROJECTS) || (project !== undefined && settings.projects.has(project));
}

function resolve(alb: ALB2): AlbSettings | undefined {
  const problems: Problem[] = [];
  const invalid = (field: string, message: string): void => {
    problems.push({
      object: { kind: 'ALB2', key: keyOf(alb) },
      reason: 'InvalidField',
      message: `${field}: ${message}`,
      severity: 'Warning',
    });
  };
  const written = alb.spec.config ?? migratedConfig(alb, invalid);
  const config = written && readable(written, invalid);
  if (config === undefined) return undefined;

  const env = environment(alb, invalid);
  const gateway = gatewayMode(alb, config, invalid);
  const isStandalone = gateway?.mode === 'standalone';
  const cert = config.defaultSSLCert ?? '';
  const portProjectMode = config.enablePortProject === true;
  const portProjects = portProjectMode ? readPortProjects(config, invalid) : undefined;
  return {
    workers: workers(config, invalid),
    metricsPort: config.metricsPort ?? 1936,
    ipv6: isOn(config.enableIPV6),
    http2: isOn(config.enableHTTP2),
    gzip: isOn(config.enableGzip),
    backlog: config.backlog ?? 2048,
    accessLog: config.accessLogFormat ?? 'text',
    metricsAuth: String(env['METRICS_AUTH']) !== 'false',
    networkMode: isStandalone ? 'container' : (config.networkMode ?? 'host'),
    interfaces: interfaces(config, invalid),
    maxTermSeconds: Math.max(0, config.maxTermSeconds ?? 30),
    trustedProxies: trustedProxies(config, invalid),
    replicas: config.replicas ?? 3,
    serveRules: !isStandalone && (config.enableALb ?? config.enableAlb ?? true),
    serveIngress: !isStandalone && isOn(config.enableIngress),
    projects: new Set(config.projects ?? []),
    portProjectMode,
    ...(portProjects === undefined ? {} : { portProjects }),
    ingressHttpPort: config.ingressHTTPPort ?? 80,
    ingressHttpsPort: config.ingressHTTPSPort ?? 443,
    defaultSslStrategy: config.defaultSSLStrategy ?? 'Never',
    ...(cert === '' ? {} : { defaultSslCert: cert }),
    fallbackDefaultPortCert: String(env['FallbackDefaultPortCert']) === 'true',
    wantsLoadBalancerService: isStandalone || (config.vip?.enableLbSvc ?? config.networkMode === 'container'),
    allowCrossNamespaceReferences: config.allowCrossNamespaceReferences ?? false,
    otherClusters: config.enableCrossClusters === 'true',
    ...(gateway === undefined ? {} : { gateway }),
    config,
    problems,
  };
}

function gatewayMode(alb: ALB2, { gateway }: ALB2Config, invalid: Invalid): AlbGateway | undefined {
  const found = albGatewayOf(alb.metadata.name, gateway);
  if (typeof found !== 'string') return found;
  invalid(
    `spec.config.gateway.${found.slice(0, found.indexOf(':'))}`,
    `${found.slice(found.indexOf(':') + 2)}; ignored`,
  );
  return undefined;
}

/**
 * Settings whose values the schema allows; a stored one that it does not counts as absent. What is no object at all is no
 * config.
 */
function readable(config: ALB2Config, invalid: Invalid): ALB2Config | undefined {
  const shape = schemaMistake({ type: 'object' }, config, 'spec.config');
  if (shape !== undefined) {
    invalid('spec.config', 'must be an object; the ALB2 is not served');
    return undefined;
  }
  const settings = Object.entries(config).filter(([name, value]) => {
    const schema = ALB2_CONFIG_SETTINGS[name];
    const mistake = schema && schemaMistake(schema, value, name);
    if (mistake !== undefined) invalid(`spec.config.${mistake}`, 'ignored');
    return mistake === undefined;
  });
  return Object.fromEntries(settings) as ALB2Config;
}

type Invalid = (field: string, message: string) => void;

/** Switches are texts in ALB2; everything but "false" leaves the default, on. */
function isOn(text: string | undefined): boolean {
  return text !== 'false';
}

function readPortProjects(config: ALB2Config, invalid: Invalid): readonly PortProject[] | undefined {
  const parsed = parsePortProjects(config.portProjects);
  if ('entries' in parsed) return parsed.entries;
  for (const { field, value, detail } of parsed.mistakes) {
    invalid(
      `spec.config.portProjects${field}`,
      `${JSON.stringify(value)}: ${detail}; the projects of ports stay as they are`,
    );
  }
  return undefined;
}

function migratedConfig(alb: ALB2, invalid: Invalid): ALB2Config | undefined {
  const backup = alb.metadata.annotations?.[ANNOTATION_MIGRATE_BACKUP];
  return backup === undefined
    ? undefined
    : jsonObject(backup, `metadata.annotations[${ANNOTATION_MIGRATE_BACKUP}]`, invalid);
}

function environment(alb: ALB2, invalid: Invalid): Readonly<Record<string, unknown>> {
  const text = alb.metadata.annotations?.[ANNOTATION_NGINX_ENV];
  return (
    (text === undefined ? undefined : jsonObject(text, `metadata.annotations[${ANNOTATION_NGINX_ENV}]`, invalid)) ?? {}
  );
}

/** nginx workers = min(workerLimit, CPU limit rounded up), at least 1; workerLimit 0 counts as 4. */
function workers(config: ALB2Config, invalid: Invalid): number {
  const limit = config.workerLimit ?? 8;
  const cpu = config.resources?.limits?.cpu ?? 2;
  let cores = parseQuantity(cpu);
  if (cores === undefined) {
    invalid('spec.config.resources.limits.cpu', `${JSON.stringify(cpu)} is not a quantity; 2 is used`);
    cores = 2;
  }
  return Math.max(1, Math.min(limit === 0 ? 4 : limit, Math.ceil(cores)));
}

function interfaces(config: ALB2Config, invalid: Invalid): readonly string[] {
  const text = config.bindNIC ?? '';
  if (text === '') return [];
  const nic = jsonObject(text, 'spec.config.bindNIC', invalid)?.['nic'] ?? [];
  if (Array.isArray(nic) && nic.every((name) => typeof name === 'string')) return [...new Set(nic)].sort();
  invalid('spec.config.bindNIC', 'nic must be a list of interface names; every address is used');
  return [];
}

/** A network that cannot be read trusts nobody. */
function trustedProxies(config: ALB2Config, invalid: Invalid): readonly string[] {
  const networks = new Set<string>();
  for (const [index, network] of (config.trustedProxies ?? []).entries()) {
    if (isNetwork(network)) networks.add(network);
    else invalid(`spec.config.trustedProxies[${index}]`, `${JSON.stringify(network)} is not a network; ignored`);
  }
  return [...networks].sort();
}

function jsonObject(text: string, field: string, invalid: Invalid): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Readonly<Record<string, unknown>>;
    }
  } catch {
    // Said below: the message of JSON.parse quotes the text.
  }
  invalid(field, 'must be a JSON object; ignored');
  return undefined;
}
