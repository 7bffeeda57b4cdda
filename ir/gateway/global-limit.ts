import type { TemplateIR } from './template.ts';

/** Refuses requests beyond what all instances together let pass in a window that slides. */
export interface GlobalLimitIR {
  readonly type: 'globalLimit';
  /** Limits of the same scope and size count together. */
  readonly scope: string;
  readonly requests: number;
  readonly windowMs: number;
  /** Requests for which this text is the same count together. */
  readonly key: TemplateIR;
  /** Networks (CIDR) and addresses without limit. */
  readonly exempt: readonly string[];
  readonly status: number;
  /** Absent: each instance counts alone. */
  readonly store?: LimitStoreIR;
}

/** A memcached. */
export interface LimitStoreIR {
  /** Name or address, IPv6 in brackets. */
  readonly host: string;
  readonly port: number;
  readonly timeoutMs: number;
  readonly idleMs: number;
  readonly poolSize: number;
}
