/** Rules about who may ask for what; the first that is for a request decides. Source: GW-39. */
export interface AuthorizationIR {
  readonly type: 'authorization';
  readonly rules: readonly AuthorizationRuleIR[];
  /** For requests that no rule is for. */
  readonly allowsOthers: boolean;
}

/** For requests of which all of this holds; absent parts hold for all. */
export interface AuthorizationRuleIR {
  readonly allows: boolean;
  /** Networks (CIDR) of the client. */
  readonly clients?: readonly string[];
  /** Networks of the peer of the connection, which may be a proxy. */
  readonly peers?: readonly string[];
  /** Lower case names; one of the values. */
  readonly headers?: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly methods?: readonly string[];
  /** Of a filter `jwt` only. */
  readonly token?: TokenRuleIR;
}

/** What the token of the request must say. */
export interface TokenRuleIR {
  readonly provider: string;
  /** All of them; one of the values, which a claim that is a list has among its own. */
  readonly claims: readonly { readonly name: string; readonly isList: boolean; readonly values: readonly string[] }[];
  /** All of them. */
  readonly scopes: readonly string[];
}
