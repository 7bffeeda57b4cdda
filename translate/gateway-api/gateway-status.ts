import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, Instance } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { ourClassOf } from './class.ts';
import { type Verdict, verdict } from './condition.ts';
import { gatewayPlaneOf } from './data-plane.ts';
import { type GatewayListener, listenersOf } from './listener.ts';
import { listenerCertificates } from './listener-certificate.ts';

/** What is said of a Gateway, but for the number of its routes. */
export interface GatewayStatus {
  /** Sorted. */
  readonly addresses: readonly string[];
  readonly conditions: readonly Verdict[];
  readonly listeners: readonly ListenerStatus[];
}

export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly conditions: readonly Verdict[];
}

/**
 * The state of a Gateway: what is wrong with it, and whether its data planes have what it asks for.
 *
 * Source: GW-14.
 *
 * @returns undefined when there is no such Gateway, or it is not ours
 */
export function translateGatewayStatus(view: View, key: ObjectKey): GatewayStatus | undefined {
  const gateway = view.get('Gateway', key);
  if (gateway === undefined || ourClassOf(view, gateway) === undefined) return undefined;
  const instances = view.by('Instance', 'alb', objectKeyText(gatewayPlaneOf(key)));
  const current = instances.filter((instance) => hasAcknowledged(instance, gateway));
  const listeners = listenersOf(gateway).map((listener) => statusOf(view, gateway, listener, current));
  const addresses = [...new Set(current.flatMap(({ status }) => status?.address ?? []))].sort();
  return {
    addresses,
    conditions: [acceptance(gateway), programmed(gateway, { listeners, instances, current, addresses })],
    listeners,
  };
}

/** Every worker that takes connections has what the Gateway asks for in its current form. */
function hasAcknowledged({ status }: Instance, { metadata: { generation = 0 } }: Gateway): boolean {
  return status?.ready === true && (status.observedGeneration ?? 0) >= generation;
}

/** One good listener is enough. */
function acceptance(gateway: Gateway): Verdict {
  const refuse = (reason: string, message: string) => verdict('Accepted', false, reason, message);
  const { addresses = [], infrastructure } = gateway.spec;
  const foreign = addresses.findIndex(({ type = 'IPAddress' }) => type !== 'IPAddress');
  if (foreign >= 0) {
    return refuse('UnsupportedAddress', `addresses[${foreign}].type: ${addresses[foreign]?.type} is not served`);
  }
  const parameters = infrastructure?.parametersRef;
  if (parameters !== undefined) {
    return refuse('InvalidParameters', `infrastructure.parametersRef: kind ${parameters.kind} is not served`);
  }
  const bad = listenersOf(gateway).filter(({ refusal }) => refusal !== undefined);
  if (bad.length === 0) return verdict('Accepted', true, 'Accepted', 'the Gateway is served');
  const message = bad.map(({ spec, refusal }) => `listener ${spec.name}: ${refusal?.message}`).join('; ');
  return verdict('Accepted', bad.length < gateway.spec.listeners.length, 'ListenersNotValid', message);
}

interface Serving {
  readonly listeners: readonly ListenerStatus[];
  readonly instances: readonly Instance[];
  /** Those that have what the Gateway asks for. */
  readonly current: readonly Instance[];
  readonly addresses: readonly string[];
}

function programmed(gateway: Gateway, { listeners, instances, current, addresses }: Serving): Verdict {
  const no = (reason: string, message: string) => verdict('Programmed', false, reason, message);
  if (!listeners.some(({ conditions }) => holds(conditions, 'Accepted')))
    return no('Invalid', 'no listener is accepted');
  if (current.length === 0) {
    const failures = instances.flatMap(({ status }) => [status?.message ?? [], status?.warnings ?? []].flat());
    return no('Pending', failures.length === 0 ? 'the data plane is being set up' : failures.join('; '));
  }
  if (addresses.length === 0) {
    const warnings = current.flatMap(({ status }) => status?.warnings ?? []);
    return no('AddressNotAssigned', warnings.length === 0 ? 'there is no address yet' : warnings.join('; '));
  }
  const served = `served at ${addresses.join(', ')}`;
  // One without value is a wish for any.
  const chosen = (gateway.spec.addresses ?? []).flatMap(({ value }) => value ?? []);
  return chosen.length === 0
    ? verdict('Programmed', true, 'Programmed', served)
    : no('AddressNotUsable', `addresses: ${chosen.join(', ')}: no address can be chosen; ${served}`);
}

function holds(conditions: readonly Verdict[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

function statusOf(
  view: View,
  gateway: Gateway,
  listener: GatewayListener,
  current: readonly Instance[],
): ListenerStatus {
  const { spec, refusal, kinds } = listener;
  const isConflict = refusal?.reason === 'HostnameConflict' || refusal?.reason === 'ProtocolConflict';
  const unresolved = unresolvedOf(view, gateway, listener);
  const port = refusal === undefined && !isUnshown(unresolved) ? portState(spec, current) : undefined;
  const conditions: Verdict[] = [
    refusal !== undefined
      ? verdict('Accepted', false, refusal.reason, refusal.message)
      : port?.state === 'conflict'
        ? verdict('Accepted', false, 'PortUnavailable', port.message ?? 'the port is taken')
        : verdict('Accepted', true, 'Accepted', 'the listener is served'),
    refusal !== undefined && isConflict
      ? verdict('Conflicted', true, refusal.reason, refusal.message)
      : verdict('Conflicted', false, 'NoConflicts', 'no other listener wants the same'),
    unresolved === undefined
      ? verdict('ResolvedRefs', true, 'ResolvedRefs', 'every reference can be followed')
      : verdict('ResolvedRefs', false, unresolved.reason, unresolved.message),
    refusal !== undefined || isUnshown(unresolved) || port?.state === 'conflict'
      ? verdict('Programmed', false, 'Invalid', refusal?.message ?? unresolved?.message ?? port?.message ?? '')
      : port === undefined
        ? verdict('Programmed', false, 'Pending', 'the data plane is being set up')
        : verdict('Programmed', true, 'Programmed', 'every worker has it'),
  ];
  return { name: spec.name, supportedKinds: kinds.map((kind) => ({ group: GATEWAY_GROUP, kind })), conditions };
}

interface Unresolved {
  readonly reason: string;
  readonly message: string;
  /** There is no certificate at all: handshakes fail. */
  readonly unshown: boolean;
}

function unresolvedOf(view: View, gateway: Gateway, listener: GatewayListener): Unresolved | undefined {
  const { unknownKinds, spec } = listener;
  if (unknownKinds.length > 0) {
    const message = `allowedRoutes.kinds: ${unknownKinds.join(', ')}: not served with protocol ${spec.protocol}`;
    return { reason: 'InvalidRouteKinds', message, unshown: false };
  }
  if (spec.protocol !== 'HTTPS') return undefined;
  const { usable, refusal } = listenerCertificates(view, gateway, listener);
  return refusal === undefined ? undefined : { ...refusal, unshown: usable.length === 0 };
}

function isUnshown(unresolved: Unresolved | undefined): boolean {
  return unresolved?.unshown === true;
}

/** At all data planes: in conflict at one is in conflict; undefined: not everywhere open yet. */
function portState(
  { port, protocol }: GatewayListener['spec'],
  current: readonly Instance[],
): { readonly state: string; readonly message?: string } | undefined {
  const isUdp = protocol === 'UDP';
  const states = current.map(({ status }) =>
    status?.ports?.find((entry) => entry.port === port && (entry.protocol === 'udp') === isUdp),
  );
  const conflict = states.find((entry) => entry?.state === 'conflict');
  if (conflict !== undefined) return conflict;
  const [first] = states;
  return states.every((entry) => entry?.state === 'listening') ? first : undefined;
}
