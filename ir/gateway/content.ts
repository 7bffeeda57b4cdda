/** What an answer of the data plane says beside its status. */
export interface ContentIR {
  /** Absent: text/plain; `''`: nothing is said of it. */
  readonly contentType?: string;
  readonly text: string;
  /** Further headers, each once. */
  readonly headers?: readonly { readonly name: string; readonly value: string }[];
}
