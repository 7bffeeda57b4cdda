import { AnnotationMistake, type AnnotationType } from '@causeway/apis/gateway/annotation/annotation-type';
import {
  type AnnotationValue,
  INGRESS_ANNOTATIONS,
  type IngressAnnotation,
  isIngressAnnotation,
} from '@causeway/apis/gateway/annotation/index';
import {
  ANNOTATION_PREFIX_ALB_INGRESS,
  ANNOTATION_PREFIX_ALB_MODSECURITY,
  ANNOTATION_PREFIX_NGINX,
} from '@causeway/apis/gateway/labels';
import { keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { Problem } from './problem.ts';
import { annotationName } from './unsupported.ts';

/**
 * The annotations in force for one path of an Ingress: for each name the annotation of the path
 * (`index.<rule>-<path>.alb.ingress.cpaas.io/`) wins over ALB's own, that over nginx's; one that cannot be read counts as absent.
 *
 * Source: spec ALB-26, ALB-27.
 */
export interface IngressReader {
  readonly value: <N extends IngressAnnotation>(name: N) => AnnotationValue<N> | undefined;
  /** Reports whether any of them is written, readable or not. */
  readonly has: (names: readonly IngressAnnotation[]) => boolean;
  /** Of what protects: what is wrong with the first of them that is in force but cannot be read. */
  readonly mistake: (names: readonly IngressAnnotation[]) => string | undefined;
  /** Of the Ingress. */
  readonly namespace: string;
}

/** @returns readers for the paths, or for what all have in common; of an Ingress without such annotations all the same one */
export function ingressReaders(ingress: Ingress): (ruleIndex?: number, pathIndex?: number) => IngressReader {
  const { annotations = {} } = ingress.metadata;
  const written = new Set<string>();
  for (const key of Object.keys(annotations)) {
    const name = annotationName(key);
    if (name !== undefined) written.add(name);
  }
  const namespace = ingress.metadata.namespace ?? '';
  if (written.size === 0) return () => NOTHING;
  return (ruleIndex, pathIndex) => {
    const prefixes = [
      ...(ruleIndex === undefined ? [] : [`index.${ruleIndex}-${pathIndex}.${ANNOTATION_PREFIX_ALB_INGRESS}`]),
      ANNOTATION_PREFIX_ALB_INGRESS,
      ANNOTATION_PREFIX_NGINX,
    ];
    return {
      namespace,
      mistake: (names) => {
        for (const name of names) {
          const key = keysOf(name, prefixes).find((one) => (annotations[one]?.trim() ?? '') !== '');
          const value = key === undefined ? undefined : readAnnotation(name, annotations[key]);
          if (value instanceof AnnotationMistake) return `metadata.annotations[${key}]: ${value.message}`;
        }
        return undefined;
      },
      has: (names) => names.some((name) => written.has(name)),
      value: (name) => {
        if (!written.has(name)) return undefined;
        for (const key of keysOf(name, prefixes)) {
          const value = readAnnotation(name, annotations[key]);
          if (value !== undefined && !(value instanceof AnnotationMistake)) return value;
        }
        return undefined;
      },
    };
  };
}

const NOTHING: IngressReader = { value: () => undefined, has: () => false, mistake: () => undefined, namespace: '' };

const MODSECURITY = 'alb.modsecurity/';

/** Keys of the annotations that give a name its value, those that win first. */
function keysOf(name: IngressAnnotation, prefixes: readonly string[]): readonly string[] {
  return name.startsWith(MODSECURITY)
    ? [`${ANNOTATION_PREFIX_ALB_MODSECURITY}${name.slice(MODSECURITY.length)}`]
    : prefixes.map((prefix) => `${prefix}${name}`);
}

function readAnnotation<N extends IngressAnnotation>(
  name: N,
  text: string | undefined,
): AnnotationValue<N> | AnnotationMistake | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return undefined;
  const type = INGRESS_ANNOTATIONS[name] as AnnotationType<AnnotationValue<N>>;
  return type.read(trimmed);
}

/** A problem for each annotation that cannot be read. */
export function unreadableAnnotations(ingress: Ingress): readonly Problem[] {
  const { annotations = {} } = ingress.metadata;
  return Object.keys(annotations)
    .sort()
    .flatMap((key): Problem[] => {
      const name = annotationName(key);
      if (name === undefined || !isIngressAnnotation(name)) return [];
      const value = readAnnotation(name, annotations[key]);
      if (!(value instanceof AnnotationMistake)) return [];
      const message = `metadata.annotations[${key}]: Invalid value: ${JSON.stringify(annotations[key])}: ${value.message}; ignored`;
      return [
        { object: { kind: 'Ingress', key: keyOf(ingress) }, reason: 'InvalidField', message, severity: 'Warning' },
      ];
    });
}
