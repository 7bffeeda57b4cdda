import type { TextTestIR } from './text-test.ts';

/** Takes off the headers whose names are of one of these forms; never Host, Content-Length, Transfer-Encoding or Connection. */
export interface RemoveHeadersIR {
  readonly type: 'removeHeaders';
  readonly of: 'request' | 'answer';
  /** Not empty; names are compared in lower case. */
  readonly names: readonly TextTestIR[];
}
