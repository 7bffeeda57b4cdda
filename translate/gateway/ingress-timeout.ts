import { ANNOTATION_PREFIX_ALB_INGRESS, ANNOTATION_PREFIX_NGINX } from '@causeway/apis/gateway/labels';
import type { TimeoutConfig } from '@causeway/apis/gateway/policy-config';
import { keyOf } from '@causeway/apis/meta/object';
import type { Ingress } from '@causeway/resources/kinds';
import type { Problem } from './problem.ts';

const FIELDS = {
  'proxy-connect-timeout': 'proxy_connect_timeout_ms',
  'proxy-send-timeout': 'proxy_send_timeout_ms',
  'proxy-read-timeout': 'proxy_read_timeout_ms',
} as const satisfies Readonly<Record<string, keyof TimeoutConfig>>;

export const TIMEOUT_ANNOTATIONS: readonly string[] = Object.keys(FIELDS);

/** ALB-80. */
const MAX_MS = 4_294_967_295;

/**
 * The timeouts that annotations give one path; undefined when they give none, so that the Rule inherits. For each name
 * the annotation of the path (`index.<rule>-<path>.alb.ingress.cpaas.io/`) wins over ALB's own, that over nginx's; one that
 * cannot be read counts as absent.
 *
 * Source: spec ALB-26, ALB-80.
 */
export function ingressTimeout(ingress: Ingress, ruleIndex: number, pathIndex: number): TimeoutConfig | undefined {
  const annotations = ingress.metadata.annotations;
  if (annotations === undefined) return undefined;
  const prefixes = [
    `index.${ruleIndex}-${pathIndex}.${ANNOTATION_PREFIX_ALB_INGRESS}`,
    ANNOTATION_PREFIX_ALB_INGRESS,
    ANNOTATION_PREFIX_NGINX,
  ];
  const found: { -readonly [K in keyof TimeoutConfig]: TimeoutConfig[K] } = {};
  for (const [name, field] of Object.entries(FIELDS)) {
    for (const prefix of prefixes) {
      const text = annotations[`${prefix}${name}`];
      const ms = text === undefined ? undefined : milliseconds(text);
      if (ms === undefined) continue;
      found[field] = ms;
      break;
    }
  }
  return Object.keys(found).length === 0 ? undefined : found;
}

/** A problem for each timeout annotation that cannot be read. */
export function ingressTimeoutProblems(ingress: Ingress): readonly Problem[] {
  const { annotations = {} } = ingress.metadata;
  return Object.keys(annotations)
    .sort()
    .filter((key) => isTimeout(key) && milliseconds(annotations[key] ?? '') === undefined)
    .map((key) => ({
      object: { kind: 'Ingress', key: keyOf(ingress) },
      reason: 'InvalidField',
      message: `metadata.annotations[${key}]: Invalid value: ${JSON.stringify(annotations[key])}: must be seconds, or a number with s or ms, of at most ${MAX_MS} ms; ignored`,
      severity: 'Warning',
    }));
}

function isTimeout(key: string): boolean {
  const [prefix = '', name = ''] = key.split('/');
  const isOurs =
    `${prefix}/` === ANNOTATION_PREFIX_NGINX ||
    `${prefix.replace(/^index\.[0-9]+-[0-9]+\./, '')}/` === ANNOTATION_PREFIX_ALB_INGRESS;
  return isOurs && name in FIELDS;
}

/** `9`, `1.5s`, `300ms`; undefined for what is none of these, or 0, or too long. */
function milliseconds(text: string): number | undefined {
  const match = /^([0-9]+(?:\.[0-9]+)?)(ms|s)?$/.exec(text.trim());
  if (match === null) return undefined;
  const ms = Math.round(Number(match[1]) * (match[2] === 'ms' ? 1 : 1000));
  return ms > 0 && ms <= MAX_MS ? ms : undefined;
}
