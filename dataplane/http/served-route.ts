/**
 * A route as requests find it. With many routes a request costs what it misses in the processor's caches; so what is equal in nearly
 * all of them, timeouts and attempts, is one object for all, and stays there.
 */
import type { RouteAction, RouteRecord } from '../policy/record.ts';
import { type CompiledRoute, compileRoute } from '../policy/route.ts';
import type { Counter } from './metrics.ts';

export interface ServedRoute extends CompiledRoute {
  /** forward: id of its group; {@link RouteAction.group} may be absent. */
  group: string | undefined;
  /** Since its first request; spares the request path a look into a table as large as all routes. */
  counter: Counter | undefined;
}

/** By {@link keyOf}; forgotten with the last route that has it. */
const actions = setmetatable(new LuaTable<string, RouteAction>(), { __mode: 'v' });

export function serveRoute(record: RouteRecord): ServedRoute {
  const route = compileRoute(record) as ServedRoute & { action: RouteAction };
  route.group = record.action.group;
  route.action = sharedAction(record.action);
  return route;
}

function sharedAction(action: RouteAction): RouteAction {
  const key = keyOf(action);
  if (key === undefined) return action;
  const existing = actions.get(key);
  if (existing !== undefined) return existing;
  const { type, way, connectMs, sendMs, readMs, attempts } = action;
  const shared = { type, way, connectMs, sendMs, readMs, attempts } as RouteAction;
  actions.set(key, shared);
  return shared;
}

/** @returns undefined for an action that has more to say */
function keyOf(action: RouteAction): string | undefined {
  for (const field in action) {
    if (!SHARED_FIELDS.has(field)) return undefined;
  }
  const { type, way, connectMs, sendMs, readMs, attempts } = action;
  return `${type} ${way} ${connectMs} ${sendMs} ${readMs} ${attempts}`;
}

const SHARED_FIELDS: LuaSet<string> = new LuaSet();
for (const field of ['type', 'group', 'way', 'connectMs', 'sendMs', 'readMs', 'attempts']) SHARED_FIELDS.add(field);
