import { keyOf, type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { FilterIR, InstanceIR, ListenerIR, PassthroughIR, RouteIR } from '@causeway/ir/gateway';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Need, type Problem, uniqueNeeds } from '../../gateway/problem.ts';
import { ourClassOf } from '../class/class.ts';
import { apartFromClass } from '../class/merged-class.ts';
import { translateValidation } from '../listener/client-validation.ts';
import { isolationRoutes } from '../listener/isolation.ts';
import { endsTls, type GatewayListener } from '../listener/listener.ts';
import { listenerCertificates, shownCertificates } from '../listener/listener-certificate.ts';
import { listenersBeside, mergedListeners, setsOf } from '../listener/listener-set.ts';
import { tcpRouteBehindTls } from '../listener/tcp-behind-tls.ts';
import { partsOf } from '../plane/acknowledged.ts';
import { albOfGateway } from '../plane/alb-plane.ts';
import { gatewayPlaneOf, hasOwnPlane, planeOf } from '../plane/data-plane.ts';
import { boundPort } from '../plane/host-network.ts';
import { takenPort } from '../plane/taken-port.ts';
import { withClientDetection, withClientPolicy } from '../policy/listener-effect.ts';
import { policySection } from '../policy/precedence.ts';
import { parameterFilters, parametersOf } from '../proxy/envoy-proxy.ts';
import { listenerAction } from '../route/stream-route.ts';
import { closedConnections } from './closed-connection.ts';
import { wantedAddresses } from './gateway-acceptance.ts';
import { healthRoute } from './health-route.ts';
import { planeInstance } from './plane-instance.ts';

export interface GatewayTranslation {
  /** Absent: it is served by that of its class or of an ALB2, or not at all. */
  readonly instance?: InstanceIR;
  readonly listeners: readonly ListenerIR[];
  /** Keep requests that one listener takes by its hostname from the routes of others. */
  readonly routes: readonly RouteIR[];
  /** Close the connections of layer 4 that no route wants. */
  readonly passthroughs: readonly PassthroughIR[];
  readonly needs: readonly Need[];
  readonly problems: readonly Problem[];
}

const NOTHING: GatewayTranslation = { listeners: [], routes: [], passthroughs: [], needs: [], problems: [] };

/**
 * Gateway -> data plane with an address of its own, unless an ALB2 serves it, and its ports, those of its ListenerSets included.
 *
 * Source: GW-04, GW-08, GW-11; spec ALB-111, ALB-112.
 *
 * @returns nothing when there is no such Gateway, it is not ours, is being deleted, waits for its ALB2, or has no part in the data plane of its class
 */
export function translateGateway(view: View, key: ObjectKey): GatewayTranslation {
  const gateway = view.get('Gateway', key);
  if (gateway === undefined || gateway.metadata.deletionTimestamp !== undefined) return NOTHING;
  if (ourClassOf(view, gateway) === undefined || typeof albOfGateway(view, gateway) === 'string') return NOTHING;
  if (apartFromClass(view, gateway) !== undefined) return NOTHING;
  const isOpen = (listener: GatewayListener) =>
    listener.refusal === undefined && takenPort(view, gateway, listener) === undefined;
  const accepted = mergedListeners(view, gateway).filter(isOpen);
  const beside = listenersBeside(view, gateway).filter(isOpen);
  const always = parameterFilters(view, gateway);
  const translated = accepted.map((listener) => {
    const { listener: open, needs } = translateListener(view, gateway, listener);
    return {
      needs,
      ...(open && {
        listener: withClientPolicy(
          view,
          gateway,
          policySection(listener),
          isHttp(listener) ? withFilters(open, always) : open,
        ),
      }),
    };
  });
  const forwarded = accepted.flatMap((listener) => tcpRouteBehindTls(view, gateway, listener) ?? []);
  return {
    ...(hasOwnPlane(view, gateway) && { instance: ownInstance(view, gateway) }),
    listeners: translated.flatMap(({ listener }) => listener ?? []),
    routes: [
      ...isolationRoutes(view, gateway, accepted.filter(isHttp), beside.filter(isHttp), always),
      ...accepted.filter(isHttp).flatMap((listener) => healthRoute(view, gateway, listener) ?? []),
    ],
    passthroughs: [
      ...closedConnections(view, gateway, accepted, beside),
      ...forwarded.map(({ passthrough }) => passthrough),
    ],
    needs: uniqueNeeds([...translated, ...forwarded].flatMap(({ needs }) => needs)),
    problems: [],
  };
}

function ownInstance(view: View, gateway: Gateway): InstanceIR {
  const plane = gatewayPlaneOf(keyOf(gateway));
  const { generation } = gateway.metadata;
  const instance = planeInstance(plane, parametersOf(view, gateway), wantedAddresses(view, gateway));
  const parts = partsOf(setsOf(view, gateway));
  return {
    ...withClientDetection(view, gateway, instance),
    ...(generation === undefined ? {} : { generation }),
    ...(parts === undefined ? {} : { parts }),
  };
}

/** Requests that no route wants are worked on, too. */
function withFilters(listener: ListenerIR, fallbackFilters: readonly FilterIR[]): ListenerIR {
  return fallbackFilters.length === 0 ? listener : { ...listener, fallback: NO_ROUTE, fallbackFilters };
}

const NO_ROUTE = { type: 'respond', status: 404, reason: 'InvalidUpstream : no rule match' } as const;

function isHttp({ spec: { protocol } }: GatewayListener): boolean {
  return protocol === 'HTTP' || protocol === 'HTTPS';
}

/** @returns no listener when it ends TLS and has no certificate that could be shown, or no authority to verify clients with */
function translateListener(
  view: View,
  gateway: Gateway,
  listener: GatewayListener,
): { readonly listener?: ListenerIR; readonly needs: readonly Need[] } {
  const { id, owner, spec, hostname } = listener;
  const base = {
    kind: 'listener',
    id,
    instance: objectKeyText(planeOf(view, gateway)),
    port: boundPort(view, gateway, spec.port),
    hostnames: hostname === '' ? [] : [hostname],
    name: `${owner.name}/${spec.name}`,
  } as const;
  if (spec.protocol === 'HTTP') return { listener: { ...base, protocol: 'http', cleartextHttp2: true }, needs: [] };
  if (spec.protocol === 'TCP' || spec.protocol === 'UDP') {
    const { action, needs, send } = listenerAction(view, listener);
    const protocol = spec.protocol === 'TCP' ? 'tcp' : 'udp';
    const proxyProtocol = send === undefined ? undefined : { receive: false, trusted: [], send };
    return {
      listener: {
        ...base,
        protocol,
        ...(proxyProtocol === undefined ? {} : { proxyProtocol }),
        ...(action === undefined ? {} : { fallback: action }),
      },
      needs,
    };
  }
  // Nothing is shown to those whose connections are not passed on: their handshakes fail.
  if (spec.protocol === 'TLS' && !endsTls(spec))
    return { listener: { ...base, protocol: 'https', tls: { certificates: [] } }, needs: [] };
  const { usable } = listenerCertificates(view, listener);
  const client = listener.clients && translateValidation(view, listener.clients).policy;
  const isClosed = listener.clients !== undefined && client === undefined;
  if (usable.length === 0 || isClosed) return { needs: [] };
  const { certificates, defaultCertificate } = shownCertificates(listener, usable);
  const forOthers =
    defaultCertificate === undefined ? {} : { defaultCertificate, unknownNameCertificate: defaultCertificate };
  return {
    listener: {
      ...base,
      protocol: 'https',
      tls: {
        ...forOthers,
        certificates,
        ...(spec.protocol === 'HTTPS' && { apart: true }),
        ...(client && spec.protocol === 'HTTPS' && { hostTls: { client } }),
      },
    },
    needs: usable.map(({ id: certificate }) => ({ kind: 'certificate', id: certificate })),
  };
}
