import { isRawConfiguration } from '@causeway/apis/gateway/annotation/alternative';
import type { AnnotationType } from '@causeway/apis/gateway/annotation/annotation-type';
import { AnnotationMistake } from '@causeway/apis/gateway/annotation/annotation-type';
import { INGRESS_ANNOTATIONS, isIngressAnnotation } from '@causeway/apis/gateway/annotation/index';
import type { ObjectKey } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { IngressReader } from '../../gateway/ingress-reader.ts';
import { annotationName } from '../../gateway/unsupported.ts';
import { annotationField, type Tell } from '../message.ts';
import type { ServiceInventory } from '../service-inventory.ts';
import type { IngressOptions } from './options.ts';

/** One Ingress and what is known around it. */
export interface IngressReading {
  readonly key: ObjectKey;
  readonly ingress: Ingress;
  readonly options: IngressOptions;
  readonly services: ServiceInventory;
  readonly gateway: ObjectKey;
  /** Of what all its paths have in common, or of one of them. */
  readonly reader: (ruleIndex?: number, pathIndex?: number) => IngressReader;
  readonly tell: Tell;
}

/** Names of annotations that some file beside this one reads. */
const CONVERTED: ReadonlySet<string> = new Set([
  ...['proxy-read-timeout', 'proxy-connect-timeout', 'proxy-next-upstream', 'proxy-next-upstream-tries'],
  ...['permanent-redirect', 'permanent-redirect-code', 'temporal-redirect', 'temporal-redirect-code', 'app-root'],
  ...['ssl-redirect', 'force-ssl-redirect', 'redirect-host', 'redirect-port', 'redirect-code', 'server-alias'],
  ...['rewrite-target', 'use-regex', 'x-forwarded-prefix', 'upstream-vhost', 'rewrite-request', 'rewrite-response'],
  ...['enable-cors', 'cors-allow-origin', 'cors-allow-methods', 'cors-allow-headers', 'cors-expose-headers'],
  ...['cors-allow-credentials', 'cors-max-age', 'affinity', 'session-cookie-name', 'session-cookie-max-age'],
  ...['upstream-hash-by', 'load-balance', 'limit-rps', 'limit-rpm', 'proxy-body-size', 'backend-protocol'],
  ...['proxy-ssl-secret', 'proxy-ssl-name', 'proxy-ssl-verify', 'proxy-ssl-server-name', 'ssl-passthrough'],
  ...['canary', 'canary-by-header', 'canary-by-header-value', 'canary-by-header-pattern', 'canary-by-cookie'],
  ...['canary-weight', 'canary-weight-total', 'strict-prefix'],
]);

/** Names of annotations that decide who gets in: access.ts says of each what becomes of it. */
export const PROTECTING: readonly string[] = [
  ...['auth-type', 'auth-secret', 'auth-secret-type', 'auth-url', 'satisfy', 'auth-tls-secret'],
  ...['whitelist-source-range', 'allowlist-source-range', 'denylist-source-range'],
  ...[
    'enable-modsecurity',
    'enable-owasp-core-rules',
    'modsecurity-snippet',
    'alb.modsecurity/use-recommend',
    'alb.modsecurity/cmref',
  ],
];

/** Annotations whose absence changes nothing that a client sees. */
const NEEDLESS: ReadonlySet<string> = new Set([
  ...['http2-push-preload', 'enable-access-log', 'enable-rewrite-log', 'proxy-buffering', 'proxy-buffer-size'],
  ...['proxy-buffers-number', 'proxy-busy-buffers-size', 'proxy-max-temp-file-size', 'client-body-buffer-size'],
  ...['proxy-http-version', 'service-upstream', 'canary-weight-total', 'preserve-trailing-slash'],
]);

/** Tells annotations that cannot be read, and those that nothing here converts. */
export function tellUnconverted({ ingress, tell }: IngressReading): void {
  for (const [key, text] of Object.entries(ingress.metadata.annotations ?? {}).toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    const name = annotationName(key);
    if (name === undefined || NEEDLESS.has(name)) continue;
    const field = annotationField(key);
    if (isRawConfiguration(name)) {
      tell('E510', field, 'configuration of nginx is not converted');
      continue;
    }
    const mistake = mistakeOf(name, text);
    if (PROTECTING.includes(name)) continue;
    if (mistake !== undefined) tell('W509', field, `${mistake}; ignored`);
    else if (!CONVERTED.has(name)) tell('W508', field, 'not converted');
  }
}

/** What is wrong with the text of an annotation; undefined: nothing, or it is not known. */
function mistakeOf(name: string, text: string): string | undefined {
  if (!isIngressAnnotation(name) || text.trim() === '') return undefined;
  const read = (INGRESS_ANNOTATIONS[name] as AnnotationType<unknown>).read(text.trim());
  return read instanceof AnnotationMistake ? read.message : undefined;
}

/** The field of an annotation in messages: the key under which the Ingress has it. */
export function fieldOf({ ingress }: Pick<IngressReading, 'ingress'>, name: string): string {
  const keys = Object.keys(ingress.metadata.annotations ?? {});
  return annotationField(keys.find((key) => annotationName(key) === name) ?? name);
}

/** The text of an annotation under whichever of its keys. */
export function writtenText({ ingress }: Pick<IngressReading, 'ingress'>, name: string): string | undefined {
  return Object.entries(ingress.metadata.annotations ?? {}).find(([key]) => annotationName(key) === name)?.[1];
}
