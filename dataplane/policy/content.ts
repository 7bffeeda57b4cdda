/** What an answer of the proxy says, instead of the usual text of an error. */
export interface Content {
  /** `''`: nothing is said of it. */
  readonly contentType: string;
  readonly text: string;
  /** Further headers by name. */
  readonly headers?: Readonly<Record<string, string>>;
}
