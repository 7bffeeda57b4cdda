import { headerNameMistake, headerValueMistake } from '@causeway/apis/gateway/header-rules';
import { readTemplate } from '@causeway/apis/gateway/template';
import { parseObjectKey } from '@causeway/apis/meta/object';
import type { FilterIR, HeaderChangeIR } from '@causeway/ir/gateway';
import type { View } from '@causeway/resources/view';
import type { ConfigMapOptions } from './config-map.ts';

/** IN-15. */
const REQUEST_ID: HeaderChangeIR = { op: 'set', name: 'X-Request-ID', value: [{ variable: 'req_id' }] };

export interface SharedHeaders {
  /** Before those of the Ingress, which win. */
  readonly filters: readonly FilterIR[];
  readonly mistakes: readonly string[];
}

/**
 * Headers that are the same for every Ingress: `proxy-set-headers`, where an empty value removes one, `hide-headers`, `add-headers`.
 * A ConfigMap with an entry that is no header has no effect at all, so that nobody relies on half of it.
 *
 * Source: IN-10.
 */
export function sharedHeaders(view: View, { configMap }: { readonly configMap: ConfigMapOptions }): SharedHeaders {
  const { requestHeaders, answerHeaders, hiddenHeaders, namesRequests } = configMap;
  const mistakes: string[] = [];
  const read = (option: string, id: string | undefined, variables: boolean): readonly HeaderChangeIR[] => {
    const changes = id === undefined ? [] : changesOf(view, id, variables);
    if (typeof changes !== 'string') return changes;
    mistakes.push(`spec.controller.config.${option}: ConfigMap ${id} ${changes}; no headers are changed`);
    return [];
  };
  const request = [...(namesRequests ? [REQUEST_ID] : []), ...read('proxy-set-headers', requestHeaders, true)];
  const answer = [
    ...hiddenHeaders.map((name): HeaderChangeIR => ({ op: 'remove', name })),
    ...read('add-headers', answerHeaders, false),
  ];
  return {
    filters: [
      ...(request.length === 0 ? [] : [{ type: 'requestHeaders', changes: request } as const]),
      ...(answer.length === 0 ? [] : [{ type: 'responseHeaders', changes: answer } as const]),
    ],
    mistakes,
  };
}

/** @returns a text that says what is wrong */
function changesOf(view: View, id: string, variables: boolean): readonly HeaderChangeIR[] | string {
  const data = view.get('ConfigMap', parseObjectKey(id))?.data;
  if (data === undefined) return view.get('ConfigMap', parseObjectKey(id)) === undefined ? 'not found' : [];
  const changes: HeaderChangeIR[] = [];
  for (const name of Object.keys(data).sort()) {
    const text = data[name] ?? '';
    const mistake = headerNameMistake(name) ?? headerValueMistake(text);
    if (mistake !== undefined) return `: ${mistake}`;
    const value = variables ? readTemplate(text) : [text];
    if (typeof value === 'string') return `: ${name} ${value}`;
    changes.push(text === '' ? { op: 'remove', name } : { op: 'set', name, value });
  }
  return changes;
}

/**
 * Why `custom-headers` of an Ingress has no effect; undefined: it has. Only names that `global-allowed-response-headers` lists may be
 * set (IN-10).
 */
export function customHeadersMistake(
  view: View,
  text: string,
  namespace: string,
  allowed: ReadonlySet<string>,
): string | undefined {
  const key = parseObjectKey(text.includes('/') ? text : `${namespace}/${text}`);
  const names = Object.keys(view.get('ConfigMap', key)?.data ?? {}).sort();
  const refused = names.find((name) => !allowed.has(name.toLowerCase()));
  return refused === undefined
    ? undefined
    : `header ${JSON.stringify(refused)} is not in global-allowed-response-headers of the IngressNginx`;
}
