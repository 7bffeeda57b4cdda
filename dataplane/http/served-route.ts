/**
 * A route as requests find it. With many routes a request costs what it misses in the processor's caches; so routes that do the same
 * have one action for all, with what is compiled for it (work.ts), and it stays there.
 */
import { encode } from 'cjson.safe';
import type { RouteAction, RouteRecord } from '../policy/record.ts';
import { type CompiledRoute, compileRoute } from '../policy/route.ts';
import type { Counter } from './metrics.ts';
import { sealed } from './secret-key.ts';

export interface ServedRoute extends CompiledRoute {
  /** forward: id of its group; {@link RouteAction.group} is absent, so that routes to different groups share the rest. */
  group: string | undefined;
  /** Since its first request; spares the request path a look into a table as large as all routes. */
  counter: Counter | undefined;
}

/** By {@link keyOf}; forgotten with the last route that has it. */
const actions = setmetatable(new LuaTable<string, RouteAction>(), { __mode: 'v' });

/** @param record as it was read, nobody else's: it is changed */
export function serveRoute(record: RouteRecord): ServedRoute {
  const route = compileRoute(record) as ServedRoute & { action: RouteAction };
  const action = record.action as Omit<RouteAction, 'group'> & { group: string | undefined };
  route.group = action.group;
  action.group = undefined;
  route.action = sharedAction(action as RouteAction);
  return route;
}

function sharedAction(action: RouteAction): RouteAction {
  const key = keyOf(action);
  if (key === undefined) return action;
  const existing = actions.get(key);
  if (existing !== undefined) return existing;
  actions.set(key, action);
  return action;
}

/** Equal for equal actions only: nobody who writes rules knows the key of {@link sealed}, so nobody can make another's. */
function keyOf(action: RouteAction): string | undefined {
  for (const field in action) {
    if (!PLAIN_FIELDS.has(field)) {
      const [text] = encode(action);
      return text === undefined ? undefined : sealed(text);
    }
  }
  const { type, way, connectMs, sendMs, readMs, attempts } = action;
  return `${type} ${way} ${connectMs} ${sendMs} ${readMs} ${attempts}`;
}

/** With these alone a key is quickly made: most actions have no more to say. */
const PLAIN_FIELDS: LuaSet<string> = new LuaSet();
for (const field of ['type', 'way', 'connectMs', 'sendMs', 'readMs', 'attempts']) PLAIN_FIELDS.add(field);
