import { objectKeyText } from '@causeway/apis/meta/object';
import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { translateAlbStatus } from '../../gateway/alb-status.ts';
import { type Verdict, verdict } from '../condition.ts';
import { ownListeners } from '../listener/listener-set.ts';
import { mistakeOf } from '../listener/listener-status.ts';
import { albOfGateway } from '../plane/alb-plane.ts';
import { parametersOf } from '../proxy/envoy-proxy.ts';

/** Whether a Gateway is served: one good listener is enough. Source: GW-04, GW-14; spec ALB-116. */
export function gatewayAcceptance(view: View, gateway: Gateway): Verdict {
  const mistake = parameterMistake(view, gateway);
  if (mistake !== undefined) return verdict('Accepted', false, mistake.reason, mistake.message);
  const mistakes = ownListeners(view, gateway).flatMap((listener) => {
    const found = mistakeOf(view, listener);
    return found === undefined ? [] : [`listener ${listener.spec.name}: ${found}`];
  });
  const waiting = waitsFor(view, gateway);
  if (waiting !== undefined) return { type: 'Accepted', status: 'Unknown', reason: 'Pending', message: waiting };
  if (mistakes.length === 0)
    return verdict('Accepted', true, 'Accepted', ['the Gateway is served', ...ineffectiveOf(view, gateway)].join('; '));
  const isServed = mistakes.length < gateway.spec.listeners.length;
  return verdict('Accepted', isServed, 'ListenersNotValid', mistakes.join('; '));
}

/** What is missing at the ALB2 that is to serve it. One with warnings serves. */
function waitsFor(view: View, gateway: Gateway): string | undefined {
  const found = albOfGateway(view, gateway);
  if (typeof found !== 'object') return found;
  // Computed: what is written of it starts nothing.
  const onCluster = view.get('Deployment', found.key) !== undefined;
  const { state = 'Running', reason = '' } = translateAlbStatus(view, found.key, { onCluster }) ?? {};
  if (state === 'Running' || state === 'Warning') return undefined;
  return `ALB2 ${objectKeyText(found.key)} is ${state}: ${reason}`;
}

/** What its parameters say without effect. */
function ineffectiveOf(view: View, gateway: Gateway): readonly string[] {
  const parameters = parametersOf(view, gateway);
  if (parameters === undefined || typeof parameters === 'string' || parameters.ineffective.length === 0) return [];
  return [`${parameters.name}: without effect are ${parameters.ineffective.join(', ')}`];
}

/** What is wrong with a Gateway beside its listeners. */
export function parameterMistake(
  view: View,
  gateway: Gateway,
): { readonly reason: 'InvalidParameters' | 'UnsupportedAddress'; readonly message: string } | undefined {
  const { addresses = [] } = gateway.spec;
  const foreign = addresses.findIndex(({ type = 'IPAddress' }) => type !== 'IPAddress');
  if (foreign >= 0) {
    return {
      reason: 'UnsupportedAddress',
      message: `addresses[${foreign}].type: ${addresses[foreign]?.type} is not served`,
    };
  }
  const parameters = parametersOf(view, gateway);
  return typeof parameters === 'string' ? { reason: 'InvalidParameters', message: parameters } : undefined;
}

/** Those that it, or its parameters, ask for by value, sorted; one without value is a wish for any. */
export function wantedAddresses(view: View, gateway: Gateway): readonly string[] {
  const parameters = parametersOf(view, gateway);
  const ofParameters = parameters === undefined || typeof parameters === 'string' ? [] : parameters.addresses;
  return [...new Set([...addressesAskedFor(gateway), ...ofParameters])].sort();
}

/** Those that it names itself. */
export function addressesAskedFor({ spec: { addresses = [] } }: Gateway): readonly string[] {
  return addresses.flatMap(({ type = 'IPAddress', value = '' }) =>
    type === 'IPAddress' && value !== '' ? [value] : [],
  );
}
