import type { Gateway } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { type Verdict, verdict } from './condition.ts';
import { listenersOf } from './listener.ts';
import { mistakeOf } from './listener-status.ts';

/** Whether a Gateway is served: one good listener is enough. Source: GW-04, GW-14. */
export function gatewayAcceptance(view: View, gateway: Gateway): Verdict {
  const mistake = parameterMistake(gateway);
  if (mistake !== undefined) return verdict('Accepted', false, mistake.reason, mistake.message);
  const mistakes = listenersOf(gateway).flatMap((listener) => {
    const found = mistakeOf(view, listener);
    return found === undefined ? [] : [`listener ${listener.spec.name}: ${found}`];
  });
  if (mistakes.length === 0) return verdict('Accepted', true, 'Accepted', 'the Gateway is served');
  const isServed = mistakes.length < gateway.spec.listeners.length;
  return verdict('Accepted', isServed, 'ListenersNotValid', mistakes.join('; '));
}

/** What is wrong with a Gateway beside its listeners. */
export function parameterMistake({
  spec: { addresses = [], infrastructure },
}: Gateway): { readonly reason: 'InvalidParameters' | 'UnsupportedAddress'; readonly message: string } | undefined {
  const foreign = addresses.findIndex(({ type = 'IPAddress' }) => type !== 'IPAddress');
  if (foreign >= 0) {
    return {
      reason: 'UnsupportedAddress',
      message: `addresses[${foreign}].type: ${addresses[foreign]?.type} is not served`,
    };
  }
  const parameters = infrastructure?.parametersRef;
  return parameters === undefined
    ? undefined
    : {
        reason: 'InvalidParameters',
        message: `infrastructure.parametersRef: kind ${parameters.kind} is not served`,
      };
}

/** Those that it asks for by value, sorted; one without value is a wish for any. */
export function wantedAddresses({ spec: { addresses = [] } }: Gateway): readonly string[] {
  const asked = addresses.flatMap(({ type = 'IPAddress', value = '' }) =>
    type === 'IPAddress' && value !== '' ? [value] : [],
  );
  return [...new Set(asked)].sort();
}
