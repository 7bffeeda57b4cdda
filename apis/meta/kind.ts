/**
 * How a kind is addressed in the API: what a client needs to build its URL
 * and what discovery tells about it.
 *
 * Source: Kubernetes API concepts, "Resource URIs".
 */
export interface KindRef {
  /** `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface KindNames extends KindRef {
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Has a separate `/status` endpoint. */
  readonly statusSubresource: boolean;
}

/** `v1` for the core group, else `group/version`. */
export function apiVersionOf(kind: { readonly group: string; readonly version: string }): string {
  return kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
}

/** `Service` or `Rule.crd.alauda.io`: names a kind independent of its version. */
export function groupKindText(kind: { readonly group: string; readonly kind: string }): string {
  return kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
}
