/**
 * The parts of a request that routes ask about, read only when asked. All texts
 * are byte strings (see platform.ts).
 */
export interface RequestView {
  /** Lower case, without port; `''` when the request names none. */
  host(this: void): string;
  /** Percent-decoded, dot segments removed, repeated slashes merged, without query. */
  path(this: void): string;
  method(this: void): string;
  /** @param name lower case; several headers of one name are joined with `, ` */
  header(this: void, name: string): string | undefined;
  /** All values of a query parameter, decoded; undefined when it is absent. */
  query(this: void, name: string): readonly string[] | undefined;
  cookie(this: void, name: string): string | undefined;
  /** Address of the client as text, IPv6 without brackets. */
  sourceAddress(this: void): string;
  /** Path and query as they were sent. */
  target(this: void): string;
  /** As it was sent, without `?`; `''` when there is none. */
  queryText(this: void): string;
  /** `http` or `https`. */
  scheme(this: void): string;
  /** Of the listener, as text. */
  port(this: void): string;
  /** Further variables of nginx, which only a worker knows. */
  other(this: void, variable: string): string | undefined;
  /** What operators ask for (operator.ts), as far as it is known by now. */
  told(this: void, value: string): string | number | undefined;
}
