import { readHeaderRules } from '../header-rules.ts';
import { isHostHeader } from '../host.ts';
import { AnnotationMistake, type AnnotationType, differing, text } from './annotation-type.ts';

const host: AnnotationType<string> = {
  read: (value) => (isHostHeader(value) ? value : new AnnotationMistake('must be a host, with or without port')),
};

/** Checked here, carried on as text: the Rule has it as an annotation too (spec ALB-78). */
function headerRules(direction: 'request' | 'response'): AnnotationType<string> {
  return {
    read: (value) => {
      const rules = readHeaderRules(value, direction);
      return typeof rules === 'string' ? new AnnotationMistake(rules) : value;
    },
  };
}

export const HEADER_ANNOTATIONS = {
  'upstream-vhost': host,
  'connection-proxy-header': text(/^[A-Za-z0-9-]+( *, *[A-Za-z0-9-]+)*$/, 'names between commas', 256),
  'custom-headers': differing(
    text(/^([a-z0-9][-a-z0-9]*\/)?[a-z0-9][-.a-z0-9]*$/, '"name" or "namespace/name" of a ConfigMap'),
    'without the ConfigMap answers have none of its headers, where ingress-nginx answers 503',
  ),
  'rewrite-request': headerRules('request'),
  'rewrite-response': headerRules('response'),
} as const;
