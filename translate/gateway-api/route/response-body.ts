import type { ResponseBody } from '@causeway/apis/envoy-gateway/response-body';
import { objectKeyText } from '@causeway/apis/meta/object';
import type { View } from '@causeway/resources/view';

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
