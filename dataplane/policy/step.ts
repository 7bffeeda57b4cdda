/** What is done to the requests of a route and their answers, beside forwarding. */
import type { CorsStep } from './cors.ts';
import type { PathRewriteStep } from './path-rewrite.ts';
import type { TemplatePart } from './template.ts';
import type { TracingStep } from './tracing.ts';

/** In the order of the list. One that only one kind of request needs costs the others nothing. */
export type Step = CorsStep | PathRewriteStep | RequestHeadersStep | ResponseHeadersStep | TracingStep;

export interface RequestHeadersStep {
  readonly type: 'requestHeaders';
  readonly changes: readonly HeaderChange[];
  /**
   * Some of the headers that tell the backend about the client (forwarded-headers.ts) are among them: nginx.conf, which would have the
   * last word about these, leaves them to the data plane.
   */
  readonly ownsForwarded?: true;
}

export interface ResponseHeadersStep {
  readonly type: 'responseHeaders';
  readonly changes: readonly HeaderChange[];
}

export type HeaderChange =
  | { readonly op: 'set' | 'add'; readonly name: string; readonly value: readonly TemplatePart[] }
  | { readonly op: 'remove'; readonly name: string }
  /** Without effect while the variable has no value. */
  | { readonly op: 'copy'; readonly name: string; readonly variable: string; readonly append: boolean };
