import type { MatchIR } from './match.ts';
import type { TemplateIR } from './template.ts';

/** Refuses requests beyond what all instances together let pass in a window that slides. */
export interface GlobalLimitIR {
  readonly type: 'globalLimit';
  /** Limits of the same scope and size count together. */
  readonly scope: string;
  readonly requests: number;
  readonly windowMs: number;
  /** What a request counts; absent: 1. With 0 it is refused where others have used up all, and counts nothing. */
  readonly cost?: number;
  /** What is counted more when its answer has been sent, whatever is left then. */
  readonly responseCost?: number;
  /** Requests for which this text is the same count together. */
  readonly key: TemplateIR;
  /** Networks (CIDR) and addresses without limit. */
  readonly exempt: readonly string[];
  readonly status: number;
  /** What a request must be to count; absent: anything. */
  readonly when?: MatchIR;
  /** A request of which one of these terms holds does not count. */
  readonly unless?: MatchIR;
  /** Of each list, one of the networks (CIDR) must have the client of a request that counts. */
  readonly among?: readonly (readonly string[])[];
  /** Nor does one that is among any of these. */
  readonly except?: readonly LimitedRequestsIR[];
  /** Counts and tells, and refuses nobody. */
  readonly shadow?: true;
  /** Further headers of the refusal. */
  readonly answerHeaders?: readonly { readonly name: string; readonly value: string }[];
  /**
   * Answers and refusals say how many requests of how many are left, and when the window ends (`X-RateLimit-*`): the number alone, or
   * the window too (`w`, RFC draft-ietf-httpapi-ratelimit-headers-03). Of several limits it is the one of which the least is left.
   */
  readonly rateHeaders?: 'number' | 'window';
  /** Absent: each instance counts alone. */
  readonly store?: LimitStoreIR;
}

/** Requests of which all of it holds, see {@link GlobalLimitIR}. */
export type LimitedRequestsIR = Pick<GlobalLimitIR, 'when' | 'unless' | 'among'>;

/** Where instances count together. */
export interface LimitStoreIR {
  readonly protocol: 'memcached' | 'redis';
  /** Name or address, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly poolSize: number;
  /** While it is away requests are refused; absent: each instance counts alone. */
  readonly failClosed?: true;
}
