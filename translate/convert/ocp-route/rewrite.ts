import type { HTTPRouteFilter } from '@causeway/apis/gateway-api/http-filter';
import { annotationField } from '../message.ts';
import { annotationOf, HAPROXY, type RouteReading } from './route-reading.ts';

const KEY = `${HAPROXY}rewrite-target`;

/** The part of the path that the Route matches, replaced. Source: spec MG-12. */
export function rewriteFilter(reading: RouteReading): HTTPRouteFilter | undefined {
  const target = annotationOf(reading, KEY);
  if (target === undefined) return undefined;
  const field = annotationField(KEY);
  if (!target.startsWith('/')) {
    reading.tell('W208', field, `${JSON.stringify(target)} does not begin with /; ignored, as in the router`);
    return undefined;
  }
  if (/[$\\?]/.test(target)) {
    reading.tell(
      'W208',
      field,
      `${JSON.stringify(target)} is taken as it stands; $, \\ and ? mean something to the router`,
    );
  }
  return { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: target } } };
}
