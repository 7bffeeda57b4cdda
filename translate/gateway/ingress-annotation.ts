import { AFFINITY_ANNOTATIONS } from '@causeway/apis/gateway/annotation/affinity';
import { isRawConfiguration } from '@causeway/apis/gateway/annotation/alternative';
import { CANARY_ANNOTATIONS } from '@causeway/apis/gateway/annotation/canary';
import {
  ANNOTATION_PREFIX_ALB_INGRESS,
  ANNOTATION_PREFIX_NGINX,
  ANNOTATION_PRIORITY_PREFIX,
} from '@causeway/apis/gateway/labels';
import { keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import { FEATURE_ANNOTATIONS, FEATURE_ANNOTATIONS_BY_PATH } from './ingress-feature.ts';
import { firewallProblems } from './ingress-firewall.ts';
import { unreadableAnnotations } from './ingress-reader.ts';
import type { Problem } from './problem.ts';
import { snippetProblems } from './snippet.ts';
import { annotationName } from './unsupported.ts';

const ANNOTATION_STRICT_PREFIX = `${ANNOTATION_PREFIX_ALB_INGRESS}strict-prefix`;

/** Priority of the Rule of a path: absent, 0 or not a number: 5 (spec ALB-19). */
export function priorityOf(ingress: Ingress, ruleIndex: number, pathIndex: number): number {
  const text = ingress.metadata.annotations?.[`${ANNOTATION_PRIORITY_PREFIX}${ruleIndex}-${pathIndex}`] ?? '';
  const priority = /^[+-]?[0-9]+$/.test(text.trim()) ? Number(text) : 0;
  return priority === 0 ? 5 : Math.min(1000, Math.max(-100, priority));
}

/**
 * Annotation `backend-protocol` as backendProtocol of a Rule; '' when absent.
 *
 * @param side what clients of the port speak, where AUTO_HTTP means that; ALBs refuse it
 */
export function backendProtocolOf(
  ingress: Ingress,
  side?: 'http' | 'https',
): { readonly protocol: string } | { readonly problem: Problem } {
  const key = `${ANNOTATION_PREFIX_NGINX}backend-protocol`;
  const text = ingress.metadata.annotations?.[key] ?? '';
  const name = text.trim().toUpperCase();
  const protocol = name === 'AUTO_HTTP' ? side : PROTOCOLS[name];
  return protocol === undefined
    ? {
        problem: {
          object: { kind: 'Ingress', key: keyOf(ingress) },
          reason: 'InvalidField',
          message: `metadata.annotations[${key}]: Unsupported value: ${JSON.stringify(text)}; its paths are not served`,
          severity: 'Warning',
        },
      }
    : { protocol };
}

const PROTOCOLS: Readonly<Record<string, string | undefined>> = {
  '': '',
  HTTP: 'http',
  HTTPS: 'https',
  GRPC: 'grpc',
  GRPCS: 'grpcs',
};

/** Annotation `alb.ingress.cpaas.io/strict-prefix`: paths of type Prefix are compared element by element (ALB-22). */
export function hasStrictPrefix(ingress: Ingress): boolean {
  return ingress.metadata.annotations?.[ANNOTATION_STRICT_PREFIX]?.trim() === 'true';
}

function strictPrefixProblems(ingress: Ingress): readonly Problem[] {
  const text = ingress.metadata.annotations?.[ANNOTATION_STRICT_PREFIX]?.trim() ?? '';
  if (['', 'true', 'false'].includes(text)) return [];
  const message = `metadata.annotations[${ANNOTATION_STRICT_PREFIX}]: Unsupported value: ${JSON.stringify(text)}: supported values: "true", "false"; ignored`;
  return [{ object: { kind: 'Ingress', key: keyOf(ingress) }, reason: 'InvalidField', message, severity: 'Warning' }];
}

const SERVED: ReadonlySet<string> = new Set([
  ...Object.keys(CANARY_ANNOTATIONS),
  ...Object.keys(AFFINITY_ANNOTATIONS),
  'ports',
  'ssl-passthrough',
  'backend-protocol',
  'session-affinity-policy',
  'session-affinity-attribute',
  'strict-prefix',
]);

function isServed(key: string, name: string): boolean {
  if (key.startsWith('index.')) return FEATURE_ANNOTATIONS_BY_PATH.has(name);
  return SERVED.has(name) || FEATURE_ANNOTATIONS.has(name);
}

const NOTHING: ReadonlySet<string> = new Set();

/**
 * Annotations of the Ingress families, sorted, that have no effect in this version; raw configuration is told apart.
 *
 * @param also names that have an effect where it is asked for
 */
export function unservedAnnotations(ingress: Ingress, also: ReadonlySet<string> = NOTHING): readonly string[] {
  return Object.keys(ingress.metadata.annotations ?? {})
    .sort()
    .filter((key) => {
      const name = annotationName(key);
      return name !== undefined && !isServed(key, name) && !also.has(name) && !isRawConfiguration(name);
    });
}

/** What is wrong with annotations, and one problem for all of the Ingress families that have no effect in this version. */
export function annotationProblems(ingress: Ingress, also: ReadonlySet<string> = NOTHING): readonly Problem[] {
  const ignored = unservedAnnotations(ingress, also);
  const problem = (message: string): Problem => ({
    object: { kind: 'Ingress', key: keyOf(ingress) },
    reason: 'UnsupportedFeature',
    message,
    severity: 'Warning',
  });
  return [
    ...strictPrefixProblems(ingress),
    ...unreadableAnnotations(ingress),
    ...snippetProblems(ingress),
    ...firewallProblems(ingress),
    ...(ignored.length > 0 ? [problem(`annotations not served by this version, ignored: ${ignored.join(', ')}`)] : []),
  ];
}
