/**
 * Gateways that are served by the data plane of an ALB2, beside its Frontends or alone. Its settings are those of the ALB2, its ports those of
 * all who have some there: HTTP and HTTPS ports are for everybody, of other protocols a port is the Frontend's, or the oldest Gateway's.
 *
 * Source: spec ALB-111 to ALB-113.
 */
import type { ALB2 } from '@causeway/apis/gateway/alb2';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type AlbSettings, albSettings } from '../../gateway/alb-settings.ts';
import { frontendOfPort, listenerProtocol } from '../../gateway/frontend-port.ts';
import { isStandaloneClass, servingAlb } from '../class/alb-class.ts';
import { isAlbClass, ourClassOf } from '../class/class.ts';
import type { GatewayListener } from '../listener/listener.ts';
import { mergedListeners } from '../listener/listener-set.ts';
import { gatewayParts } from './acknowledged.ts';
import { albNamedBy } from './data-plane.ts';

/** An ALB2 and its settings. */
export interface ServingAlb {
  readonly key: ObjectKey;
  readonly alb: ALB2;
  readonly settings: AlbSettings;
}

/** The ALB2 that serves a Gateway of a class of ALBs; a text: why there is none; undefined: it has a data plane of its own, or is not ours. */
export function albOfGateway(view: View, gateway: Gateway): ServingAlb | string | undefined {
  const gatewayClass = ourClassOf(view, gateway);
  if (gatewayClass === undefined || !isAlbClass(gatewayClass)) return undefined;
  const alb = isStandaloneClass(gatewayClass) ? ownAlb(view, gateway) : servingAlb(view, gatewayClass);
  if (typeof alb === 'string') return alb;
  const settings = albSettings(alb);
  return settings === undefined
    ? `ALB2 ${objectKeyText(keyOf(alb))} has no spec.config`
    : { key: keyOf(alb), alb, settings };
}

/** The ALB2 that the label of a Gateway names. */
function ownAlb(view: View, gateway: Gateway): ALB2 | string {
  const key = albNamedBy(view, gateway);
  if (key === undefined) return 'its ALB2 is being made';
  const alb = view.get('ALB2', key);
  const text = `ALB2 ${objectKeyText(key)}`;
  if (alb === undefined) return `${text} not found`;
  if (alb.metadata.deletionTimestamp !== undefined) return `${text} is being deleted`;
  const mode = albSettings(alb)?.gateway;
  if (mode?.mode !== 'standalone') return `${text} serves no Gateway alone: spec.config.gateway.mode`;
  if (mode.gateway !== undefined && objectKeyText(mode.gateway) !== objectKeyText(keyOf(gateway))) {
    return `${text} is for Gateway ${objectKeyText(mode.gateway)}: spec.config.gateway.name`;
  }
  return alb;
}

/** The Gateways that an ALB2 serves, the oldest first. */
export function gatewaysOfAlb(view: View, alb: ObjectKey): readonly Gateway[] {
  const text = objectKeyText(alb);
  const ofClasses = view
    .by('GatewayClass', 'alb', text)
    .flatMap(({ metadata: { name } }) => view.by('Gateway', 'gatewayClass', name));
  return [...new Set([...ofClasses, ...view.by('Gateway', 'alb', text)])]
    .filter((gateway) => gateway.metadata.deletionTimestamp === undefined && isServedBy(view, gateway, text))
    .sort((a, b) => (precedence(a) < precedence(b) ? -1 : 1));
}

function isServedBy(view: View, gateway: Gateway, alb: string): boolean {
  const found = albOfGateway(view, gateway);
  return typeof found === 'object' && objectKeyText(found.key) === alb;
}

function precedence(gateway: Gateway): string {
  return `${gateway.metadata.creationTimestamp ?? '9'} ${objectKeyText(keyOf(gateway))}`;
}

/** Tells the present forms of all Gateways of an ALB2 from others, see {@link gatewayParts}; undefined: there are none. */
export function partsOfAlb(view: View, alb: ObjectKey): string | undefined {
  const parts = gatewaysOfAlb(view, alb).flatMap((gateway) => gatewayParts(view, gateway));
  return parts.length === 0 ? undefined : parts.sort().join(',');
}

/** Of the Service of an ALB2: what its Gateways listen on. */
export function gatewayPortsOfAlb(view: View, alb: ObjectKey): readonly AlbPort[] {
  return gatewaysOfAlb(view, alb).flatMap((gateway) =>
    mergedListeners(view, gateway)
      .filter((listener) => listener.refusal === undefined && portRefusal(view, gateway, listener) === undefined)
      .map(({ spec: { port, protocol } }) => ({ port, protocol: protocol.toLowerCase() })),
  );
}

/** @property protocol `udp`, or one that is carried by TCP */
export interface AlbPort {
  readonly port: number;
  readonly protocol: string;
}

/** Ports of the health checks of balancers that stand before ALBs. Source: spec ALB-113, ALB-124. */
const HEALTH_PORTS: readonly number[] = [1936, 11782];

export interface PortRefusal {
  readonly reason: 'ReservedPortUsed' | 'PortUnavailable';
  readonly message: string;
}

/** Why a listener of a Gateway does not get its port at its ALB2; undefined: it gets it, or the Gateway has a data plane of its own. */
export function portRefusal(view: View, gateway: Gateway, { spec }: GatewayListener): PortRefusal | undefined {
  const found = albOfGateway(view, gateway);
  if (typeof found !== 'object') return undefined;
  const { key, settings } = found;
  const { port, protocol } = spec;
  if (port === settings.metricsPort || HEALTH_PORTS.includes(port)) {
    return { reason: 'ReservedPortUsed', message: `port ${port} is reserved by ALB2 ${objectKeyText(key)}` };
  }
  const taken = (by: string, other: string): PortRefusal => ({
    reason: 'PortUnavailable',
    message: `port ${port} is that of ${by}, with protocol ${other}`,
  });
  const transport = protocol === 'UDP' ? 'udp' : 'tcp';
  const frontend = settings.serveRules ? frontendOfPort(view, key, port, transport) : undefined;
  if (frontend !== undefined) {
    const other = listenerProtocol(frontend);
    return isShared(protocol, other) ? undefined : taken(`Frontend ${objectKeyText(keyOf(frontend))}`, other);
  }
  const own = objectKeyText(keyOf(gateway));
  for (const each of gatewaysOfAlb(view, key)) {
    const there = mergedListeners(view, each).filter(
      (one) =>
        one.refusal === undefined && one.spec.port === port && (one.spec.protocol === 'UDP') === (protocol === 'UDP'),
    );
    const [first] = there;
    if (first === undefined) continue;
    const text = objectKeyText(keyOf(each));
    const isFree = text === own || there.some((one) => isShared(protocol, one.spec.protocol.toLowerCase()));
    return isFree ? undefined : taken(`Gateway ${text}`, first.spec.protocol);
  }
  return undefined;
}

/** Rules of several owners can stand at one port. */
function isShared(protocol: string, other: string): boolean {
  return (protocol === 'HTTP' && other === 'http') || (protocol === 'HTTPS' && other === 'https');
}

/** Whether others have rules at a port of a Gateway: what its own routes do not take may be for them. */
export function isPortOfSeveral(view: View, gateway: Gateway, port: number): boolean {
  const found = albOfGateway(view, gateway);
  if (typeof found !== 'object') return false;
  const { key, settings } = found;
  if (settings.serveRules && frontendOfPort(view, key, port) !== undefined) return true;
  const own = objectKeyText(keyOf(gateway));
  return gatewaysOfAlb(view, key).some(
    (each) => objectKeyText(keyOf(each)) !== own && mergedListeners(view, each).some(({ spec }) => spec.port === port),
  );
}
