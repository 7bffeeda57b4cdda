import { boolean, integer, object, optional } from '../meta/schema.ts';

/** Beyond ALB: ingress-nginx has it, IN-12. Source: RFC 6797. */
export const hsts = object('Strict-Transport-Security on answers by TLS; false switches off what a higher level set.', {
  enable: boolean('Whether the header is sent.'),
  maxAge: optional(integer('Seconds; default 31536000.', { minimum: 0, maximum: 4_294_967_295, format: 'int64' })),
  includeSubDomains: optional(boolean('Also for names below the host; default true.')),
  preload: optional(boolean('Consent to be in lists of browsers; default false.')),
});
