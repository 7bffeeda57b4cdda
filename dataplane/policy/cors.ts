/** Cross-origin resource sharing, the same in nginx and in explain. Source: spec ALB-76; Fetch standard, section 3.2. */
import { indexOf, slice } from '#platform';

export interface CorsStep {
  readonly type: 'cors';
  /** Every origin may read the answers. */
  readonly any: boolean;
  /** Every origin is told `*`, not itself. */
  readonly asterisk: boolean;
  /** Exact origins: `https://a.com:8443`. */
  readonly origins: readonly string[];
  /** Origins of one label, or several, before a domain. */
  readonly wildcards: readonly OriginWildcard[];
  /** Said to requests without Origin: `*`, or what is configured. */
  readonly configured: string;
  readonly credentials: boolean;
  readonly allowMethods: string;
  readonly allowHeaders: string;
  /** What a preflight asks for is sent back instead. */
  readonly echoesMethod?: true;
  readonly echoesHeaders?: true;
  /** Other origins are told nothing. */
  readonly onlyAllowed?: true;
  /** Absent: 204. */
  readonly preflightStatus?: 200;
  /** `''` for none. */
  readonly exposeHeaders: string;
  /** Seconds for which a client may remember the answer to a preflight, as text. */
  readonly maxAge: string;
}

export interface OriginWildcard {
  /** `https://`; `''` for any scheme. */
  readonly scheme: string;
  /** `.a.com`, perhaps with a port. */
  readonly suffix: string;
  /** Several labels before it; absent: one. */
  readonly anyLabels?: true;
}

/** Value of Access-Control-Allow-Origin; undefined: the header is left out, and browsers keep the answer to themselves. */
export function allowedOrigin(cors: CorsStep, origin: string | undefined): string | undefined {
  if (origin === undefined || origin === '') return cors.configured === '' ? undefined : cors.configured;
  if (cors.any) return cors.asterisk ? '*' : origin;
  if (isListed(cors.origins, 0, origin) || isCovered(cors.wildcards, 0, origin)) return origin;
  return undefined;
}

// Tail calls instead of short loops, see rule-index.ts.

function isListed(origins: readonly string[], position: number, origin: string): boolean {
  const one = origins[position];
  if (one === undefined || one === origin) return one !== undefined;
  return isListed(origins, position + 1, origin);
}

function isCovered(wildcards: readonly OriginWildcard[], position: number, origin: string): boolean {
  const wildcard = wildcards[position];
  if (wildcard === undefined || covers(wildcard, origin)) return wildcard !== undefined;
  return isCovered(wildcards, position + 1, origin);
}

/** Whether the answer to another origin may differ, so that caches must keep them apart. */
export function variesByOrigin(cors: CorsStep): boolean {
  return !cors.asterisk;
}

function covers({ scheme, suffix, anyLabels }: OriginWildcard, origin: string): boolean {
  const separator = indexOf(origin, '://', 0);
  if (separator < 0) return false;
  const begin = separator + 3;
  if (scheme !== '' && slice(origin, 0, begin) !== scheme) return false;
  const end = origin.length - suffix.length;
  if (end <= begin || slice(origin, end, origin.length) !== suffix) return false;
  return anyLabels === true || indexOf(origin, '.', begin) === end;
}
