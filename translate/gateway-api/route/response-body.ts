import type { ResponseBody } from '@causeway/apis/envoy-gateway/response-body';
import type { HeaderField } from '@causeway/apis/gateway-api/header-modifier';
import { objectKeyText } from '@causeway/apis/meta/object';
import type { ContentIR, TemplateIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import { parseOperators } from '../operator-text.ts';

const KEY = 'response.body';
/** It is part of the configuration of every worker. */
const MOST_BYTES = 65_536;

/** Text of an answer. Source: Envoy Gateway v1.7, CustomResponseBody. */
export function responseText(
  view: View,
  namespace: string,
  { inline, valueRef }: ResponseBody,
): string | { readonly mistake: string } {
  const text = valueRef === undefined ? (inline ?? '') : textOf(view, { namespace, name: valueRef.name });
  if (typeof text !== 'string') return text;
  if (Buffer.byteLength(text) > MOST_BYTES) return { mistake: `must have at most ${MOST_BYTES} bytes` };
  return text;
}

/** Headers of an answer of ours. @returns text: what is wrong */
export function answerHeaders(headers: readonly HeaderField[]): NonNullable<ContentIR['headers']> | string {
  const made: { readonly name: string; readonly value: TemplateIR }[] = [];
  for (const { name, value } of headers) {
    const parsed = parseOperators(value, 'answer');
    if (typeof parsed === 'string') return `${name}: ${parsed}`;
    made.push({ name, value: parsed });
  }
  return made;
}

function textOf(
  view: View,
  key: { readonly namespace: string; readonly name: string },
): string | { readonly mistake: string } {
  const found = view.get('ConfigMap', key);
  if (found === undefined) return { mistake: `ConfigMap ${objectKeyText(key)} not found` };
  const values = Object.values(found.data ?? {});
  const text = found.data?.[KEY] ?? (values.length === 1 ? values[0] : undefined);
  return text ?? { mistake: `ConfigMap ${objectKeyText(key)} has no key ${KEY}` };
}
