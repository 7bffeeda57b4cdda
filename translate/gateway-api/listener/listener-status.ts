import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import type { Gateway, Instance } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { hasAlbClass } from '../class/class.ts';
import { type Verdict, verdict } from '../condition.ts';
import { boundPort } from '../plane/host-network.ts';
import { takenPort } from '../plane/taken-port.ts';
import { READY, readiness } from '../ready.ts';
import { translateValidation } from './client-validation.ts';
import { endsTls, type GatewayListener } from './listener.ts';
import { listenerCertificates } from './listener-certificate.ts';
import { overlapOf } from './listener-overlap.ts';

export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly conditions: readonly Verdict[];
}

/** Of which there is none that says no. */
export const POSSIBLE_CONDITIONS: readonly string[] = ['OverlappingTLSConfig', READY];

export interface ListenerSurroundings {
  /** Listeners of the Gateway. */
  readonly all: readonly GatewayListener[];
  readonly gateway: Gateway;
  /** Data planes that have what the object of the listener asks for. */
  readonly current: readonly Instance[];
}

/**
 * The state of a listener of a Gateway or a ListenerSet.
 *
 * Source: GW-14.
 */
export function listenerStatus(
  view: View,
  listener: GatewayListener,
  { all, gateway, current }: ListenerSurroundings,
): ListenerStatus {
  const { spec, refusal, kinds } = listener;
  const isConflict = refusal?.reason === 'HostnameConflict' || refusal?.reason === 'ProtocolConflict';
  const unresolved = unresolvedOf(view, listener);
  const overlap = overlapOf(view, listener, all);
  const taken = takenPort(view, gateway, listener);
  const opened = { ...spec, port: boundPort(view, gateway, spec.port) };
  const port =
    taken === undefined
      ? refusal === undefined && !isShut(unresolved)
        ? portState(opened, current)
        : undefined
      : { state: 'conflict', message: taken.message };
  const unselected = selectorMistake(listener);
  const conditions: Verdict[] = [
    refusal !== undefined
      ? verdict('Accepted', false, refusal.reason, refusal.message)
      : unresolved?.shut === 'clients'
        ? verdict('Accepted', false, 'NoValidCACertificate', unresolved.message)
        : port?.state === 'conflict'
          ? verdict('Accepted', false, 'PortUnavailable', port.message ?? 'the port is taken')
          : verdict('Accepted', true, 'Accepted', 'the listener is served'),
    refusal !== undefined && isConflict
      ? verdict('Conflicted', true, refusal.reason, refusal.message)
      : verdict('Conflicted', false, 'NoConflicts', 'no other listener wants the same'),
    unresolved === undefined
      ? verdict('ResolvedRefs', true, 'ResolvedRefs', 'every reference can be followed')
      : verdict('ResolvedRefs', false, unresolved.reason, unresolved.message),
    refusal !== undefined || isShut(unresolved) || port?.state === 'conflict'
      ? verdict(
          'Programmed',
          false,
          isConflict ? refusal.reason : 'Invalid',
          refusal?.message ?? unresolved?.message ?? port?.message ?? '',
        )
      : unselected !== undefined
        ? verdict('Programmed', false, 'Invalid', unselected)
        : port === undefined
          ? verdict('Programmed', false, 'Pending', 'the data plane is being set up')
          : verdict('Programmed', true, 'Programmed', 'every worker has it'),
    ...(overlap === undefined ? [] : [overlap]),
  ];
  const ready = hasAlbClass(view, gateway) ? [readiness(conditions, ['ResolvedRefs', 'Programmed'], taken)] : [];
  return {
    name: spec.name,
    supportedKinds: kinds.map((kind) => ({ group: GATEWAY_GROUP, kind })),
    conditions: [...conditions, ...ready],
  };
}

interface Unresolved {
  readonly reason: string;
  readonly message: string;
  /** Nobody gets in: there is no certificate at all to be shown, or no authority to verify clients with. */
  readonly shut?: 'certificates' | 'clients';
}

/** Why nothing can come of a listener, whatever its routes; undefined: it is good. */
export function mistakeOf(view: View, listener: GatewayListener): string | undefined {
  const unresolved = unresolvedOf(view, listener);
  return listener.refusal?.message ?? (isShut(unresolved) ? unresolved?.message : selectorMistake(listener));
}

/** The schema takes what no route of any namespace can be attached to. */
function selectorMistake({ spec: { allowedRoutes } }: GatewayListener): string | undefined {
  const { from, selector } = allowedRoutes?.namespaces ?? {};
  return from === 'Selector' && selector === undefined
    ? 'allowedRoutes.namespaces.selector: Required value: with from: Selector'
    : undefined;
}

function unresolvedOf(view: View, listener: GatewayListener): Unresolved | undefined {
  const { unknownKinds, spec } = listener;
  if (unknownKinds.length > 0) {
    const message = `allowedRoutes.kinds: ${unknownKinds.join(', ')}: not served with protocol ${spec.protocol}`;
    return { reason: 'InvalidRouteKinds', message };
  }
  if (spec.protocol !== 'HTTPS' && !endsTls(spec)) return undefined;
  const { usable, refusal } = listenerCertificates(view, listener);
  const clients = listener.clients && translateValidation(view, listener.clients);
  if (clients?.refusal !== undefined && clients.policy === undefined) return { ...clients.refusal, shut: 'clients' };
  if (refusal === undefined) return clients?.refusal;
  return { ...refusal, ...(usable.length === 0 && { shut: 'certificates' }) };
}

function isShut(unresolved: Unresolved | undefined): boolean {
  return unresolved?.shut !== undefined;
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
