/**
 * What a request must look like for a route to take it: all terms hold (AND),
 * and of each term at least one test (OR). No terms: every request.
 *
 * ALB's dslx, Ingress paths and Gateway API matches all become this form.
 * Texts are compared as UTF-8 bytes.
 */
export type MatchIR = readonly TermIR[];

export interface TermIR {
  /** The part of the request that the tests read; see spec ALB section 3.1. */
  readonly subject: 'host' | 'path' | 'method' | 'header' | 'query' | 'cookie' | 'sourceAddress';
  /**
   * Name of the header (lower case), query parameter or cookie (as is); absent for the other subjects. In the name of a
   * header `_` stands for `-` too, when the request has no header spelled with `_` (spec ALB 3.1).
   */
  readonly name?: string;
  readonly tests: readonly TestIR[];
}

export type TestIR =
  | { readonly op: 'equal'; readonly value: string }
  | { readonly op: 'in'; readonly values: readonly string[] }
  /** Plain text prefix: `/abc` covers `/abcde`. */
  | { readonly op: 'prefix'; readonly value: string }
  /** Prefix by path element: `/abc` covers `/abc` and `/abc/d`, not `/abcde`. Without trailing slash; `''` is `/`. */
  | { readonly op: 'pathPrefix'; readonly value: string }
  | { readonly op: 'suffix'; readonly value: string }
  /** Host wildcard; `value` is the part after `*`, with its dot: `.app.com`. */
  | { readonly op: 'hostSuffix'; readonly value: string; readonly labels: 'one' | 'many' }
  /** Finds a match anywhere in the value unless the pattern anchors itself. */
  | { readonly op: 'regex'; readonly pattern: string; readonly ignoreCase?: boolean }
  /** Both ends included; addresses of one family (without brackets) compare numerically, other texts bytewise. */
  | { readonly op: 'range'; readonly low: string; readonly high: string }
  | { readonly op: 'exists' };
