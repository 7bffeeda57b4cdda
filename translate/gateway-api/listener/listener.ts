import { GATEWAY_GROUP } from '@causeway/apis/gateway-api/bundle';
import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, ListenerSet } from '@causeway/resources/kinds';
import { gatewayPlaneOf } from '../plane/data-plane.ts';
import { type ClientValidation, validationOf } from './client-validation.ts';

type Spec = Gateway['spec']['listeners'][number];

/** The object that has a listener: its namespace is that of its references, and its status tells of it. */
export interface ListenerOwner extends ObjectKey {
  readonly kind: 'Gateway' | 'ListenerSet';
}

/** A listener as its Gateway, or a ListenerSet of it, has it. */
export interface GatewayListener {
  /** Of the listener of the data plane. */
  readonly id: string;
  readonly owner: ListenerOwner;
  readonly spec: Spec;
  /** Lower case; `''`: every host. */
  readonly hostname: string;
  /** Kinds of routes that may be attached. */
  readonly kinds: readonly string[];
  /** `allowedRoutes.kinds` names some that the protocol does not take, or that nobody knows. */
  readonly unknownKinds: readonly string[];
  /** What clients must show; where TLS ends. */
  readonly clients?: ClientValidation;
  /** Why it is not accepted; absent: it is. */
  readonly refusal?: ListenerRefusal;
}

export interface ListenerRefusal {
  readonly reason: 'UnsupportedProtocol' | 'PortUnavailable' | 'ProtocolConflict' | 'HostnameConflict';
  readonly message: string;
}

/** Protocol TLS, mode Terminate: what is in the connections is not looked at. */
export function endsTls({ protocol, tls }: Pick<Spec, 'protocol' | 'tls'>): boolean {
  return protocol === 'TLS' && tls?.mode !== 'Passthrough';
}

/** Source: GW-10; Gateway API v1, ListenerTLSConfig.mode. */
const KINDS_OF_ENDED_TLS: readonly string[] = ['TLSRoute', 'TCPRoute'];

/** What may be attached to a listener of a protocol. Source: GW-10. */
const KINDS_OF_PROTOCOL: Readonly<Record<string, readonly string[]>> = {
  HTTP: ['HTTPRoute', 'GRPCRoute'],
  HTTPS: ['HTTPRoute', 'GRPCRoute'],
  TLS: ['TLSRoute'],
  TCP: ['TCPRoute'],
  UDP: ['UDPRoute'],
};

const cache = new WeakMap<Gateway, readonly GatewayListener[]>();

/** Those of the Gateway itself, in its order. Of two that want the same nobody gets it (GW-08). */
export function listenersOf(gateway: Gateway): readonly GatewayListener[] {
  // Every route asks; the answer depends on nothing but the object.
  let found = cache.get(gateway);
  if (found === undefined) {
    found = listenersAfter([], gateway, gateway);
    cache.set(gateway, found);
  }
  return found;
}

/**
 * The listeners of one object, in its order.
 *
 * @param before those that come first: what they have nobody else gets
 */
export function listenersAfter(
  before: readonly GatewayListener[],
  object: Gateway | ListenerSet,
  gateway: Gateway,
): readonly GatewayListener[] {
  const { listeners } = object.spec;
  const isSet = object.kind === 'ListenerSet';
  const owner: ListenerOwner = { kind: isSet ? 'ListenerSet' : 'Gateway', ...keyOf(object) };
  const prefix = [objectKeyText(gatewayPlaneOf(keyOf(gateway))), ...(isSet ? [owner.kind, objectKeyText(owner)] : [])];
  const taken = before
    .filter(({ refusal }) => refusal === undefined)
    .map((listener) => ({ spec: listener.spec, text: textBefore(listener, gateway) }));
  const late = new Map(listeners.map((spec) => [spec, refusalOf(spec, taken)]));
  const rest = listeners
    .filter((spec) => late.get(spec) === undefined)
    .map((spec) => ({ spec, text: `listener ${spec.name}` }));
  return listeners.map((spec): GatewayListener => {
    const { kinds, unknown } = kindsOf(spec);
    const refusal = late.get(spec) ?? refusalOf(spec, rest);
    const clients = spec.protocol === 'HTTPS' || endsTls(spec) ? validationOf(gateway, spec.port) : undefined;
    return {
      id: [...prefix, spec.name].join('/'),
      owner,
      spec,
      hostname: hostnameOf(spec),
      kinds,
      unknownKinds: unknown,
      ...(clients === undefined ? {} : { clients }),
      ...(refusal === undefined ? {} : { refusal }),
    };
  });
}

function hostnameOf({ hostname }: Spec): string {
  return (hostname ?? '').toLowerCase();
}

function kindsOf(spec: Spec): {
  readonly kinds: readonly string[];
  readonly unknown: readonly string[];
} {
  const possible = endsTls(spec) ? KINDS_OF_ENDED_TLS : (KINDS_OF_PROTOCOL[spec.protocol] ?? []);
  const asked = spec.allowedRoutes?.kinds ?? [];
  if (asked.length === 0) return { kinds: possible, unknown: [] };
  const isPossible = ({ group = GATEWAY_GROUP, kind }: (typeof asked)[number]) =>
    group === GATEWAY_GROUP && possible.includes(kind);
  return {
    kinds: [...new Set(asked.filter(isPossible).map(({ kind }) => kind))],
    unknown: asked.filter((one) => !isPossible(one)).map(({ group, kind }) => (group ? `${group}/${kind}` : kind)),
  };
}

/** How a listener that comes before those of a Gateway is called there. */
function textBefore({ owner, spec }: GatewayListener, gateway: Gateway): string {
  const isForeign = owner.kind === 'Gateway' && objectKeyText(owner) !== objectKeyText(keyOf(gateway));
  return isForeign ? `listener ${spec.name} of Gateway ${objectKeyText(owner)}` : `listener ${spec.name}`;
}

interface Named {
  readonly spec: Spec;
  /** How people call it. */
  readonly text: string;
}

function refusalOf(spec: Spec, all: readonly Named[]): ListenerRefusal | undefined {
  const { protocol, port } = spec;
  if (!(protocol in KINDS_OF_PROTOCOL)) {
    return { reason: 'UnsupportedProtocol', message: `protocol ${protocol} is not served` };
  }
  const others = all.filter((other) => other.spec !== spec && other.spec.port === port);
  const other = others.find(
    (one) => familyOf(one.spec) !== familyOf(spec) && transportOf(one.spec) === transportOf(spec),
  );
  if (other !== undefined) {
    const message = `port ${port} is also wanted by ${other.text}, with protocol ${other.spec.protocol}`;
    return { reason: 'ProtocolConflict', message };
  }
  const same = others.find((one) => familyOf(one.spec) === familyOf(spec) && hostnameOf(one.spec) === hostnameOf(spec));
  if (same === undefined) return undefined;
  return { reason: 'HostnameConflict', message: `${same.text} has the same port and hostname` };
}

/** Listeners of one family share a port when their hostnames differ. */
function familyOf({ protocol }: Spec): string {
  return protocol === 'HTTPS' ? 'TLS' : protocol;
}

function transportOf({ protocol }: Spec): 'tcp' | 'udp' {
  return protocol === 'UDP' ? 'udp' : 'tcp';
}
