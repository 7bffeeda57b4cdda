import { array, object, type TypeOf } from '../meta/schema.ts';
import { conditions } from './condition.ts';
import { controllerName } from './names.ts';
import { parentReference } from './parent-reference.ts';

/** What became of the route at each parent; the same for all kinds of routes. */
export const routeStatus = object('What became of the route.', {
  parents: array(
    'One entry for each parent and controller; a controller changes only its own.',
    object('At one parent.', {
      parentRef: parentReference,
      controllerName: controllerName('Who says so.'),
      conditions: conditions('Accepted, ResolvedRefs and others.', { minItems: 1 }),
    }),
    { maxItems: 32, list: 'atomic' },
  ),
});
export type RouteStatus = TypeOf<typeof routeStatus>;
