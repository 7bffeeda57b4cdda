/**
 * Requests that name their endpoint go to it, whatever the group would choose (GW-45): only to one that the group has and that is well,
 * so nobody reaches through it what the route does not lead to.
 */
import type { EndpointOverrideStep } from '../policy/endpoint-override.ts';
import { isAvoided } from './choice.ts';
import type { Exchange } from './exchange.ts';
import type { Group } from './group.ts';
import { currentRequest } from './request.ts';
import type { WaitingWork } from './work.ts';

/** Places of peers by `address:port`; forgotten with the group. */
const placesOf = setmetatable(new LuaTable<Group, LuaTable<string, number>>(), { __mode: 'k' });

export function endpointOverrideWork({ headers }: EndpointOverrideStep): WaitingWork {
  return (exchange) => {
    for (const header of headers) {
      const value = currentRequest.header(header);
      if (value !== undefined) {
        choose(exchange, value);
        return undefined;
      }
    }
    return undefined;
  };
}

function choose(exchange: Exchange, value: string): void {
  const { group } = exchange;
  if (group === undefined) return;
  const places = placesOf.get(group) ?? readPlaces(group);
  for (const [name] of string.gmatch(value, '[^%s,]+')) {
    const place = name === undefined ? undefined : places.get(name);
    const peer = place === undefined ? undefined : group.ring.peers[place];
    if (place !== undefined && peer !== undefined && !isAvoided(group, peer, place)) {
      exchange.peer = place;
      return;
    }
  }
}

function readPlaces(group: Group): LuaTable<string, number> {
  const places: LuaTable<string, number> = new LuaTable();
  let place = 0;
  for (const { address, port } of group.ring.peers) {
    places.set(`${address}:${port}`, place);
    place++;
  }
  placesOf.set(group, places);
  return places;
}
