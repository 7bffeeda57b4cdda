import type { Frontend } from '@causeway/apis/gateway/frontend';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Instance } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import type { Problem } from '@causeway/translate/gateway/problem';
import { albGatewaysIntent } from '../gateway-api/intent.ts';
import { type IngressNginxIntent, ingressNginxIntent } from '../ingress-nginx/intent.ts';
import { translateAlb } from './intent.ts';
import { type AlbSummary, summarizeAlb } from './summary.ts';

/** An ALB with its data planes, its ports, and what is wrong with its objects. */
export interface AlbReport extends AlbSummary {
  readonly dataPlanes: readonly DataPlane[];
  readonly ports: readonly ReportedPort[];
  readonly problems: readonly ReportedProblem[];
}

export interface DataPlane {
  readonly name: string;
  readonly node: string;
  readonly ready: boolean;
  /** Of the configuration that all workers have. */
  readonly version: number;
  readonly workers: number;
  readonly reloads: number;
  /** Since its last report; agents report at least every 30 s. Absent: it never did. */
  readonly silentSeconds?: number;
  /** Why nginx does not run, or not with the wanted configuration. */
  readonly message?: string;
  /** What is missing though it serves. */
  readonly warnings: readonly string[];
}

export interface ReportedPort {
  readonly port: number;
  readonly protocol: string;
  readonly frontend: string;
  readonly rules: number;
  /** `listening`, `conflict`, or `pending` while no instance reported it; by instance. */
  readonly states: readonly { readonly instance: string; readonly state: string; readonly message?: string }[];
}

export interface ReportedProblem {
  /** `Rule kube-system/api` */
  readonly object: string;
  readonly reason: string;
  readonly message: string;
}

/**
 * @param now milliseconds since 1970
 * @param key of the data plane
 * @returns undefined when there is no such ALB2 or IngressNginx
 */
export function reportAlb(view: View, key: ObjectKey, now: number): AlbReport | undefined {
  const summary = summarizeAlb(view, key);
  if (summary === undefined) return undefined;
  const id = objectKeyText(key);
  const instances = view.by('Instance', 'alb', id);
  const ofNginx = ingressNginxIntent(view, key);
  const frontends = ofNginx?.frontends ?? view.by('Frontend', 'alb', id);
  return {
    ...summary,
    dataPlanes: instances.map((instance) => dataPlane(instance, now)),
    ports: [
      ...frontends.map((frontend) => reportedPort(portOf(frontend), instances, rulesOf(view, frontend, ofNginx))),
      ...gatewayPorts(view, key, frontends, instances),
    ].sort((a, b) => a.port - b.port),
    problems: translateAlb(view, key).problems.map(reportedProblem),
  };
}

function dataPlane({ metadata, status = {} }: Instance, now: number): DataPlane {
  const heartbeat = Date.parse(status.heartbeatTime ?? '');
  return {
    name: metadata.name,
    node: status.node ?? '',
    ready: status.ready ?? false,
    version: status.version ?? 0,
    workers: status.workers?.length ?? 0,
    reloads: status.reloads ?? 0,
    ...(Number.isNaN(heartbeat) ? {} : { silentSeconds: Math.max(0, Math.round((now - heartbeat) / 1000)) }),
    ...(status.message === undefined ? {} : { message: status.message }),
    warnings: status.warnings ?? [],
  };
}

type Port = Pick<ReportedPort, 'port' | 'protocol' | 'frontend'>;

function portOf({ metadata: { name }, spec: { port, protocol } }: Frontend): Port {
  return { port, protocol, frontend: name };
}

/** Ports that Gateways alone have; their Frontends are listeners. */
function gatewayPorts(
  view: View,
  alb: ObjectKey,
  frontends: readonly Frontend[],
  instances: readonly Instance[],
): readonly ReportedPort[] {
  const { listeners, routes } = albGatewaysIntent(view, alb);
  const ports = new Map<string, Port>();
  for (const { port, protocol, name } of listeners) {
    if (frontends.some(({ spec }) => spec.port === port && isOn(spec.protocol, protocol))) continue;
    const id = `${port} ${protocol}`;
    const before = ports.get(id);
    ports.set(id, { port, protocol, frontend: before === undefined ? name : `${before.frontend},${name}` });
  }
  return [...ports.values()].map((port) => {
    const ids = new Set(listeners.flatMap((one) => (one.port === port.port ? one.id : [])));
    return reportedPort(port, instances, routes.filter((route) => route.listeners.some((id) => ids.has(id))).length);
  });
}

function reportedPort({ port, protocol, frontend }: Port, instances: readonly Instance[], rules: number): ReportedPort {
  const states = instances.map(({ metadata, status }) => {
    const found = status?.ports?.find((entry) => entry.port === port && isOn(entry.protocol, protocol));
    return {
      instance: metadata.name,
      state: found?.state ?? 'pending',
      ...(found?.message === undefined ? {} : { message: found.message }),
    };
  });
  return { port, protocol, frontend, rules, states };
}

function rulesOf(view: View, frontend: Frontend, ofNginx: IngressNginxIntent | undefined): number {
  if (ofNginx === undefined) return view.by('Rule', 'frontend', objectKeyText(keyOf(frontend))).length;
  const id = ofNginx.listeners.find(({ name }) => name === frontend.metadata.name)?.id;
  return ofNginx.routes.filter(({ listeners }) => listeners.some((one) => one === id)).length;
}

/** A udp port and another protocol's of the same number are two ports. */
function isOn(reported: string, protocol: string): boolean {
  return (reported === 'udp') === (protocol === 'udp');
}

function reportedProblem({ object, reason, message }: Problem): ReportedProblem {
  return { object: `${object.kind} ${objectKeyText(object.key)}`, reason, message };
}
