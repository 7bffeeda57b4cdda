/** Cross-origin resource sharing. Source: spec ALB-76; Gateway API HTTPCORSFilter. */
export interface CorsIR {
  readonly type: 'cors';
  /** `any`: each one is sent back; `*`: all are told so, which browsers do not take with credentials; or `https://a.com`, `https://*.a.com` and `*.a.com` (one label, any scheme). */
  readonly allowOrigins: 'any' | '*' | readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  /** Seconds. */
  readonly maxAge: number;
}
