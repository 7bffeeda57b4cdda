/** Cross-origin resource sharing. Source: spec ALB-76; Gateway API HTTPCORSFilter. */
export interface CorsIR {
  readonly type: 'cors';
  /** `any`: each one is sent back; `*`: all are told so, which browsers do not take with credentials; or `https://a.com`, `https://*.a.com` and `*.a.com` (one label, any scheme). */
  readonly allowOrigins: 'any' | '*' | readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  /** `*.` in origins stands for any number of labels; absent: for one. */
  readonly anyLabels?: true;
  /** `any` is that with and without credentials; absent: `*` without. */
  readonly echoesOrigin?: true;
  /** A blank behind each comma of all lists; absent: of that of methods alone. */
  readonly spaced?: true;
  /** The method, or the headers, that a preflight asks for are sent back: with credentials browsers do not take `*`. */
  readonly echoesMethod?: true;
  readonly echoesHeaders?: true;
  /** Other origins, and requests without one, are told nothing at all; absent: all but that they may read the answer. */
  readonly onlyAllowed?: true;
  /** Of the answer to a preflight; absent: 204. */
  readonly preflightStatus?: 200;
  /** Seconds. */
  readonly maxAge: number;
}
