import { readTemplate } from '../template.ts';
import { AnnotationMistake, type AnnotationType, flag } from './annotation-type.ts';

const template: AnnotationType<string> = {
  read: (text) => {
    const parts = readTemplate(text);
    return typeof parts === 'string' ? new AnnotationMistake(parts) : text;
  },
};

/** Rules travel as they are: broken ones close what they should protect, which only the Rule's translation can do. */
const rules: AnnotationType<string> = { read: (text) => text };

const CONFIG_MAP_KEY = /^[a-z0-9][-a-z0-9]*\/[a-z0-9][-.a-z0-9]*#[-._a-zA-Z0-9]+$/;

const configMapKey: AnnotationType<string> = {
  read: (text) =>
    CONFIG_MAP_KEY.test(text) ? text : new AnnotationMistake('must be "namespace/name#key" of a ConfigMap'),
};

/** Spec ALB 5.6, 5.7, ALB-96. */
export const FIREWALL_ANNOTATIONS = {
  'enable-modsecurity': flag,
  'enable-owasp-core-rules': flag,
  'modsecurity-transaction-id': template,
  'modsecurity-snippet': rules,
  'alb.modsecurity/use-recommend': flag,
  'alb.modsecurity/cmref': configMapKey,
} as const;
