import { type ObjectKey, objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway, Instance } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { addressesOf } from '../../gateway/alb-address.ts';
import { clientCertificateOf } from '../backend/backend-client-certificate.ts';
import { hasAlbClass, ourClassOf } from '../class/class.ts';
import { holds, type Verdict, verdict } from '../condition.ts';
import { isInsecure } from '../listener/client-validation.ts';
import { mergedListeners, ownListeners, setsOf } from '../listener/listener-set.ts';
import { isServed } from '../listener/listener-set-status.ts';
import { type ListenerStatus, listenerStatus } from '../listener/listener-status.ts';
import { currentInstances } from '../plane/acknowledged.ts';
import { albOfGateway } from '../plane/alb-plane.ts';
import { planeOf } from '../plane/data-plane.ts';
import { hostNetwork } from '../plane/host-network.ts';
import { READY, readiness } from '../ready.ts';
import { addressesAskedFor, gatewayAcceptance, wantedAddresses } from './gateway-acceptance.ts';
import { hasNoPods, serviceAddresses } from './gateway-workload.ts';

/** Of which there is none that says no. Source: Gateway API v1, GatewayConditionInsecureFrontendValidationMode. */
export const POSSIBLE_GATEWAY_CONDITIONS: readonly string[] = ['InsecureFrontendValidationMode', READY];

const INSECURE = verdict(
  'InsecureFrontendValidationMode',
  true,
  'ConfigurationChanged',
  'spec.tls.frontend: with AllowInsecureFallback clients are let in without a good certificate, too',
);

/** What is said of a Gateway, but for the number of its routes. */
export interface GatewayStatus {
  /** Sorted. */
  readonly addresses: readonly string[];
  readonly conditions: readonly Verdict[];
  readonly listeners: readonly ListenerStatus[];
  /** How many ListenerSets it allows and serves. */
  readonly attachedListenerSets: number;
}

/**
 * The state of a Gateway: what is wrong with it, and whether its data planes have what it asks for.
 *
 * Source: GW-14.
 *
 * @param refused what the API server says of objects of its data planes that it does not take; absent: it takes all
 * One whose parameters cannot be had has no addresses and no listeners, unless it had addresses before: what is served goes on.
 *
 * @returns undefined when there is no such Gateway, or it is not ours
 */
export function translateGatewayStatus(view: View, key: ObjectKey, refused?: string): GatewayStatus | undefined {
  const gateway = view.get('Gateway', key);
  if (gateway === undefined || ourClassOf(view, gateway) === undefined) return undefined;
  const instances = view.by('Instance', 'alb', objectKeyText(planeOf(view, gateway)));
  const alb = albOfGateway(view, gateway);
  const current = typeof alb === 'string' ? [] : currentInstances(view, gateway);
  const around = { all: mergedListeners(view, gateway), gateway, current };
  const listeners = ownListeners(view, gateway).map((listener) => listenerStatus(view, listener, around));
  const ofInstances = current.flatMap(({ status }) => [status?.address ?? [], status?.furtherAddresses ?? []].flat());
  const said =
    typeof alb === 'object' ? addressesOf(alb.alb) : alb === undefined ? serviceAddresses(view, gateway) : [];
  const isSaid = said !== undefined && (alb === undefined || said.length > 0);
  const accepted = gatewayAcceptance(view, gateway);
  const isNew = accepted.reason === 'InvalidParameters' && (gateway.status?.addresses ?? []).length === 0;
  const addresses = isNew ? [] : [...new Set(isSaid ? said : ofInstances)].sort();
  const conditions = [
    accepted,
    programmed({
      ...{ accepted, instances, current, addresses, refused },
      wanted: wantedAddresses(view, gateway),
      asked: addressesAskedFor(gateway),
      noPods: hasNoPods(view, gateway),
      atHost: typeof alb === 'object' ? alb.settings.networkMode === 'host' : hostNetwork(view, gateway) !== undefined,
    }),
    resolvedRefs(view, gateway, listeners),
  ];
  const ready = hasAlbClass(view, gateway) ? [readiness(conditions, ['Accepted', 'ResolvedRefs', 'Programmed'])] : [];
  return {
    addresses,
    conditions: [...conditions, ...ready, ...(isInsecure(gateway) ? [INSECURE] : [])],
    listeners: isNew ? [] : listeners,
    attachedListenerSets: setsOf(view, gateway).filter((set) => isServed(view, gateway, set)).length,
  };
}

/** Source: Gateway API v1, GatewayConditionResolvedRefs. */
function resolvedRefs(view: View, gateway: Gateway, listeners: readonly ListenerStatus[]): Verdict {
  const certificate = clientCertificateOf(view, gateway);
  if (certificate !== undefined && 'refusal' in certificate) {
    const { reason, message } = certificate.refusal;
    return verdict('ResolvedRefs', false, reason, message);
  }
  const unresolved = listeners.filter(({ conditions }) => !holds(conditions, 'ResolvedRefs'));
  return unresolved.length === 0
    ? verdict('ResolvedRefs', true, 'ResolvedRefs', 'every reference can be followed')
    : verdict(
        'ResolvedRefs',
        false,
        'ListenersNotResolved',
        unresolved.map(({ name }) => `listener ${name}`).join(', '),
      );
}

interface Serving {
  readonly accepted: Verdict;
  readonly instances: readonly Instance[];
  /** Those that have what the Gateway asks for. */
  readonly current: readonly Instance[];
  readonly addresses: readonly string[];
  readonly refused: string | undefined;
  /** Addresses that it asks for. */
  readonly wanted: readonly string[];
  /** Those of them that it names itself. */
  readonly asked: readonly string[];
  /** On a cluster: none of its pods is ready. */
  readonly noPods: boolean;
  /** It is reached at the addresses of its machines. */
  readonly atHost: boolean;
}

function programmed({
  accepted,
  instances,
  current,
  addresses,
  refused,
  wanted,
  asked,
  noPods,
  atHost,
}: Serving): Verdict {
  const no = (reason: string, message: string) => verdict('Programmed', false, reason, message);
  if (accepted.status !== 'True' && accepted.reason === 'ListenersNotValid') return no('Invalid', accepted.message);
  if (accepted.reason === 'InvalidParameters' && addresses.length === 0) return no('Invalid', accepted.message);
  if (refused !== undefined) return no('Invalid', refused);
  if (current.length === 0) {
    const failures = instances.flatMap(({ status }) => [status?.message ?? [], status?.warnings ?? []].flat());
    if (failures.length > 0) return no('Pending', failures.join('; '));
    return noPods ? no('NoResources', 'no pod of it is ready') : no('Pending', 'the data plane is being set up');
  }
  const warnings = current.flatMap(({ status }) => status?.warnings ?? []);
  const missing = wanted.filter((address) => !addresses.includes(address));
  if (missing.length > 0) {
    const why = warnings.length === 0 ? `${missing.join(', ')}: cannot be had` : warnings.join('; ');
    return asked.some((address) => missing.includes(address))
      ? no('AddressNotUsable', `spec.addresses: ${why}`)
      : no('AddressNotAssigned', why);
  }
  if (addresses.length === 0 && atHost)
    return verdict('Programmed', true, 'Programmed', 'served at every node with a pod of it');
  if (addresses.length === 0) {
    return no('AddressNotAssigned', warnings.length === 0 ? 'there is no address yet' : warnings.join('; '));
  }
  return verdict('Programmed', true, 'Programmed', `served at ${addresses.join(', ')}`);
}
