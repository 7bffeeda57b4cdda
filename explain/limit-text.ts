import { compileRanges, isAmongRanges } from '@causeway/dataplane/policy/address-ranges';
import type { RequestView } from '@causeway/dataplane/policy/request-view';
import { templateText } from '@causeway/dataplane/policy/template';
import type { GlobalLimitIR, RequestLimitIR } from '@causeway/ir/gateway';
import { renderAddressRanges } from '@causeway/targets/nginx/address-ranges';

/** What limits the client of a request; how much of it is used up only the data plane knows. */
export function limitText(limit: RequestLimitIR, request: RequestView): readonly string[] {
  const { connections, connectionsStatus, rates, ratesStatus, exempt, scope, together } = limit;
  const address = request.sourceAddress();
  const ranges = compileRanges(renderAddressRanges({ allow: exempt, deny: [] }).allow ?? []);
  if (isAmongRanges(ranges, address)) return [`limits of ${scope}: none for ${address}`];
  const whole = `limits of ${scope} for ${together === true ? 'all clients' : address}`;
  return [
    ...(connections === undefined
      ? []
      : [`${whole}: ${connections} requests at the same time, further ones get ${connectionsStatus}`]),
    ...rates.map(({ count, periodMs, burst }) => {
      const period = periodMs === 1000 ? 'second' : periodMs === 60_000 ? 'minute' : `${periodMs} ms`;
      return `${whole}: ${count} requests a ${period}, and ${burst} at once beyond that; further ones get ${ratesStatus}`;
    }),
  ];
}

/** The same for what all instances count together. */
export function globalLimitText(limit: GlobalLimitIR, request: RequestView): string {
  const { scope, requests, windowMs, key, exempt, status, store, cost = 1, responseCost = 0 } = limit;
  const further = limit.shadow === true ? 'pass all the same' : `get ${status}`;
  const address = request.sourceAddress();
  const ranges = compileRanges(renderAddressRanges({ allow: exempt, deny: [] }).allow ?? []);
  if (isAmongRanges(ranges, address)) return `global limit of ${scope}: none for ${address}`;
  const counted =
    store === undefined ? 'each instance alone' : `all instances together, in ${store.host}:${store.port}`;
  const costs = `${cost === 1 ? '' : `, of which this one counts ${cost}`}${responseCost === 0 ? '' : `, and its answer ${responseCost}`}`;
  return `global limit of ${scope} for ${JSON.stringify(templateText(key, request))}: ${requests} requests in ${windowMs / 1000} s, counted by ${counted}${costs}; further ones ${further}`;
}
