import { annotationField } from '../message.ts';
import type { HstsRequirement } from './cluster-settings.ts';
import { annotationOf, HAPROXY, type RouteReading } from './route-reading.ts';

const KEY = `${HAPROXY}hsts_header`;
const NAME = 'Strict-Transport-Security';
const YEAR_SECONDS = 31_536_000;

/** Strict-Transport-Security as a Route, or the cluster, asks for it. Source: spec MG-07. */
export function hstsHeader(reading: RouteReading): { readonly name: string; readonly value: string } | undefined {
  const { tls } = reading.route.spec;
  const terminated = tls?.termination === 'edge' || tls?.termination === 'reencrypt';
  const value = annotated(reading, terminated) ?? (terminated ? required(reading) : undefined);
  return value === undefined ? undefined : { name: NAME, value };
}

function annotated(reading: RouteReading, terminated: boolean): string | undefined {
  const text = annotationOf(reading, KEY)?.trim();
  // Of a Route that passes TLS through, whatever is about HTTP is told together.
  if (text === undefined || reading.route.spec.tls?.termination === 'passthrough') return undefined;
  const field = annotationField(KEY);
  if (!isHsts(text)) {
    reading.tell('W203', field, `${JSON.stringify(text)} is no such header; ignored, as in the router`);
    return undefined;
  }
  if (!terminated) {
    reading.tell('W203', field, 'ignored, as in the router: the Route has no TLS of its own');
    return undefined;
  }
  if (reading.route.spec.tls?.insecureEdgeTerminationPolicy === 'Allow') {
    reading.tell('W203', field, 'also sent in answers that are not encrypted, where browsers ignore it');
  }
  return text.replace(/[\t ]+/g, ' ');
}

/** One max-age, and perhaps includeSubDomains and preload, in any order and case. */
function isHsts(text: string): boolean {
  const directives = text.split(';').map((directive) => directive.trim().toLowerCase());
  const names = directives.map((directive) => (/^max-age=[0-9]{1,15}$/.test(directive) ? 'max-age' : directive));
  return (
    names.includes('max-age') &&
    new Set(names).size === names.length &&
    names.every((name) => ['max-age', 'includesubdomains', 'preload'].includes(name))
  );
}

function required({ route, options, cluster }: RouteReading): string | undefined {
  if (!options.applyRequiredHsts) return undefined;
  const host = route.spec.host ?? '';
  const requirement = cluster.requiredHsts.find(({ domainPatterns }) =>
    domainPatterns.some((pattern) => (pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern)),
  );
  return requirement && headerOf(requirement);
}

function headerOf({ maxAge = {}, includeSubDomainsPolicy, preloadPolicy }: HstsRequirement): string {
  const { smallestMaxAge = 0, largestMaxAge = Number.MAX_SAFE_INTEGER } = maxAge;
  return [
    `max-age=${Math.min(Math.max(YEAR_SECONDS, smallestMaxAge), largestMaxAge)}`,
    ...(includeSubDomainsPolicy === 'RequireIncludeSubDomains' ? ['includeSubDomains'] : []),
    ...(preloadPolicy === 'RequirePreload' ? ['preload'] : []),
  ].join(';');
}
