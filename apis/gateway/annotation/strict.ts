import { AnnotationMistake, type AnnotationType } from './annotation-type.ts';
import { INGRESS_ANNOTATIONS, isIngressAnnotation } from './index.ts';

/** ALB also takes a unit here. */
const PLAIN_SECONDS: ReadonlySet<string> = new Set([
  'proxy-connect-timeout',
  'proxy-next-upstream-timeout',
  'proxy-read-timeout',
  'proxy-send-timeout',
]);

/** What ingress-nginx does not take though an ALB does; undefined: nothing. Source: IN-08. */
export function stricterMistake(name: string, text: string): string | undefined {
  return PLAIN_SECONDS.has(name) && !/^\d+$/.test(text.trim()) ? 'must be seconds, a plain number' : undefined;
}

/** What is wrong with an annotation as ingress-nginx reads it; undefined: nothing, or it is not known. @param name without prefix */
export function ingressNginxMistake(name: string, text: string): string | undefined {
  const trimmed = text.trim();
  if (name === 'backend-protocol' && !/^(HTTPS?|AUTO_HTTP|GRPCS?)?$/i.test(trimmed))
    return 'supported: HTTP, HTTPS, AUTO_HTTP, GRPC, GRPCS';
  if (name === 'rewrite-target' && /[\s;{}]/.test(trimmed))
    return 'must be a path without blanks, braces and semicolons';
  if (trimmed === '' || !isIngressAnnotation(name)) return undefined;
  const stricter = stricterMistake(name, trimmed);
  if (stricter !== undefined) return stricter;
  const read = (INGRESS_ANNOTATIONS[name] as AnnotationType<unknown>).read(trimmed);
  return read instanceof AnnotationMistake ? read.message : undefined;
}
