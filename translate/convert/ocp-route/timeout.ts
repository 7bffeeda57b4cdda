import { annotationField } from '../message.ts';
import { annotationOf, HAPROXY, type RouteReading } from './route-reading.ts';
import { gatewayDuration } from './router-duration.ts';

const KEY = `${HAPROXY}timeout`;
const TUNNEL = `${HAPROXY}timeout-tunnel`;
const ROUTER_DEFAULT = '30s';

/** How long a request may take. Source: spec MG-06. */
export function requestTimeout(reading: RouteReading): string | undefined {
  const { options, tell } = reading;
  if (annotationOf(reading, TUNNEL) !== undefined) {
    const text =
      'not converted: the time limit of requests counts for upgraded connections too; where they live long, set it to 0s or limit idle streams';
    tell('W202', annotationField(TUNNEL), text);
  }
  const text = annotationOf(reading, KEY);
  const duration = text === undefined ? undefined : gatewayDuration(text.trim());
  if (duration !== undefined) {
    tell('I201', annotationField(KEY), `${duration}: of inactivity in the router, of the whole request in a gateway`);
    return duration;
  }
  if (text !== undefined) {
    tell(
      'W201',
      annotationField(KEY),
      `${JSON.stringify(text)} is no duration above 0 that could be kept; ignored, as in the router`,
    );
  }
  return options.routerDefaults ? ROUTER_DEFAULT : undefined;
}
