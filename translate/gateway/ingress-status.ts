import { isIPv4 } from 'node:net';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';
import { addressesOf, isAddress, publishedAddresses } from './alb-address.ts';
import { servingAlbs } from './ingress-alb.ts';
import { servingIngressNginx } from './ingress-nginx/serving.ts';
import { type IngressNginxSettings, ingressNginxOf, ingressNginxSettings } from './ingress-nginx/settings.ts';
import { nginxWorkloadOf } from './ingress-nginx/workload.ts';
import { servedPorts } from './ingress-port.ts';
import { ingressTls } from './ingress-tls.ts';

const LOOPBACK = /^(?:127\.|::1$)/;

/** Our part of status.loadBalancer.ingress. */
export interface IngressStatusFragment {
  /** Entries that must be there: replace those with the same ip or hostname; sorted, addresses first. */
  readonly entries: readonly IngressStatusEntry[];
  /**
   * ips and host names of ALBs that do not serve this Ingress (any more): their entries must go. Disjoint from `entries`,
   * sorted.
   */
  readonly withdrawn: readonly string[];
}

export interface IngressStatusEntry {
  readonly ip?: string;
  readonly hostname?: string;
  readonly ports: readonly { readonly port: number; readonly protocol: 'TCP' }[];
}

/**
 * Where an Ingress is reached: every address of every ALB that serves it, with the ports of ALB-17.
 *
 * Source: spec ALB-25 with its amendment.
 */
export function translateIngressStatus(view: View, key: ObjectKey): IngressStatusFragment {
  const ingress = view.get('Ingress', key);
  if (ingress === undefined) return { entries: [], withdrawn: [] };
  const ports = new Map<string, Set<number>>();
  for (const serving of servingAlbs(view, ingress).albs) {
    const { alb, settings } = serving;
    const served = servedPorts(view, ingress, serving, ingressTls(view, ingress, settings)).ports;
    if (served.length === 0) continue;
    for (const address of addressesOf(alb)) {
      const known = ports.get(address) ?? new Set();
      ports.set(address, known);
      for (const { port } of served) known.add(port);
    }
  }
  for (const settings of servingIngressNginx(view, ingress)) {
    for (const address of nginxAddresses(view, settings)) {
      const known = ports.get(address) ?? new Set();
      ports.set(address, known);
      for (const { spec } of [settings.http, settings.https]) known.add(spec.port);
    }
  }
  const published = new Set([
    ...view.all('ALB2').flatMap(publishedAddresses),
    ...view
      .all('IngressNginx')
      .flatMap((object) => [
        ...nginxAddresses(view, ingressNginxSettings(object)),
        ...(object.status?.addresses ?? []),
      ]),
  ]);
  const addresses = [...ports.keys()].sort();
  return {
    entries: [...addresses.filter(isAddress), ...addresses.filter((text) => !isAddress(text))].map((address) => ({
      ...(isAddress(address) ? { ip: address } : { hostname: address }),
      ports: [...(ports.get(address) ?? [])].sort((a, b) => a - b).map((port) => ({ port, protocol: 'TCP' as const })),
    })),
    withdrawn: [...published].filter((address) => !ports.has(address)).sort(),
  };
}

/** Those that it is told to publish, else of its Service (IN-03), else, where it has none, of its data planes or their machines. */
export function nginxAddresses(view: View, { id, publishedAddresses: told }: IngressNginxSettings): readonly string[] {
  if (told.length > 0) return told;
  const key = ingressNginxOf(id);
  const service = key && view.get('Service', nginxWorkloadOf(key));
  if (service?.spec?.type === 'LoadBalancer') {
    return (service.status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip ?? hostname ?? []);
  }
  const inside = (service?.spec?.clusterIPs ?? []).filter((address) => isAddress(address));
  if (inside.length > 0) return inside;
  return view
    .by('Instance', 'alb', objectKeyText(id))
    .flatMap(({ status }) => status?.address ?? machineAddress(status?.metrics?.addresses ?? []) ?? []);
}

/** Of the addresses that an instance on the network of its machine listens on, the one that others reach it by. */
function machineAddress(addresses: readonly string[]): string | undefined {
  const outside = addresses.filter((address) => !LOOPBACK.test(address));
  return outside.find(isIPv4) ?? outside[0];
}
