import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { ANNOTATION_ORIGIN, LABEL_SERVICE_NAME, LABEL_SERVICE_TYPE } from '@causeway/apis/gateway/labels';
import { operatorLabels } from '@causeway/apis/gateway/operator-labels';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Service } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { isAddress } from './alb-address.ts';
import { type AlbSettings, albSettings, isIgnored } from './alb-settings.ts';

type ServicePort = NonNullable<NonNullable<Service['spec']>['ports']>[number];

/**
 * The LoadBalancer Service of an ALB; undefined: there must be none. It has the metrics port, each port of a Frontend, and further ones.
 * What the API server and cloud controllers have put into the stored one stays: addresses, node ports, foreign annotations.
 *
 * Source: spec ALB-124. Its name ends in a hash of the ALB2's uid, not in random letters; one with another name that
 * carries the labels is taken over.
 *
 * @param further ports, those of its Gateways
 */
export function translateLoadBalancerService(
  view: View,
  albKey: ObjectKey,
  further: readonly { readonly port: number; readonly protocol: string }[] = [],
): Service | undefined {
  const alb = view.get('ALB2', albKey);
  if (alb === undefined || alb.metadata.deletionTimestamp !== undefined) return undefined;
  const stored = loadBalancerService(view, albKey);
  if (isIgnored(alb)) return stored;
  const settings = albSettings(alb);
  if (settings === undefined || !settings.wantsLoadBalancerService) return undefined;
  const { vip } = settings.config;
  const annotations = vip?.lbSvcAnnotations ?? {};
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: stored?.metadata.name ?? nameFor(alb),
      namespace: albKey.namespace,
      labels: { ...operatorLabels(albKey), [LABEL_SERVICE_TYPE]: 'lb' },
      annotations: {
        ...annotations,
        ...(Object.keys(annotations).length === 0 ? {} : { [ANNOTATION_ORIGIN]: JSON.stringify(annotations) }),
      },
    },
    spec: {
      ...stored?.spec,
      type: 'LoadBalancer',
      selector: { [LABEL_SERVICE_NAME]: `alb2-${albKey.name}` },
      ports: portsOf(view, albKey, settings, further).map((port) => withNodePort(port, stored)),
      ipFamilyPolicy: vip?.lbSvcIpFamilyPolicy ?? 'PreferDualStack',
      allocateLoadBalancerNodePorts: vip?.allocateLoadBalancerNodePorts ?? true,
    },
  };
}

/** The one that is stored; of several the oldest. */
export function loadBalancerService(view: View, alb: ObjectKey): Service | undefined {
  const [first] = view
    .by('Service', 'loadBalancerOf', objectKeyText(alb))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .toSorted((a, b) => compare(createdAt(a), createdAt(b)));
  return first;
}

export interface AllottedAddresses {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
  readonly host: readonly string[];
}

/** Addresses that somebody gave to the LoadBalancer Service of an ALB, in their order. */
export function allottedAddresses(service: Service | undefined): AllottedAddresses {
  const entries = service?.status?.loadBalancer?.ingress ?? [];
  const ips = entries.flatMap(({ ip }) => (ip !== undefined && isAddress(ip) ? [ip] : []));
  return {
    ipv4: ips.filter((ip) => !isIPv6(ip)),
    ipv6: ips.filter((ip) => isIPv6(ip)),
    host: entries.flatMap(({ hostname }) => (hostname === undefined || hostname === '' ? [] : [hostname])),
  };
}

/** Annotations that were written because of the ALB2 before: those that it no longer has must go. */
export function rememberedAnnotations(service: Service): ReadonlySet<string> {
  try {
    const remembered: unknown = JSON.parse(service.metadata.annotations?.[ANNOTATION_ORIGIN] ?? '{}');
    return new Set(typeof remembered === 'object' && remembered !== null ? Object.keys(remembered) : []);
  } catch {
    return new Set();
  }
}

/**
 * Where the LoadBalancer Service is reached at home: at the addresses that the data planes gave themselves; undefined:
 * somebody else says it (host mode, or an ALB that is left alone).
 */
export function translateHomeLoadBalancer(view: View, albKey: ObjectKey): readonly string[] | undefined {
  const alb = view.get('ALB2', albKey);
  const settings = alb === undefined || isIgnored(alb) ? undefined : albSettings(alb);
  if (settings?.networkMode !== 'container') return undefined;
  const instances = view.by('Instance', 'alb', objectKeyText(albKey));
  return [...new Set(instances.flatMap(({ status }) => status?.address ?? []))].sort();
}

function portsOf(
  view: View,
  alb: ObjectKey,
  { metricsPort }: AlbSettings,
  further: readonly { readonly port: number; readonly protocol: string }[],
): readonly ServicePort[] {
  const ports = new Map<string, ServicePort>();
  const add = (name: string, port: number, protocol: 'TCP' | 'UDP'): void => {
    const key = `${protocol} ${port}`;
    if (!ports.has(key)) ports.set(key, { name, port, protocol, targetPort: port });
  };
  add('metrics', metricsPort, 'TCP');
  const ofFrontends = view.by('Frontend', 'alb', objectKeyText(alb)).map(({ spec }) => spec);
  for (const { port, protocol } of [...ofFrontends, ...further]) {
    add(`${protocol}-${port}`, port, protocol === 'udp' ? 'UDP' : 'TCP');
  }
  return [...ports.values()].sort((a, b) => a.port - b.port || compare(a.protocol ?? '', b.protocol ?? ''));
}

/** The node port that the API server gave to this port stays. */
function withNodePort(port: ServicePort, stored: Service | undefined): ServicePort {
  const same = stored?.spec?.ports?.find((each) => each.port === port.port && each.protocol === port.protocol);
  return same?.nodePort === undefined ? port : { ...port, nodePort: same.nodePort };
}

function nameFor({ metadata: { name, uid = name } }: ALB2): string {
  return `${name.slice(0, 63 - '-lb-xxxxx'.length)}-lb-${createHash('sha256').update(uid).digest('hex').slice(0, 5)}`;
}

function createdAt(service: Service): string {
  return `${service.metadata.creationTimestamp ?? '9'} ${service.metadata.name}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
