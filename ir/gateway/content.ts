import type { TemplateIR } from './template.ts';

/** What an answer of the data plane says beside its status. */
export interface ContentIR {
  /** Absent: text/plain; `''`: nothing is said of it. */
  readonly contentType?: string;
  readonly text: TemplateIR;
  /** Further headers, each once; of a value that depends on the request and is empty there is none. */
  readonly headers?: readonly { readonly name: string; readonly value: TemplateIR }[];
}
