/** Sends the client elsewhere. Source: spec ALB-69; Gateway API HTTPRequestRedirectFilter. */
export interface RedirectIR {
  readonly type: 'redirect';
  readonly status: 301 | 302 | 303 | 307 | 308;
  readonly to: RedirectTargetIR;
}

export type RedirectTargetIR =
  /** Location as it is, absolute or relative. */
  | { readonly type: 'location'; readonly location: string }
  /** Put together; what is absent is taken from the request. */
  | {
      readonly type: 'parts';
      readonly scheme?: 'http' | 'https';
      readonly host?: string;
      /** Absent: the usual one of the scheme. */
      readonly port?: number;
      /** Absent: path and query of the request. */
      readonly path?: RedirectPathIR;
      /** A slash at the very end of path and query of the request goes. */
      readonly trimsSlash?: true;
    };

export type RedirectPathIR =
  /** Instead of path and query; with `keepsQuery` of the path alone. */
  | { readonly type: 'full'; readonly path: string; readonly keepsQuery?: true }
  /** The query stays. A path that does not begin with `prefix` stays too. */
  | { readonly type: 'prefix'; readonly prefix: string; readonly replacement: string };
