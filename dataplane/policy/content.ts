import type { TemplatePart } from './template.ts';

/** What an answer of the proxy says, instead of the usual text of an error. */
export interface Content {
  /** `''`: nothing is said of it. */
  readonly contentType: string;
  readonly text: string;
  /** Instead of {@link text}: made for each request. */
  readonly template?: readonly TemplatePart[];
  /** Further headers by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The same of values that are made for each request; without a value there is none. */
  readonly madeHeaders?: readonly { readonly name: string; readonly value: readonly TemplatePart[] }[];
}
