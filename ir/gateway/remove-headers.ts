/** Takes off the headers whose names are of one of these forms; never Host, Content-Length, Transfer-Encoding or Connection. */
export interface RemoveHeadersIR {
  readonly type: 'removeHeaders';
  readonly of: 'request' | 'answer';
  /** Not empty. */
  readonly names: readonly HeaderNameTestIR[];
}

/** Names are compared in lower case. */
export type HeaderNameTestIR =
  | { readonly op: 'equal' | 'prefix' | 'suffix'; readonly value: string }
  | { readonly op: 'regex'; readonly pattern: string };
