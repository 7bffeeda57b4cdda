import { schemaMistake } from '../../meta/schema-mistake.ts';
import { type OtelConfig, otel, otelMistake } from '../otel.ts';
import { readTemplate } from '../template.ts';
import { AnnotationMistake, type AnnotationType, flag } from './annotation-type.ts';

const config: AnnotationType<OtelConfig> = {
  read: (text) => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return new AnnotationMistake('must be JSON');
    }
    const mistake = schemaMistake(otel.json, value, 'otel') ?? otelMistake(value as OtelConfig, 'otel');
    return mistake === undefined ? (value as OtelConfig) : new AnnotationMistake(mistake);
  },
};

const spanName: AnnotationType<string> = {
  read: (text) => {
    const template = readTemplate(text);
    return typeof template === 'string' ? new AnnotationMistake(template) : text;
  },
};

/** Spec ALB-101. The third is how ALB's source spells the second. */
export const TRACING_ANNOTATIONS = {
  'enable-opentelemetry': flag,
  'opentelemetry-trust-incoming-span': flag,
  'opentelemetry-trust-incoming-spans': flag,
  'opentelemetry-operation-name': spanName,
  otel: config,
} as const;
