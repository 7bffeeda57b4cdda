import type { Again } from '../policy/record.ts';

/** How long all attempts and waits of the request may still take. */
export function remainingMs(repeated: Again | undefined): number {
  if (repeated === undefined || repeated.withinMs === undefined) return math.huge;
  return repeated.withinMs - (ngx.now() - ngx.req.start_time()) * 1000;
}
