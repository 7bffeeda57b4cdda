import type { ALB2Config, ALB2State, ALB2Status } from '@causeway/apis/gateway/alb2';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import { VERSION } from '@causeway/apis/meta/version';
import type { Instance } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { publishedAddresses } from './alb-address.ts';
import { albSettings, isIgnored } from './alb-settings.ts';
import { allottedAddresses, loadBalancerService } from './load-balancer-service.ts';
import { translateTuning } from './tuning.ts';
import { replacedImage } from './workload.ts';

type Detail = NonNullable<ALB2Status['detail']>;
type PortStatus = NonNullable<NonNullable<Detail['alb']>['portstatus']>;

/**
 * Desired status of an ALB2 from what its instances report, without times (probeTime, probeTimeStr): the writer stamps
 * them when the meaning changed.
 *
 * Source: spec ALB 2.1, "State rule". Beyond it, settings that cannot be read make the state Warning (LIM-29).
 *
 * @param onCluster data planes are a Deployment; else they are what reports
 * @returns undefined when there is no such ALB2, or none that is to be reported about
 */
export function translateAlbStatus(
  view: View,
  albKey: ObjectKey,
  { onCluster }: { readonly onCluster: boolean } = { onCluster: false },
): ALB2Status | undefined {
  const alb = view.get('ALB2', albKey);
  if (alb === undefined || isIgnored(alb)) return undefined;
  const settings = albSettings(alb);
  if (settings === undefined) return { state: 'Pending', reason: 'spec.config is missing' };

  const instances = view.by('Instance', 'alb', objectKeyText(albKey));
  const deploy = onCluster ? deploymentState(view, albKey) : deployOf(instances, settings.replicas);
  const portstatus = conflicts(instances);
  const warnings = [
    ...instances.flatMap(({ status }) => (status?.warnings ?? []).map((text) => `${status?.node ?? ''}: ${text}`)),
    ...Object.entries(portstatus).map(([port, { msg }]) => `${port} ${msg}`),
    ...settings.problems.map(({ message }) => message),
    ...translateTuning(view, albKey, settings).problems.map(({ message }) => message),
  ];
  const { ipv4, ipv6, host } = allottedAddresses(
    settings.wantsLoadBalancerService ? loadBalancerService(view, albKey) : undefined,
  );
  const allocated = [...ipv4, ...ipv6, ...host];
  const ok = !settings.wantsLoadBalancerService || allocated.length > 0;

  let state: ALB2State = 'Running';
  let reason = '';
  if (deploy.state !== 'Running') {
    state = deploy.state;
    reason = deploy.reason;
  } else if (warnings.length > 0) {
    state = 'Warning';
    reason = warnings.join('; ');
  } else if (!ok) {
    state = 'Progressing';
    reason = 'wait lb svc ready';
  }
  const published = publishedAddresses(alb);
  return {
    state,
    reason,
    detail: {
      deploy,
      address: {
        ok,
        msg: allocated.join(','),
        ...(ipv4.length === 0 ? {} : { ipv4 }),
        ...(ipv6.length === 0 ? {} : { ipv6 }),
        ...(host.length === 0 ? {} : { host }),
        ...(published.length === 0 ? {} : { published }),
      },
      version: versionOf(settings.config),
      alb: { portstatus },
    },
  };
}

function versionOf(config: ALB2Config): NonNullable<Detail['version']> {
  const image = replacedImage(config);
  return { version: VERSION, imagePatch: image === undefined ? 'not patch' : `patched,alb: ${image}` };
}

export interface Deploy {
  readonly state: ALB2State;
  readonly reason: string;
}

function deploymentState(view: View, key: ObjectKey): Deploy {
  const deployment = view.get('Deployment', key);
  if (deployment === undefined) return { state: 'Pending', reason: 'wait workload creating' };
  const wanted = deployment.spec?.replicas ?? 1;
  const { replicas = 0, readyReplicas = 0 } = deployment.status ?? {};
  if (wanted === replicas && wanted === readyReplicas) return { state: 'Running', reason: 'workload ready' };
  return { state: 'Progressing', reason: `wait workload ready ${readyReplicas}/${wanted}` };
}

/** At home: one data plane, or none. */
export function deployOf(instances: readonly Instance[], replicas: number): Deploy {
  if (replicas === 0 && instances.length === 0) return { state: 'Running', reason: 'workload ready' };
  if (instances.length === 0) return { state: 'Pending', reason: 'wait workload creating' };
  const ready = instances.filter((instance) => instance.status?.ready === true).length;
  if (ready === instances.length) return { state: 'Running', reason: 'workload ready' };
  const failures = instances.flatMap(({ metadata, status }) =>
    status?.message === undefined ? [] : [`${metadata.name}: ${status.message}`],
  );
  return { state: 'Progressing', reason: [`wait workload ready ${ready}/${instances.length}`, ...failures].join('; ') };
}

/** By `<protocol>-<port>`, only ports that another process has. */
export function conflicts(instances: readonly Instance[]): PortStatus {
  const hosts = new Map<string, { readonly port: number; readonly at: string[] }>();
  for (const instance of instances) {
    for (const { port, protocol, state } of instance.status?.ports ?? []) {
      if (state !== 'conflict') continue;
      const name = `${protocol}-${port}`;
      const entry = hosts.get(name) ?? { port, at: [] };
      hosts.set(name, entry);
      entry.at.push(`${instance.status?.node ?? ''}/${instance.metadata.name}`);
    }
  }
  const sorted = [...hosts].sort(([a, x], [b, y]) => x.port - y.port || (a < b ? -1 : 1));
  return Object.fromEntries(
    sorted.map(([name, { at }]) => [name, { conflict: true, msg: `conflict on ${at.join(', ')}` }]),
  );
}
