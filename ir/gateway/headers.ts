import type { TemplateIR } from './template.ts';

/** Changes the headers that the backend gets. */
export interface RequestHeadersIR {
  readonly type: 'requestHeaders';
  /** In this order. */
  readonly changes: readonly HeaderChangeIR[];
}

/** Changes the headers that the client gets, of the backend's answers and of our own. */
export interface ResponseHeadersIR {
  readonly type: 'responseHeaders';
  readonly changes: readonly HeaderChangeIR[];
  /** After what all other filters do to the answer. */
  readonly late?: true;
}

/**
 * Names as users wrote them; never Host, Content-Length, Transfer-Encoding or Connection. Secret values are never told: not logged, not in
 * an explanation.
 */
export type HeaderChangeIR =
  /** Replaces all values. */
  | { readonly op: 'set'; readonly name: string; readonly value: TemplateIR; readonly secret?: true }
  /** Where there is none. */
  | { readonly op: 'default'; readonly name: string; readonly value: TemplateIR; readonly secret?: true }
  /** Appends a value. */
  | { readonly op: 'add'; readonly name: string; readonly value: TemplateIR }
  | { readonly op: 'remove'; readonly name: string }
  /** Like `set` and `add`, from a variable; without effect while it has no value. */
  | { readonly op: 'copy'; readonly name: string; readonly variable: string; readonly append: boolean };
