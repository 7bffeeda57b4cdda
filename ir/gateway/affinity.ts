import type { TemplateIR } from './template.ts';

/** How one of several endpoints is chosen. Names of headers are lower case, those of cookies as they are. */
export type AffinityIR =
  | { readonly type: 'roundRobin'; readonly slowStart?: SlowStartIR }
  | { readonly type: 'sourceAddress' }
  /** By a hash of a cookie, whatever it says; set where it is absent. */
  | { readonly type: 'cookie'; readonly name: string }
  | SessionIR
  | { readonly type: 'header'; readonly name: string }
  | TemplateHashIR
  | { readonly type: 'ewma'; readonly slowStart?: SlowStartIR };

/** An endpoint that comes later gets its full share only after a while; until then, a share that grows with time. */
export interface SlowStartIR {
  readonly durationMs: number;
}

/** By a cookie, or header, that the data plane makes and recognizes: one that it did not make counts as absent, unless any value is taken. */
export interface SessionIR {
  readonly type: 'session';
  readonly name: string;
  /** balanced: by a hash, so that some sessions move when endpoints come; persistent: the endpoint stands in the cookie. */
  readonly mode: 'balanced' | 'persistent';
  readonly cookie: SessionCookieIR;
  /** Absent: a cookie. A header of this name, in requests and in the answer that begins the session; of {@link cookie} no attribute is told. */
  readonly carrier?: 'header';
  /** It ends so long after it began. */
  readonly absoluteSeconds?: number;
  /** These are the backends of a canary, and sessions stay with them or with the others. */
  readonly ofCanary?: true;
}

/** Attributes of a cookie. Source: RFC 6265 section 4.1. */
export interface SessionCookieIR {
  readonly path: string;
  readonly domain?: string;
  readonly maxAgeSeconds?: number;
  /** From now on. */
  readonly expiresSeconds?: number;
  readonly sameSite?: 'None' | 'Lax' | 'Strict';
  /** Leave `SameSite=None` out for browsers that take it for Strict. */
  readonly sameSiteNoneIfKnown?: true;
  /** Absent: on ports with TLS. */
  readonly secure?: boolean;
  /** A session whose endpoint fails moves to the one that answers. */
  readonly changeOnFailure?: true;
  /** In mode `balanced`: a value that the data plane did not make chooses an endpoint, too, and stays. */
  readonly takesAnyValue?: true;
}

/** By a hash of a text made from the request. */
export interface TemplateHashIR {
  readonly type: 'template';
  readonly template: TemplateIR;
  /** The hash chooses so many endpoints, of which one is taken at random; absent: one. */
  readonly subsetSize?: number;
}
