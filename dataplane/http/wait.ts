/**
 * Phase "access" of requests that wait for others, and may get another route by what these say: a step `reroute` stands behind those
 * that ask. Steps before it are done for the first route, then the route is looked for anew with the headers that they have set, as if the
 * client had sent them, and all that the second route asks for is done too, but what the first has done word by word (work.ts). So a
 * request reaches a route only if the policy of that route lets it in, whichever route it had first. It is looked for once.
 *
 * Source: Envoy Gateway v1.7, `recomputeRoute` of jwt and extAuth; ADR 23.
 */
import { currentExchange } from './exchange.ts';
import { routeAgain } from './route.ts';
import { endWith, waitFor } from './work.ts';

/** Body of access_by_lua, in locations that wait. */
export function wait(): void {
  const exchange = currentExchange();
  // All has been done before the first attempt.
  if (exchange === undefined || exchange.work === undefined || exchange.attempts !== 0) return;
  const { work } = exchange;
  if (!waitFor(exchange, work)) return;
  if (work.reroutes) ngx.exec(routeAgain(exchange));
  else if (exchange.answer !== undefined) endWith(exchange, exchange.answer);
}
