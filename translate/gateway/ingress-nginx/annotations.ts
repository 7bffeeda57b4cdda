import { isRawConfiguration } from '@causeway/apis/gateway/annotation/alternative';
import { isAbove, riskOf } from '@causeway/apis/gateway/annotation/risk';
import { stricterMistake } from '@causeway/apis/gateway/annotation/strict';
import { ANNOTATION_PREFIX_NGINX } from '@causeway/apis/gateway/labels';
import type { Ingress } from '@causeway/resources/kinds';
import type { View } from '@causeway/resources/view';
import { customHeadersMistake } from './headers.ts';
import type { IngressNginxSettings } from './settings.ts';

export interface JudgedAnnotations {
  /** With the annotations that count, those that the ConfigMap adds among them. */
  readonly ingress: Ingress;
  /** What does not count, and why; with the key. */
  readonly ignored: readonly string[];
  /** Annotations that this IngressNginx does not allow: nothing of the Ingress is served, since they may have protected it. */
  readonly refused: readonly string[];
}

/**
 * The annotations of an Ingress as an IngressNginx takes them: only those of ingress-nginx, read by its stricter rules, and no riskier
 * than it allows; its ConfigMap speaks for those that are absent.
 *
 * Source: IN-08, IN-10, IN-23.
 */
export function judgeAnnotations(view: View, stored: Ingress, settings: IngressNginxSettings): JudgedAnnotations {
  const own = new Map<string, string>();
  const ignored: string[] = [];
  const refused: string[] = [];
  for (const [key, text] of Object.entries(stored.metadata.annotations ?? {})) {
    if (!key.startsWith(ANNOTATION_PREFIX_NGINX)) continue;
    const name = key.slice(ANNOTATION_PREFIX_NGINX.length);
    const mistake = mistakeOf(view, stored, settings, name, text);
    const risk = riskOf(name);
    if (mistake !== undefined) {
      ignored.push(`metadata.annotations[${key}]: Invalid value: ${JSON.stringify(text)}: ${mistake}; ignored`);
    } else if (!isRawConfiguration(name) && isAbove(risk, settings.rules.riskLevel)) {
      refused.push(`metadata.annotations[${key}]: risky annotation (${risk}); the Ingress is not served`);
    } else {
      own.set(name, text);
    }
  }
  const all: Record<string, string> = {};
  const { annotations, securedCode } = settings.configMap;
  for (const [name, value] of Object.entries(annotations)) all[`${ANNOTATION_PREFIX_NGINX}${name}`] = value;
  if (securedCode !== undefined && !own.has('permanent-redirect') && !own.has('temporal-redirect')) {
    all[`${ANNOTATION_PREFIX_NGINX}redirect-code`] = securedCode;
  }
  for (const [name, value] of own) all[`${ANNOTATION_PREFIX_NGINX}${name}`] = value;
  return { ingress: { ...stored, metadata: { ...stored.metadata, annotations: all } }, ignored, refused };
}

function mistakeOf(
  view: View,
  { metadata }: Ingress,
  { configMap }: IngressNginxSettings,
  name: string,
  text: string,
): string | undefined {
  if (text.trim() === '') return undefined;
  if (name === 'custom-headers') {
    return customHeadersMistake(view, text.trim(), metadata.namespace ?? '', configMap.allowedAnswerHeaders);
  }
  return stricterMistake(name, text);
}
